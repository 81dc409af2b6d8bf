package pose

import (
	"context"
	"errors"
	"math"

	"codegraph/backbone"
)

// Template is what the poses of images are estimated from that come after a
// batch was turned alike.
type Template struct {
	Centre []float32   // [C], the batch's mean token
	Turns  [][]float32 // of the first image from its pose on, [coarse][Grid²·C]
	Mean   []float32   // of all images as turned, [Grid²·C]
}

// NewTemplate makes a template of n ≥ 1 images that were turned by angles.
func NewTemplate(ctx context.Context, n, threads int, view View, angles []float64) (*Template, error) {
	if n < 1 || len(angles) != n {
		return nil, errors.New("a template needs images and their angles")
	}
	e := &estimator{n: n, threads: max(1, threads), view: view}
	turned, err := e.views(ctx, n, func(k int) (int, float64) { return k, angles[k] })
	if err != nil {
		return nil, err
	}
	e.centre = mean(turned)
	c := len(e.centre)
	for _, t := range turned {
		for at := 0; at < len(t); at += c {
			e.recentre(t[at : at+c])
		}
	}
	t := &Template{Centre: e.centre, Mean: e.template(turned)}
	t.Turns, err = e.views(ctx, coarse, func(k int) (int, float64) { return 0, angles[0] + 2*math.Pi*float64(k)/coarse })
	return t, err
}

// Angle estimates by how much an image has to be turned to lie like those of
// the template. view returns the image turned by an angle.
func (t *Template) Angle(ctx context.Context, view func(ctx context.Context, angle float64) (backbone.Map, error)) (float64, error) {
	e := &estimator{n: 1, threads: 1, centre: t.Centre, view: func(ctx context.Context, _ int, angle float64) (backbone.Map, error) {
		return view(ctx, angle)
	}}
	upright, err := e.tokens(ctx, 0, 0)
	if err != nil {
		return 0, err
	}
	best, at := math.Inf(-1), 0
	for k, turn := range t.Turns {
		if len(turn) != len(upright) {
			return 0, errShape
		}
		if a := newReference(turn, len(t.Centre)).agree(upright); a > best {
			best, at = a, k
		}
	}
	p := &Poses{Angles: []float64{-2 * math.Pi * float64(at) / coarse}}
	now, err := e.tokens(ctx, 0, p.Angles[0])
	if err != nil {
		return 0, err
	}
	e.now = [][]float32{now}
	mean := newReference(t.Mean, len(t.Centre))
	if err := e.search(ctx, p, 0, mean); err != nil {
		return 0, err
	}
	for _, step := range rounds {
		if err := e.climb(ctx, p, 0, step, mean); err != nil {
			return 0, err
		}
	}
	return -math.Remainder(-p.Angles[0], 2*math.Pi), nil
}
