package pipeline

import (
	"context"
	"math"
	"slices"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/anomap"
	"codegraph/internal/cache"
	"codegraph/internal/pose"
	"codegraph/internal/token"
)

// alignSize is about the input side, in pixels, at which poses are estimated.
const alignSize = 224

// align estimates how the parts are turned and keeps the angles if turning
// them alike pays. Images that cannot be read are left for embed to report.
func (d *detector) align(ctx context.Context, items imageset.Set) error {
	d.turns = make([]float64, len(items))
	if d.opts.Align == AlignOff {
		return nil
	}
	a := newAligner(d.opts)
	read, err := a.load(ctx, items)
	if err != nil {
		return err
	}
	poses, err := d.kept.poses(a.keys(read), func() (*pose.Poses, error) {
		return pose.Estimate(ctx, len(read), d.opts.Threads, func(ctx context.Context, k int, angle float64) (backbone.Map, error) {
			return a.view(ctx, read[k], angle)
		})
	})
	if err != nil {
		return err
	}
	d.result.Alignment = &Alignment{Before: poses.Before, After: poses.After}
	if d.opts.Align == AlignAuto && !poses.Worthwhile() {
		return nil
	}
	d.result.Alignment.Applied = true
	for k, i := range read {
		d.turns[i] = poses.Angles[k]
	}
	return nil
}

// aligner makes the views that poses are estimated from.
type aligner struct {
	opts  Options
	size  int
	small [][]float32 // input tensors, nil for what cannot be read
	files [][32]byte  // digests
	quiet bool        // load reports no progress
}

func newAligner(o Options) *aligner {
	multiple := o.Backbone.Info().Multiple
	size := max(1, alignSize/multiple) * multiple
	if info := o.Backbone.Info(); info.Fixed {
		size = info.Size
	}
	return &aligner{opts: o, size: size}
}

// keys are the keys of the features of the items named.
func (a *aligner) keys(items []int) []cache.Key {
	keys := make([]cache.Key, len(items))
	for k, i := range items {
		keys[k] = imageKey(a.opts, a.files[i], a.size, 0)
	}
	return keys
}

// load reads all items and lists those that could be.
func (a *aligner) load(ctx context.Context, items imageset.Set) ([]int, error) {
	a.small, a.files = make([][]float32, len(items)), make([][32]byte, len(items))
	done := 0
	err := forEach(ctx, len(items), a.opts.Threads, func(i int) error {
		if tensor, digest, err := a.read(ctx, items[i]); err == nil {
			a.small[i], a.files[i] = tensor, digest
		}
		return ctx.Err()
	}, func() {
		if done++; a.quiet {
			return
		}
		a.opts.Progress.Report(PhaseAlign, done, len(items))
	})
	var read []int
	for i, t := range a.small {
		if t != nil {
			read = append(read, i)
		}
	}
	return read, err
}

// read makes the input tensor of an item.
func (a *aligner) read(ctx context.Context, item imageset.Item) (tensor []float32, digest [32]byte, err error) {
	p, err := imageset.Load(ctx, item, imageset.Limits{MaxPixels: a.opts.MaxPixels})
	if err != nil {
		return nil, digest, err
	}
	info := a.opts.Backbone.Info()
	return p.Tensor(a.size, a.size, filterOf(info), info.Mean, info.Std), p.Digest, nil
}

// view embeds item i turned by angle.
func (a *aligner) view(ctx context.Context, i int, angle float64) (backbone.Map, error) {
	tensor := a.small[i]
	if angle != 0 {
		tensor = imageset.Turn(tensor, a.size, angle)
	}
	return a.embed(ctx, tensor)
}

// embed returns the deepest layer of the features of a tensor.
func (a *aligner) embed(ctx context.Context, tensor []float32) (backbone.Map, error) {
	f, err := a.opts.Backbone.Forward(ctx, tensor, a.size, a.size)
	if err != nil {
		return backbone.Map{}, err
	}
	m := token.Resample(f.Layers[len(f.Layers)-1], pose.Grid, pose.Grid)
	token.Normalize(m)
	return m, nil
}

// hide takes patches out of the comparison that show nothing of the image,
// because it was turned: they score 0 and are suspicious of nothing.
func (d *detector) hide() {
	r := d.result
	for i := range r.Images {
		if r.Images[i].Turn == 0 {
			continue
		}
		for p := range d.musc[i] {
			if pose.ToOriginal(p, r.GridH, r.GridW, r.Images[i].Turn) < 0 {
				clear(d.table.Row(i, p))
				d.table.Row(i, p)[i] = float32(math.Inf(1))
				d.musc[i][p] = 0
			}
		}
	}
}

// upright returns a map of image i, on the patches as compared, on the
// patches of the image as it is.
func (d *detector) upright(i int, values []float32) []float32 {
	return d.result.unrotate(values, d.result.Images[i].Turn)
}

// unrotate returns scores on the grid of an image that was rotated by angle on
// its original grid.
func (r *Result) unrotate(scores []float32, angle float64) []float32 {
	if angle == 0 {
		return scores
	}
	return anomap.New(scores, r.GridH, r.GridW).Unrotate(angle).Data
}

// uprightMember does the same for the patches of a member, on a grid of h × w.
func uprightMember(m Member, turn float64, h, w int) Member {
	if turn == 0 {
		return m
	}
	out := Member{Image: m.Image, Representative: -1}
	for p := range h * w {
		q := pose.ToRotated(p, h, w, turn)
		if _, guilty := slices.BinarySearch(m.Patches, q); guilty {
			out.Patches = append(out.Patches, p)
			if q == m.Representative {
				out.Representative = p
			}
		}
	}
	if out.Representative < 0 {
		out.Representative = max(0, pose.ToOriginal(m.Representative, h, w, turn))
	}
	return out
}
