package pipeline

import (
	"context"
	"math"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/parallel"
	"codegraph/internal/pose"
	"codegraph/internal/token"
)

// poses are how the items of a batch have to be rotated to lie alike.
type poses struct {
	angles    []float64      // by item, radians; all 0 if rotating does not pay
	alignment *Alignment     // nil: not estimated
	template  *pose.Template // for later images; nil if not asked for, or not rotated
	read      *Readings      // of the items; nil: not read yet
}

// align estimates how the parts are rotated, and keeps the angles if rotating
// them alike pays. Items that cannot be read are left for Embed to report.
func align(ctx context.Context, items []Item, template bool, c *Cache, o option.Options) (*poses, error) {
	out := &poses{angles: make([]float64, len(items))}
	if o.Align == option.AlignOff {
		return out, nil
	}
	done := 0
	r, err := ReadAll(ctx, items, o, func() {
		done++
		o.Progress.Report(option.PhaseAlign, done, len(items))
	})
	if err != nil {
		return nil, err
	}
	defer r.CloseViews()
	out.read = r
	read := r.Readable()
	view := func(ctx context.Context, k int, angle float64) (backbone.Map, error) {
		return r.View(ctx, read[k], angle)
	}
	grey := func(k int) []float32 { return r.Grey(read[k]) }
	estimate, err := c.poses(r.keys(read), func() (*pose.Poses, error) {
		return pose.Estimate(ctx, len(read), o.Threads, grey, view)
	})
	if err != nil {
		return nil, err
	}
	applied := o.Align != option.AlignAuto || estimate.Worthwhile()
	out.alignment = &Alignment{Before: estimate.Before, After: estimate.After, Applied: applied}
	if !applied {
		return out, nil
	}
	for k, i := range read {
		out.angles[i] = estimate.Angles[k]
	}
	if template && len(read) > 0 {
		out.template, err = pose.NewTemplate(ctx, len(read), o.Threads, grey, estimate.Angles)
	}
	return out, err
}

// Grey is item i as pose.Grey wants it: the mean of the channels, each value that of
// the pixels that it covers.
func (r *Readings) Grey(i int) []float32 {
	small := r.all[i].small
	out := make([]float32, pose.Side*pose.Side)
	span := func(k, n int) (from, to int) {
		from = k * n / pose.Side
		return from, max(from+1, (k+1)*n/pose.Side)
	}
	for y := range pose.Side {
		top, bottom := span(y, small.H)
		for x := range pose.Side {
			left, right := span(x, small.W)
			sum := 0
			for v := top; v < bottom; v++ {
				for _, c := range small.RGB[3*(v*small.W+left) : 3*(v*small.W+right)] {
					sum += int(c)
				}
			}
			out[y*pose.Side+x] = float32(sum) / float32((bottom-top)*(right-left))
		}
	}
	return out
}

// View embeds item i rotated by angle (radians): the normalised deepest layer on
// a grid of pose.Grid × pose.Grid patches, of the inscribed circle alone.
func (r *Readings) View(ctx context.Context, i int, angle float64) (backbone.Map, error) {
	small, info := r.all[i].small, r.opts.Backbone.Info()
	tensor := small.Tensor(info.Mean, info.Std)
	if angle != 0 {
		tensor = imageset.Turn(tensor, small.W, angle)
	}
	fade(tensor, small.W)
	return embedView(ctx, tensor, small, r.opts)
}

// fade takes a picture to 0, the network's mean colour, outside of the inscribed
// circle: what lies there leaves the picture as it turns.
func fade(tensor []float32, side int) {
	plane, centre := side*side, float64(side-1)/2
	for y := range side {
		for x := range side {
			r := math.Hypot(float64(x)-centre, float64(y)-centre) / (float64(side) / 2)
			w := float32(min(1, max(0, 20*(1.05-r))))
			for c := range 3 {
				tensor[c*plane+y*side+x] *= w
			}
		}
	}
}

func embedView(ctx context.Context, tensor []float32, small *imageset.Scaled, o option.Options) (backbone.Map, error) {
	f, err := o.Backbone.Forward(ctx, tensor, small.H, small.W)
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
func EachView(ctx context.Context, items []Item, o option.Options, use func(i int, m backbone.Map, err error), done func()) error {
	side := viewSide(o)
	return parallel.Do(ctx, len(items), o.Threads, func(i int) error {
		in, err := read(ctx, items[i], side, o)
		if err != nil {
			use(i, backbone.Map{}, err)
			return ctx.Err()
		}
		info := o.Backbone.Info()
		m, err := embedView(ctx, in.small.Tensor(info.Mean, info.Std), in.small, o)
		if err == nil {
			use(i, m, nil)
		}
		return err
	}, done)
}
