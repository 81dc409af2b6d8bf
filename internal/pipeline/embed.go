package pipeline

import (
	"context"
	"errors"
	"fmt"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/cache"
	"codegraph/internal/token"
)

// batch is what the images become.
type batch struct {
	images  []Image
	keys    []cache.Key
	tokens  *token.Store
	class   [][]float32 // class tokens, if images are ranked by them
	skipped []imageset.Problem
}

// noImages is the error for a batch of which no image can be read.
func noImages(items imageset.Set, skipped []imageset.Problem) error {
	if len(items) == 0 {
		return errors.New("there are no images; name a folder that holds PNG, JPEG, BMP, TIFF or WebP files")
	}
	return fmt.Errorf("none of the %d images can be read: %w", len(items), skipped[0])
}

// embedder turns items into tokens.
type embedder struct {
	opts    Options
	items   imageset.Set
	scored  int // items, the first ones; the others are references
	turns   []float64
	kept    *kept
	keys    []cache.Key // of the features
	images  []Image
	class   [][]float32
	digests [][32]byte
	errs    []error
	store   *token.Store
	done    int
}

// embed reads every item, turns it and embeds it. plan is called once, when
// the shape of the tokens is known from the first image.
func embed(ctx context.Context, items imageset.Set, scored int, turns []float64, kept *kept, opts Options, plan func(*token.Store) error) (*batch, error) {
	e := &embedder{
		opts: opts, items: items, scored: scored, turns: turns, kept: kept, keys: make([]cache.Key, len(items)), images: make([]Image, len(items)), class: make([][]float32, len(items)),
		digests: make([][32]byte, len(items)), errs: make([]error, len(items)),
	}
	b, err := e.all(ctx, plan)
	if err != nil && e.store != nil {
		e.store.Close()
	}
	return b, err
}

func (e *embedder) all(ctx context.Context, plan func(*token.Store) error) (*batch, error) {
	first := 0
	for ; first < len(e.items) && e.store == nil; first++ {
		if err := e.one(ctx, first); err != nil {
			return nil, err
		}
		e.progress()
	}
	if e.store != nil {
		if err := plan(e.store); err != nil {
			return nil, err
		}
	}
	rest := func(k int) error { return e.one(ctx, first+k) }
	if err := forEach(ctx, len(e.items)-first, e.opts.Threads, rest, e.progress); err != nil {
		return nil, err
	}
	return e.batch()
}

// one embeds item i. An error it returns ends the run; what is wrong with the
// image alone goes to errs.
func (e *embedder) one(ctx context.Context, i int) error {
	err := e.read(ctx, i)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && e.opts.Strict {
		return imageset.Problem{Name: e.items[i].Name, Err: err}
	}
	e.errs[i] = err
	return nil
}

func (e *embedder) progress() {
	e.done++
	e.opts.Progress.Report(PhaseEmbed, e.done, len(e.items))
}

func (e *embedder) read(ctx context.Context, i int) error {
	p, err := imageset.Load(ctx, e.items[i], imageset.Limits{MaxPixels: e.opts.MaxPixels})
	if err != nil {
		return err
	}
	f, err := e.features(ctx, p, i)
	if err != nil {
		return err
	}
	if e.store == nil { // the first image, before the others start
		h, w := e.opts.Grid, e.opts.Grid
		if h == 0 {
			h, w = f.Layers[0].H, f.Layers[0].W
		}
		e.store = token.NewStore(len(e.items), len(f.Layers), h, w, e.opts.Radii)
	}
	e.images[i] = Image{Item: e.items[i], Width: p.Width, Height: p.Height, Turn: e.turns[i], Family: -1, Warnings: p.Warnings, Base: true, reference: i >= e.scored}
	e.digests[i] = p.Digest
	if e.opts.Rerank == RerankRsCIN {
		e.class[i] = f.Class
	}
	return e.store.Add(i, f)
}

// features embeds item i, or finds in the cache what that gave before.
func (e *embedder) features(ctx context.Context, p *imageset.Picture, i int) (*backbone.Features, error) {
	info, size, turn := e.opts.Backbone.Info(), e.opts.Size, e.turns[i]
	key := imageKey(e.opts, p.Digest, size, turn)
	e.keys[i] = key
	if f, ok := e.kept.features(key); ok {
		return f, nil
	}
	tensor := p.Tensor(size, size, filterOf(info), info.Mean, info.Std)
	if turn != 0 {
		tensor = imageset.Turn(tensor, size, turn)
	}
	f, err := e.opts.Backbone.Forward(ctx, tensor, size, size)
	if err == nil {
		e.kept.putFeatures(key, f)
	}
	return f, err
}

// batch leaves out what could not be read.
func (e *embedder) batch() (*batch, error) {
	b := &batch{tokens: e.store}
	var keep []int
	var digests [][32]byte
	for i, err := range e.errs {
		if err != nil {
			b.skipped = append(b.skipped, imageset.Problem{Name: e.items[i].Name, Err: err})
			continue
		}
		keep = append(keep, i)
		b.images, b.keys = append(b.images, e.images[i]), append(b.keys, e.keys[i])
		digests, b.class = append(digests, e.digests[i]), append(b.class, e.class[i])
	}
	switch {
	case len(keep) == 0 || keep[0] >= e.scored:
		return nil, noImages(e.items[:e.scored], b.skipped)
	case len(keep) == 1:
		return nil, fmt.Errorf("%q is the only image; images are judged by comparison, so give at least 2, better 20, of the same kind of part", b.images[0].Item.Name)
	}
	b.tokens.Keep(keep)
	for _, group := range imageset.Duplicates(digests) {
		for _, i := range group[1:] {
			b.images[i].Warnings = append(b.images[i].Warnings, fmt.Sprintf("is the same file as %s", b.images[group[0]].Item.Name))
		}
	}
	return b, nil
}

// filterOf is what images are resized with for a backbone.
func filterOf(info backbone.Info) imageset.Filter {
	if info.Bilinear {
		return imageset.Bilinear
	}
	return imageset.Bicubic
}
