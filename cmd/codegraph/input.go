package main

import (
	"context"
	"errors"
	"fmt"
	"image"
	_ "image/jpeg" // register the decoders
	_ "image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"codegraph/imageset"
	"codegraph/report"
)

// defaultMaxPixels bounds a decoded image where --max-pixels does not.
const defaultMaxPixels = 256 << 20

// walkFiles lists the PNG and JPEG files below roots, in order of their
// names. Hidden files and folders are passed over.
func walkFiles(ctx context.Context, roots []string) (imageset.Set, []imageset.Problem, error) {
	var set imageset.Set
	var problems []imageset.Problem
	seen := map[string]bool{}
	for _, root := range roots {
		if _, err := os.Stat(root); err != nil {
			return nil, nil, err
		}
		err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			if err != nil {
				problems = append(problems, imageset.Problem{Name: filepath.ToSlash(path), Err: err})
				return nil
			}
			if path != root && strings.HasPrefix(d.Name(), ".") {
				if d.IsDir() {
					return fs.SkipDir
				}
				return nil
			}
			abs, err := filepath.Abs(path)
			if err != nil {
				return err
			}
			if !d.IsDir() && isImage(path) && !seen[abs] {
				seen[abs] = true
				set = append(set, imageset.Item{Name: itemName(root, path, len(roots)), Path: path})
			}
			return nil
		})
		if err != nil {
			return nil, nil, err
		}
	}
	slices.SortFunc(set, func(a, b imageset.Item) int { return strings.Compare(a.Name, b.Name) })
	return set, problems, nil
}

// itemName is relative to the root if there is but one, so that names are
// unique.
func itemName(root, path string, roots int) string {
	if rel, err := filepath.Rel(root, path); err == nil && rel != "." && roots == 1 {
		path = rel
	}
	return filepath.ToSlash(filepath.Clean(path))
}

func isImage(path string) bool {
	switch strings.ToLower(filepath.Ext(path)) {
	case ".png", ".jpg", ".jpeg":
		return true
	}
	return false
}

// loadFiles returns a decoder for files and images in memory.
func loadFiles(maxPixels int64) report.Loader {
	if maxPixels == 0 {
		maxPixels = defaultMaxPixels
	}
	return func(ctx context.Context, item imageset.Item) (image.Image, error) {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		if item.Pixels != nil {
			return item.Pixels, nil
		}
		f, err := os.Open(item.Path)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		config, _, err := image.DecodeConfig(f)
		if err != nil {
			return nil, fmt.Errorf("no readable image: %w", err)
		}
		if int64(config.Width)*int64(config.Height) > maxPixels {
			return nil, fmt.Errorf("%d × %d pixels are more than --max-pixels %d", config.Width, config.Height, maxPixels)
		}
		if _, err := f.Seek(0, 0); err != nil {
			return nil, err
		}
		img, _, err := image.Decode(f)
		if err != nil {
			return nil, fmt.Errorf("no readable image: %w", err)
		}
		if img.Bounds().Empty() {
			return nil, errors.New("no pixels")
		}
		return img, nil
	}
}
