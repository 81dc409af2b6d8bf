package pipeline

import (
	"context"
	"errors"
	"fmt"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/cache"
	"codegraph/internal/option"
	"codegraph/internal/parallel"
	"codegraph/internal/token"
)

// Embedded is an item that could be read.
type Embedded struct {
	Item
	Width, Height int     // of the original, in pixels, after orientation
	Angle         float64 // radians, by which it was rotated before it was embedded
	Warnings      []string
	Valid         []bool // patches, as rotated, that are compared, [P]; nil: all

	digest [32]byte  // of what of the file is seen
	key    cache.Key // of the features
	kind   string    // of the file
	levels int       // grey levels
	class  []float32 // class token, if images are ranked by them
}

// Batch holds the items that could be read, in order: all stages that compare
// images know them by their places in Images.
type Batch struct {
	Images  []Embedded
	Regions bool         // some images have a region of interest
	Tokens  *token.Store // nil if nothing could be read
	Skipped []Skipped
	Copies  []Copy // items that show the content of another
	// Repeated counts copies that are compared like any image.
	Repeated int
}

// NoImages is the error for n images of which none can be read.
func NoImages(n int, unread []Skipped) error {
	if n == 0 || len(unread) == 0 {
		return errors.New("there are no images; name a folder that holds PNG, JPEG, BMP, TIFF or WebP files")
	}
	return fmt.Errorf("none of the %d images can be read: %w", n, whyUnread(unread))
}

// whyUnread says what could not be read, and why; the first ten by name.
func whyUnread(unread []Skipped) error {
	err := error(unread[0].Problem())
	for k, s := range unread[1:] {
		if k == 9 {
			return fmt.Errorf("%w; and %d more", err, len(unread)-10)
		}
		err = fmt.Errorf("%w; %w", err, s.Problem())
	}
	return err
}

// Embedding says how items are embedded.
type Embedding struct {
	Angles []float64 // by item, radians
	Read   *Readings // of the items; their pixels are forgotten as they are embedded; nil: the items are read
	Cache  *Cache
	// Store is what the tokens go into, of the size of the items; nil: one is
	// made once the first item shows their shape, and Plan called with it.
	Store    *token.Store
	Plan     func(s *token.Store, decoding int64) error // of so many bytes at a time
	Progress func(done int)                             // called from one goroutine at a time
}

// Embed reads every item, rotates it and embeds it. An item that cannot be read
// is listed in Batch.Skipped; with o.Strict it is an error.
func Embed(ctx context.Context, items []Item, how Embedding, o option.Options) (*Batch, error) {
	e := newEmbedder(items, o)
	e.Embedding = how
	if err := e.all(ctx); err != nil {
		if e.Store != nil && how.Store == nil {
			e.Store.Close()
		}
		return nil, err
	}
	return e.batch(), nil
}

// embedder fills in what becomes of each item, by its place.
type embedder struct {
	Embedding
	opts   option.Options
	items  []Item
	images []Embedded
	errs   []error
	done   int
	first  int64 // bytes that decoding the first of them took
}

func newEmbedder(items []Item, o option.Options) *embedder {
	return &embedder{opts: o, items: items, images: make([]Embedded, len(items)), errs: make([]error, len(items))}
}

func (e *embedder) all(ctx context.Context) error {
	first := 0
	for ; first < len(e.items) && e.Store == nil; first++ {
		if err := e.one(ctx, first); err != nil {
			return err
		}
		e.progress()
		if e.Store != nil {
			if err := e.Plan(e.Store, e.decoding()); err != nil {
				return err
			}
		}
	}
	rest := func(k int) error { return e.one(ctx, first+k) }
	return parallel.Do(ctx, len(e.items)-first, e.opts.Threads, rest, e.progress)
}

// one embeds item i. An error it returns ends the run; what is wrong with the
// image alone goes to errs.
func (e *embedder) one(ctx context.Context, i int) error {
	err := e.read(ctx, i)
	if ctx.Err() != nil {
		return ctx.Err()
	}
	if err != nil && e.opts.Strict {
		return Skipped{e.items[i], err}.Problem()
	}
	e.errs[i] = err
	return nil
}

