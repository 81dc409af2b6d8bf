package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"codegraph"
	"codegraph/internal/cache"
	"codegraph/internal/eval/beds"
)

// collectBeds keeps the distances of beds.
func collectBeds(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("beds", flag.ExitOnError)
	selection := beds.Selection{Split: beds.Tuning, Every: 1}
	selection.AddFlags(flags)
	out := flags.String("out", "tables", "folder")
	data := flags.String("data", "../shared/data", "folder of the photographs")
	cacheDir := flags.String("cache", "", "folder of the cache; default: the user's")
	network := flags.String("backbone", "", networkFlag)
	threads := flags.Int("threads", 1, "beds at a time")
	flags.Parse(args)
	chosen, err := selection.Beds()
	if err != nil {
		return err
	}
	dir, err := cache.Open(*cacheDir, 0)
	if err != nil {
		return err
	}
	o := beds.Options(dir)
	if o.Backbone, err = open(*network); err != nil {
		return err
	}
	if err := os.MkdirAll(*out, 0o777); err != nil {
		return err
	}
	file := func(b *beds.Bed) string { return filepath.Join(*out, b.Name+".tab") }
	chosen = slices.DeleteFunc(chosen, func(b beds.Bed) bool {
		_, err := os.Stat(file(&b))
		return err == nil
	})
	return beds.Open(*data).Each(ctx, chosen, o, *threads, func(b *beds.Batch, res *codegraph.Result) error {
		return newBedBatch(b, res).save(file(&b.Bed), res.Intermediates.Table)
	})
}

// newBedBatch names the images by what was planted into them.
func newBedBatch(b *beds.Batch, res *codegraph.Result) *batch {
	t := res.Intermediates.Table
	out := &batch{Name: b.Name, N: t.N, H: res.GridH, W: res.GridW, Alone: b.DetectableAlone(t)}
	classes := make([]string, t.N)
	for i := range classes {
		classes[i] = "good"
	}
	for _, l := range []struct {
		label beds.Label
		class string
	}{{beds.SharedFeature, "harmless"}, {beds.RareDefect, "rare"}, {beds.SharedDefect, "recurring"}} {
		for _, i := range b.Labelled(l.label) {
			classes[i] = l.class
		}
	}
	for i, c := range classes {
		out.Images = append(out.Images, fmt.Sprintf("%s/%03d", c, i))
	}
	return out
}
