package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/eval/benchmark"
	"codegraph/internal/eval/dataset"
	"codegraph/report"
)

// isCategory reports whether dir is a category in the layout of MVTec AD.
func isCategory(dir string) bool {
	for _, name := range []string{"test", "ground_truth"} {
		if info, err := os.Stat(filepath.Join(dir, name)); err != nil || !info.IsDir() {
			return false
		}
	}
	return true
}

// category reads the test images of a category in the layout of MVTec AD.
func (p *program) category(ctx context.Context, dir string, quiet bool) (*dataset.Category, error) {
	d, err := dataset.Open(dir, dataset.MVTec)
	if err != nil {
		return nil, err
	}
	c, err := d.Category(ctx, d.Categories()[0])
	if err != nil {
		return nil, err
	}
	if !quiet {
		fmt.Fprintf(p.stderr, "%s is in the layout of MVTec AD: its test images are scanned, and judged by its masks\n", oneLine(dir))
	}
	p.warn(c.Warnings, quiet)
	return c, nil
}

// matchMasks finds the masks of images in the folder of the flag; nil without.
func (p *program) matchMasks(ctx context.Context, images imageset.Set, opts scanOptions) (*dataset.Category, error) {
	if opts.Masks == "" {
		return nil, nil
	}
	c, err := dataset.Match(ctx, images, opts.Masks)
	if err != nil {
		return nil, withHint(err, "correct --masks, or leave it out")
	}
	p.warn(c.Warnings, opts.Quiet)
	return c, nil
}

func (p *program) warn(warnings []string, quiet bool) {
	for _, w := range warnings {
		if !quiet {
			fmt.Fprintln(p.stderr, oneLine(w))
		}
	}
}

// outside drops the images below a folder; none for "".
func outside(images imageset.Set, dir string) imageset.Set {
	from, err := filepath.Abs(dir)
	if dir == "" || err != nil {
		return images
	}
	return slices.DeleteFunc(slices.Clone(images), func(it imageset.Item) bool {
		file, err := filepath.Abs(it.Path)
		if err != nil {
			return false
		}
		rel, err := filepath.Rel(from, file)
		return err == nil && filepath.IsLocal(rel)
	})
}

// truthOf is the truth of a report; nil if nothing is known.
func truthOf(c *dataset.Category, res *codegraph.Result) (*report.Truth, error) {
	if c == nil {
		return nil, nil
	}
	return benchmark.FromCategory(c).Truth(res, 0)
}
