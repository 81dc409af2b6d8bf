package main

import (
	"context"

	"codegraph"
	"codegraph/imageset"
	"codegraph/report"
)

// engine is what the commands work with. Tests put a fast one in.
type engine struct {
	// walk finds the images in files and folders.
	walk func(ctx context.Context, roots []string) (imageset.Set, []imageset.Problem, error)
	// load returns a decoder that refuses images of more than maxPixels.
	load   func(maxPixels int64) report.Loader
	detect func(ctx context.Context, images imageset.Set, opts codegraph.Options) (*codegraph.Result, error)
	// open is detect, and keeps the scan open for answers; the session may be nil.
	open func(ctx context.Context, images imageset.Set, opts codegraph.Options) (*codegraph.Result, *codegraph.Session, error)

	// render draws a batch into dir, which it makes. On an error it leaves
	// no half-written file.
	render func(ctx context.Context, spec batchSpec, dir string) ([]sample, error)
}

// builtin is the engine of the program.
var builtin = engine{walk: imageset.Walk, load: loadImages, detect: codegraph.Detect, open: codegraph.Open, render: renderBatch}
