package pipeline

import (
	"context"
	"math"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/cache"
	"codegraph/internal/parallel"
	"codegraph/internal/pose"
	"codegraph/internal/spill"
	"codegraph/internal/token"
)

// alignSize is about the input side, in pixels, at which poses are estimated.
const alignSize = 224

// poses are how the items of a batch have to be rotated to lie alike.
type poses struct {
	angles    []float64      // by item, radians; all 0 if rotating does not pay
	alignment *Alignment     // nil: not estimated
	template  *pose.Template // for later images; nil if not asked for, or not rotated
}

// align estimates how the parts are rotated, and keeps the angles if rotating
// them alike pays. Items that cannot be read are left for Embed to report.
func align(ctx context.Context, items []Item, template bool, c *Cache, o Options) (*poses, error) {
	out := &poses{angles: make([]float64, len(items))}
	if o.Align == AlignOff {
		return out, nil
	}
	done := 0
	v, err := LoadViews(ctx, items, o, func() {
		done++
		o.Progress.Report(PhaseAlign, done, len(items))
	})
	if err != nil {
		return nil, err
	}
	defer v.Close()
	read := v.Readable()
	view := func(ctx context.Context, k int, angle float64) (backbone.Map, error) {
		return v.View(ctx, read[k], angle)
	}
	estimate, err := c.poses(v.keys(read), func() (*pose.Poses, error) {
		return pose.Estimate(ctx, len(read), o.Threads, view)
	})
	if err != nil {
		return nil, err
	}
	applied := o.Align != AlignAuto || estimate.Worthwhile()
	out.alignment = &Alignment{Before: estimate.Before, After: estimate.After, Applied: applied}
	if !applied {
		return out, nil
	}
	for k, i := range read {
		out.angles[i] = estimate.Angles[k]
	}
	if template && len(read) > 0 {
		out.template, err = pose.NewTemplate(ctx, len(read), o.Threads, view, estimate.Angles)
	}
	return out, err
}

// Views are images at the small size at which poses are estimated and the
// images of a gallery are chosen.
type Views struct {
	opts  Options
	size  int         // side, pixels
	small [][]float32 // by item, input tensors; nil for what cannot be read
	files [][32]byte  // by item, digests
	disk  *spill.File // where the tensors live; nil: in memory
}

// newViews makes room for n images.
func newViews(n int, o Options) *Views {
	info := o.Backbone.Info()
	size := max(1, alignSize/info.Multiple) * info.Multiple
	if info.Fixed {
		size = info.Size
	}
	return &Views{opts: o, size: size, small: make([][]float32, n), files: make([][32]byte, n)}
}

// viewsBytes is the memory of the views of n images, about: none where that
// would be more than a quarter of what a run may take, and they go to disk.
func viewsBytes(n int, o Options) int64 {
	if b := int64(n) * 4 * 3 * alignSize * alignSize; o.MaxMemory <= 0 || b <= o.MaxMemory/4 {
		return b
	}
	return 0
}

// Close releases views on disk, which cannot be used afterwards.
func (v *Views) Close() error {
	if v.disk == nil {
		return nil
	}
	clear(v.small)
	return v.disk.Close()
}

// keep takes the tensor of item i.
func (v *Views) keep(i int, tensor []float32) {
	if v.disk != nil {
		own := v.disk.Values()[i*len(tensor):][:len(tensor):len(tensor)]
		copy(own, tensor)
		tensor = own
	}
	v.small[i] = tensor
}

// LoadViews reads all items; done is called for each, on one goroutine at a
// time. The views must be closed.
func LoadViews(ctx context.Context, items []Item, o Options, done func()) (*Views, error) {
	v := newViews(len(items), o)
	var err error
	if len(items) > 0 && viewsBytes(len(items), o) == 0 {
		if v.disk, err = spill.New(o.SpillDir, "small images", len(items)*3*v.size*v.size); err != nil {
			return nil, err
		}
	}
	err = parallel.Do(ctx, len(items), o.Threads, func(i int) error {
		if tensor, digest, err := v.read(ctx, items[i]); err == nil {
			v.files[i] = digest
			v.keep(i, tensor)
		}
		return ctx.Err()
	}, done)
	if err != nil {
		v.Close()
		return nil, err
	}
	return v, nil
}

// Readable lists, by their places in the list of items, those that could be
// read.
func (v *Views) Readable() (read []int) {
	for i, t := range v.small {
		if t != nil {
			read = append(read, i)
		}
	}
	return read
}

// keys are the keys of the features of the items named.
func (v *Views) keys(items []int) []cache.Key {
	keys := make([]cache.Key, len(items))
	for k, i := range items {
		keys[k] = imageKey(v.opts, v.files[i], v.size, 0)
	}
	return keys
}

// read makes the input tensor of an item.
func (v *Views) read(ctx context.Context, item Item) (tensor []float32, digest [32]byte, err error) {
	p, err := imageset.Load(ctx, item.Item, imageset.Limits{MaxPixels: v.opts.MaxPixels})
	if err != nil {
		return nil, digest, err
	}
	info := v.opts.Backbone.Info()
	return p.Tensor(v.size, v.size, filterOf(info), info.Mean, info.Std), p.Digest, nil
}

// View embeds item i rotated by angle (radians): the normalised deepest layer on
// a grid of pose.Grid × pose.Grid patches.
func (v *Views) View(ctx context.Context, i int, angle float64) (backbone.Map, error) {
	tensor := v.small[i]
	if angle != 0 {
		tensor = imageset.Turn(tensor, v.size, angle)
	}
	return v.embed(ctx, tensor)
}

func (v *Views) embed(ctx context.Context, tensor []float32) (backbone.Map, error) {
	f, err := v.opts.Backbone.Forward(ctx, tensor, v.size, v.size)
	if err != nil {
		return backbone.Map{}, err
	}
	m := token.Resample(f.Layers[len(f.Layers)-1], pose.Grid, pose.Grid)
	token.Normalize(m)
	return m, nil
}

// EachView embeds the small views of all items as they lie, one after the
// other: each is forgotten once use has seen it. An item that cannot be read
// gets the error; use is called concurrently.
func EachView(ctx context.Context, items []Item, o Options, use func(i int, m backbone.Map, err error), done func()) error {
	v := newViews(0, o)
	return parallel.Do(ctx, len(items), o.Threads, func(i int) error {
		tensor, _, err := v.read(ctx, items[i])
		if err != nil {
			use(i, backbone.Map{}, err)
			return ctx.Err()
		}
		m, err := v.embed(ctx, tensor)
		if err == nil {
			use(i, m, nil)
		}
		return err
	}, done)
}

// maskPadding takes the patches out of the comparison that lie in the padding
// of a rotated image: they score 0, and their distances are 0.
func maskPadding(b *Batch, d *Distances) {
	for i, im := range b.Images {
		for p, padding := range pose.Padding(b.Tokens.H, b.Tokens.W, im.Angle) {
			if padding {
				clear(d.Table.Row(i, p))
				d.Table.Row(i, p)[i] = float32(math.Inf(1))
				d.MuSc[i][p] = 0
			}
		}
	}
}
