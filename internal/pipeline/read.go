package pipeline

import (
	"context"
	"slices"
	"sync/atomic"

	"codegraph/imageset"
	"codegraph/internal/cache"
	"codegraph/internal/option"
	"codegraph/internal/parallel"
	"codegraph/internal/spill"
)

// alignSize is about the input side, in pixels, at which poses are estimated and
// the images of a gallery are chosen.
const alignSize = 224

// viewSide is the side nearest to alignSize that the network takes.
func viewSide(o option.Options) int {
	info := o.Backbone.Info()
	if info.Fixed {
		return info.Size
	}
	return max(1, alignSize/info.Multiple) * info.Multiple
}

// reading is what one decoding of an item gives to all that need its pixels.
type reading struct {
	width, height int // of the original, in pixels, after orientation
	warnings      []string
	digest        [32]byte         // of what of the file is seen
	small         *imageset.Scaled // at viewSide; nil if not asked for
	input         *imageset.Scaled // at Options.Size; nil if not kept
	bytes         int64            // that decoding took
	kind          string           // of the file; "" for an item in memory
	levels        int              // grey levels that it has
	err           error            // what is wrong with the item
}

// read decodes an item. view is the side of a small copy; 0: none.
func read(ctx context.Context, item Item, view int, o option.Options) (r *reading, err error) {
	err = imageset.Use(ctx, item.Item, decodingLimits(o), func(p *imageset.Picture) error {
		r = newReading(p, item, view, o)
		return nil
	})
	return r, err
}

// decodingLimits: decoding may take five eighths of the memory of a run. The rest
// has the network, and what was decoded before (viewsBytes, ReadAll).
func decodingLimits(o option.Options) imageset.Limits {
	return imageset.Limits{MaxPixels: o.MaxPixels, Memory: o.MaxMemory / 8 * 5}
}

func newReading(p *imageset.Picture, item Item, view int, o option.Options) *reading {
	if o.Seen != nil {
		o.Seen(item.Item, p)
	}
	info := o.Backbone.Info()
	scaled := func(side int) *imageset.Scaled {
		s := p.Scale(side, side, filterOf(info))
		item.ROI.Paint(s, info.Mean)
		return s
	}
	r := &reading{
		width: p.Width, height: p.Height, warnings: slices.Concat(p.Warnings, regionWarning(item.ROI, p)), digest: contentOf(p, item.ROI),
		input: scaled(o.Size), bytes: p.Bytes, kind: p.Kind, levels: p.Levels(),
	}
	if view > 0 {
		r.small = scaled(view)
	}
	return r
}

// maxInputs bounds the bytes of inputs that are kept between estimating poses
// and embedding: a batch of more is read twice.
const maxInputs = 512 << 20

// Readings are the items of a batch, each decoded once: at the small size at
// which poses are estimated, and at the size at which they are embedded as far as
// memory allows.
type Readings struct {
	opts option.Options
	side int         // of the small copies, in pixels
	all  []reading   // by item
	disk *spill.File // where the small copies live; nil: in memory
}

// viewsBytes is the memory of the small copies of n images, about: none where that
// would be more than a quarter of what a run may take, and they go to disk.
func viewsBytes(n int, o option.Options) int64 {
	if b := int64(n) * 3 * alignSize * alignSize; o.MaxMemory <= 0 || b <= o.MaxMemory/4 {
		return b
	}
	return 0
}

// CloseViews forgets the small copies, after which there are no views.
func (r *Readings) CloseViews() error {
	for i := range r.all {
		r.all[i].small = nil
	}
	if r.disk == nil {
		return nil
	}
	return r.disk.Close()
}

// keepView moves the small copy of item i to the disk, where they live there.
func (r *Readings) keepView(i int) {
	if small := r.all[i].small; r.disk != nil {
		n := len(small.RGB)
		own := r.disk.Bytes()[i*n:][:n:n]
		copy(own, small.RGB)
		small.RGB = own
	}
}

// ReadAll reads all items; done is called for each, on one goroutine at a time.
// CloseViews must be called.
func ReadAll(ctx context.Context, items []Item, o option.Options, done func()) (*Readings, error) {
	r := &Readings{opts: o, side: viewSide(o), all: make([]reading, len(items))}
	var err error
	if len(items) > 0 && viewsBytes(len(items), o) == 0 {
		if r.disk, err = spill.New(o.SpillDir, "small images", (len(items)*3*r.side*r.side+3)/4); err != nil {
			return nil, err
		}
	}
	var room atomic.Int64
	room.Store(maxInputs)
	if o.MaxMemory > 0 {
		room.Store(min(maxInputs, o.MaxMemory/8))
	}
	err = parallel.Do(ctx, len(items), o.Threads, func(i int) error {
		in, err := read(ctx, items[i], r.side, o)
		if err != nil {
			r.all[i].err = err
			return ctx.Err()
		}
		if room.Add(-int64(len(in.input.RGB))) < 0 {
			in.input = nil
		}
		r.all[i] = *in
		r.keepView(i)
		return nil
	}, done)
	if err != nil {
		r.CloseViews()
		return nil, err
	}
	return r, nil
}

// Readable lists, by their places in the list of items, those that could be
// read.
func (r *Readings) Readable() (places []int) {
	for i := range r.all {
		if r.all[i].err == nil {
			places = append(places, i)
		}
	}
	return places
}

// keys are the keys of the features of the items named.
func (r *Readings) keys(items []int) []cache.Key {
	keys := make([]cache.Key, len(items))
	for k, i := range items {
		keys[k] = imageKey(r.opts, r.all[i].digest, r.side, 0)
	}
	return keys
}

// bytes is the memory of the inputs.
func (r *Readings) bytes() (n int64) {
	if r == nil {
		return 0
	}
	for i := range r.all {
		if in := r.all[i].input; in != nil {
			n += int64(len(in.RGB))
		}
	}
	return n
}

// take returns what is known of item i, and forgets its pixels; nil if it has
// to be read again.
func (r *Readings) take(i int) *reading {
	if r == nil {
		return nil
	}
	in := r.all[i]
	r.all[i].input = nil
	if in.err == nil && in.input == nil {
		return nil
	}
	return &in
}
