package main

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"
)

// disturb does harm until the time is over: each fault once, then by chance.
func (c *client) disturb(ctx context.Context) error {
	faults := []struct {
		name string
		do   func(context.Context) error
	}{
		{"kill -9", c.kill}, {"restart", c.restart}, {"full disk", c.fillDisk}, {"history lost", c.loseHistory},
		{"history cut", c.cutHistory}, {"second server", c.second}, {"full queue", c.fillQueue}, {"kill -9", c.kill}, {"kill -9", c.kill},
	}
	for n := 0; ; n++ {
		pause(ctx, time.Duration(3+c.rng.IntN(7))*time.Second)
		if ctx.Err() != nil {
			return nil
		}
		f := faults[c.rng.IntN(len(faults))]
		if n < len(faults) {
			f = faults[n]
		}
		fmt.Fprintf(c.log, "FAULT %s\n", f.name)
		if err := f.do(ctx); err != nil && ctx.Err() == nil && !errors.Is(err, errDown) {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		c.survived[f.name]++
	}
}

// killThen kills the server, does harm to what it leaves, and starts it.
func (c *client) killThen(ctx context.Context, harm func() error) error {
	err := c.server.end(syscall.SIGKILL)
	c.kills.Add(1)
	if harm != nil {
		c.server.harmed.Store(c.server.starts.Load())
		err = errors.Join(err, harm())
	}
	return errors.Join(err, c.server.start(ctx))
}

func (c *client) kill(ctx context.Context) error { return c.killThen(ctx, nil) }

func (c *client) restart(ctx context.Context) error {
	return errors.Join(c.server.end(syscall.SIGTERM), c.server.start(ctx))
}

// loseHistory takes the database away.
func (c *client) loseHistory(ctx context.Context) error {
	return c.killThen(ctx, func() error {
		files, err := filepath.Glob(filepath.Join(c.data, "history.db*"))
		for _, f := range files {
			err = errors.Join(err, os.Remove(f))
		}
		return err
	})
}

// cutHistory takes the last changes from it, as a damaged write-ahead log does.
func (c *client) cutHistory(ctx context.Context) error {
	return c.killThen(ctx, func() error {
		wal := filepath.Join(c.data, "history.db-wal")
		info, err := os.Stat(wal)
		if err != nil {
			return nil // it was written back
		}
		return os.Truncate(wal, info.Size()/2)
	})
}

func (c *client) second(ctx context.Context) error {
	err := c.server.refuses(ctx)
	c.check(oneServer, err == nil, "%v", err)
	return nil
}

// fillDisk fills the disk for a while, during which the server goes on, is killed and
// starts again.
func (c *client) fillDisk(ctx context.Context) error {
	name := filepath.Join(c.disk, "filler")
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	c.fullUntil.Store(time.Now().Add(time.Hour).UnixNano())
	for size := 1 << 20; size >= 1; size /= 16 {
		for block := make([]byte, size); err == nil; {
			_, err = f.Write(block)
		}
		if errors.Is(err, syscall.ENOSPC) {
			err = nil
		}
	}
	for k := range 20 {
		pause(ctx, 200*time.Millisecond)
		if k == 10 {
			err = errors.Join(err, c.kill(ctx))
		}
		if code, e := c.get(ctx, "/healthz", nil); ctx.Err() == nil {
			c.check(roomMade, code == http.StatusOK, "/healthz on a full disk: %d, %v", code, e)
		}
	}
	err = errors.Join(err, f.Close(), os.Remove(name))
	c.fullUntil.Store(time.Now().Add(5 * time.Second).UnixNano())
	return err
}

// fillQueue asks for more runs than may wait, and cancels them.
func (c *client) fillQueue(ctx context.Context) error {
	if err := errors.Join(c.verify(ctx), c.score(ctx)); err != nil {
		return err
	}
	r := c.pick(isDone)
	if r == nil {
		return nil // the disk was full a moment ago
	}
	asked := len(c.runs)
	full := false
	for range 260 {
		var got accepted
		code, _, err := c.ask(ctx, "POST", "/api/runs/"+r.id+"/again", "", []byte("{}"), &got)
		if err != nil {
			return err
		}
		if full = code == http.StatusServiceUnavailable; full {
			break
		}
		if code == http.StatusAccepted {
			c.owe(&got, r.images)
		}
	}
	c.check(queueLimit, full || c.isFull(), "%d runs were taken, and none was refused", len(c.runs)-asked)
	for _, r := range c.runs[asked:] {
		if _, _, err := c.ask(ctx, "POST", "/api/runs/"+r.id+"/cancel", "", nil, nil); err != nil {
			return err
		}
	}
	return errors.Join(c.list(ctx), c.remove(ctx))
}

// drop puts images into the watched folder, and new ones over old ones. Each is another
// file: a byte after the end of a PNG file shows nothing.
func (c *client) drop(ctx context.Context) error {
	for n := 0; ctx.Err() == nil; n++ {
		var images []photo
		for k, p := range c.choose(watchLeast) {
			data := fmt.Append(nil, string(p.data), n, k)
			images = append(images, photo{fmt.Sprintf("drop-%d-%d.png", n%5, k), data})
			c.dropped = append(c.dropped, sha256.Sum256(data))
		}
		if err := put(c.watch, images); err != nil {
			return err
		}
		pause(ctx, 25*time.Second) // until they are taken, in spite of a full disk
	}
	return nil
}

// verifyDropped looks for the images of the watched folder among those of the runs.
func (c *client) verifyDropped() error {
	there := map[[sha256.Size]byte]bool{}
	err := filepath.WalkDir(filepath.Join(c.data, "inputs"), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		there[sha256.Sum256(data)] = true
		return err
	})
	for _, d := range c.dropped {
		c.check(watched, there[d], "an image of the watched folder is in no run")
	}
	return err
}
