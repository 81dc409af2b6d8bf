package main

import (
	"context"
	"crypto/sha256"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// drop puts images into the watched folder, and new ones over old ones.
func (c *client) drop(ctx context.Context) error {
	for n := 0; ctx.Err() == nil; n++ {
		var images []photo
		for k, p := range batch(c.photos, watchLeast, c.rng) {
			// Each is another file: a byte after the end of a PNG is nothing of its picture.
			images = append(images, photo{fmt.Sprintf("drop-%d-%d.png", n%5, k), append(append([]byte{}, p.data...), fmt.Sprint(n, k)...)})
		}
		if err := put(c.watch, images); err != nil {
			return err
		}
		for _, p := range images {
			c.dropped = append(c.dropped, sha256.Sum256(p.data))
		}
		// Long enough for them to be taken before they are changed, but for a full disk.
		pause(ctx, 25*time.Second)
	}
	return nil
}

// verifyWatched looks for what lies in the folder now among the images that were kept.
func (c *client) verifyWatched(ctx context.Context) error {
	kept := map[[sha256.Size]byte]bool{}
	look := func() error {
		return filepath.WalkDir(filepath.Join(c.data, "inputs"), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			kept[sha256.Sum256(data)] = true
			return err
		})
	}
	missing := 0
	for end := time.Now().Add(time.Minute); ; pause(ctx, time.Second) {
		if err := look(); err != nil {
			return err
		}
		missing = 0
		for _, d := range c.dropped {
			if !kept[d] {
				missing++
			}
		}
		if missing == 0 || time.Now().After(end) {
			break
		}
	}
	c.check(watched, missing == 0 && len(c.dropped) > 0, "%d of %d images of the watched folder are in no run", missing, len(c.dropped))
	return nil
}
