package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"regexp"

	"codegraph"
	"codegraph/internal/cache"
	"codegraph/internal/eval/beds"
)

// collectBeds keeps the distances of beds.
func collectBeds(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("beds", flag.ExitOnError)
	out := flags.String("out", "tables", "folder")
	data := flags.String("data", "../shared/data", "folder of the photographs")
	kept := flags.String("cache", "", "folder of the cache; default: the user's")
	name := flags.String("name", "", "only beds whose name matches this regular expression")
	split := flags.String("split", "tuning", "tuning or held-out")
	every := flags.Int("every", 1, "only every n-th of them")
	network := flags.String("backbone", "", networkFlag)
	threads := flags.Int("threads", 1, "beds at a time")
	flags.Parse(args)
	match, err := regexp.Compile(*name)
	if err != nil {
		return err
	}
	dir, err := cache.Open(*kept, 0)
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
	var chosen []beds.Bed
	n := 0
	for _, b := range beds.All() {
		if string(b.Split) != *split || !match.MatchString(b.Name) {
			continue
		}
		if _, err := os.Stat(file(&b)); n%*every == 0 && err != nil {
			chosen = append(chosen, b)
		}
		n++
	}
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
