package main

import (
	"context"
	"flag"
	"fmt"
	"image"
	"log"
	"os"
	"path/filepath"
	"strings"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/eval/synth"
)

// collect keeps the distances of folders and rendered batches.
func collect(ctx context.Context, args []string) error {
	flags := flag.NewFlagSet("folder", flag.ExitOnError)
	out := flags.String("out", "tables", "folder")
	size := flags.Int("size", 0, "input side in pixels; 0: the network's")
	grid := flags.Int("grid", 0, "patches a side; 0: the network's")
	threads := flags.Int("threads", 1, "number of threads")
	network := flags.String("backbone", "", networkFlag)
	align := flags.String("align", "", "auto, on or off")
	suffix := flags.String("suffix", "", "of the names of files")
	flags.Parse(args)
	if err := os.MkdirAll(*out, 0o777); err != nil {
		return err
	}
	net, err := open(*network)
	if err != nil {
		return err
	}
	for _, spec := range flags.Args() {
		name := strings.NewReplacer("/", "_", " ", "_").Replace(strings.Trim(spec, "/."))
		file := filepath.Join(*out, name+*suffix+".tab")
		if _, err := os.Stat(file); err == nil {
			continue
		}
		set, err := images(ctx, spec)
		if err != nil {
			return err
		}
		opts := codegraph.Options{Backbone: net, Size: *size, Grid: *grid, Align: codegraph.Align(*align), Threads: *threads, KeepIntermediates: true}
		r, err := codegraph.Detect(ctx, set, opts)
		if err != nil {
			return err
		}
		if err := keep(file, name, r); err != nil {
			return err
		}
		log.Printf("%s: %d images", name, len(r.Images))
	}
	return nil
}

func keep(file, name string, r *codegraph.Result) error {
	t := r.Intermediates.Table
	b := &batch{Name: name, N: t.N, H: r.GridH, W: r.GridW}
	for _, im := range r.Images {
		b.Images = append(b.Images, im.Item.Name)
	}
	return b.save(file, t)
}

// images are those of a folder, or rendered: kind/good/rare/recurring/variant/seed/size.
func images(ctx context.Context, spec string) (imageset.Set, error) {
	var c synth.Config
	var kind string
	if n, _ := fmt.Sscanf(strings.ReplaceAll(spec, "/", " "), "%s %d %d %d %g %d %d", &kind, &c.Good, &c.Rare, &c.Recurring, &c.VariantShare, &c.Seed, &c.Size); n == 7 {
		c.Kind, c.Threads = synth.Kind(kind), 2
		samples, err := synth.Render(ctx, c)
		if err != nil {
			return nil, err
		}
		var names []string
		var pictures []image.Image
		for _, s := range samples {
			name := strings.TrimPrefix(s.Name, "test/")
			if s.Variant > 0 {
				name = strings.Replace(name, "/", "/variant", 1)
			}
			names, pictures = append(names, name), append(pictures, s.Image)
		}
		return imageset.FromImages(names, pictures)
	}
	set, problems, err := imageset.Walk(ctx, []string{spec})
	for _, p := range problems {
		log.Print(p)
	}
	return set, err
}