// decoding is the memory that decoding takes at a time, in bytes, as far as images
// are known: all threads decode one as large as any, within the limit.
func (e *embedder) decoding() int64 {
	most := e.first
	if e.Read != nil {
		for i := range e.Read.all {
			most = max(most, e.Read.all[i].bytes)
		}
	}
	all := most * int64(max(1, e.opts.Threads))
	if limit := decodingLimits(e.opts).Memory; limit > 0 {
		return min(all, limit)
	}
	return min(all, max(most, imageset.DefaultMemory))
}

func (e *embedder) progress() {
	e.done++
	e.Progress(e.done)
}

func (e *embedder) read(ctx context.Context, i int) error {
	in := e.Read.take(i)
	if in == nil {
		var err error
		if in, err = read(ctx, e.items[i], 0, e.opts); err != nil {
			return err
		}
	}
	if in.err != nil {
		return in.err
	}
	key := imageKey(e.opts, in.digest, e.opts.Size, e.Angles[i])
	f, err := features(ctx, e.opts, in.input, e.Angles[i], e.Cache, key)
	if err != nil {
		return err
	}
	if e.Store == nil {
		e.first = in.bytes
		h, w := e.opts.Grid, e.opts.Grid
		if h == 0 {
			h, w = f.Layers[0].H, f.Layers[0].W
		}
		e.Store = token.NewStore(len(e.items), len(f.Layers), h, w, e.opts.Radii)
	}
	valid := validPatches(e.items[i].ROI, e.Store.H, e.Store.W, e.Angles[i])
	if err := checkRegion(e.items[i], valid); err != nil {
		return err
	}
	e.images[i] = Embedded{
		Item: e.items[i], Width: in.width, Height: in.height, Angle: e.Angles[i], Warnings: in.warnings, Valid: valid, digest: in.digest, key: key,
		kind: in.kind, levels: in.levels,
	}
	if e.opts.Rerank == option.RerankRsCIN {
		e.images[i].class = f.Class
	}
	return e.Store.Add(i, f)
}

// features embeds an input, or finds in the cache what that gave before.
func features(ctx context.Context, o option.Options, in *imageset.Scaled, angle float64, c *Cache, key cache.Key) (*backbone.Features, error) {
	if f, ok := c.features(key); ok {
		return f, nil
	}
	info := o.Backbone.Info()
	tensor := in.Tensor(info.Mean, info.Std)
	if angle != 0 {
		tensor = imageset.Turn(tensor, in.W, angle)
	}
	f, err := o.Backbone.Forward(ctx, tensor, in.H, in.W)
	if err == nil {
		c.putFeatures(key, f)
	}
	return f, err
}

// filterOf is what images are resized with for a backbone.
func filterOf(info backbone.Info) imageset.Filter {
	if info.Bilinear {
		return imageset.Bilinear
	}
	return imageset.Bicubic
}

// batch leaves out what could not be read, and copies.
func (e *embedder) batch() *Batch {
	b := &Batch{Tokens: e.Store}
	original, repeated := e.originals()
	b.Repeated = repeated
	var keep []int
	for i, err := range e.errs {
		if err != nil {
			b.Skipped = append(b.Skipped, Skipped{e.items[i], err})
			continue
		}
		if k := original[i]; k != i {
			b.Copies = append(b.Copies, Copy{e.items[i], e.items[k]})
			continue
		}
		keep = append(keep, i)
		b.Images = append(b.Images, e.images[i])
		b.Regions = b.Regions || e.items[i].ROI != nil
	}
	if b.Tokens != nil {
		b.Tokens.Keep(keep)
	}
	return b
}

// check returns an error if the batch is too small to compare anything.
func (b *Batch) check(items []Item) error {
	switch {
	case len(b.Images) == 0 || b.Images[0].Role == RoleReference:
		scored := 0
		for _, it := range items {
			if it.Role == RoleScored {
				scored++
			}
		}
		return NoImages(scored, b.Skipped)
	case len(b.Images) == 1:
		err := fmt.Errorf("%q is the only image; images are judged by comparison, so give at least 2, better 20, of the same kind of part", b.Images[0].Name)
		if len(b.Skipped) > 0 {
			err = fmt.Errorf("%w; not read: %w", err, whyUnread(b.Skipped))
		}
		return err
	}
	return nil
}
