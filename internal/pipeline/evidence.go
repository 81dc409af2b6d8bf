package pipeline

import (
	"context"

	"codegraph/internal/burnout"
	"codegraph/internal/evidence"
)

// What a result rests on; see package evidence.
type (
	Evidence   = evidence.Evidence
	Model      = evidence.Model
	Vector     = evidence.Vector
	ImageGraph = evidence.ImageGraph
	Community  = evidence.Community
)

// evidence gathers what the result rests on; nil if it was not asked for.
func (r *Run) evidence(ctx context.Context, n Numbering) (*Evidence, error) {
	o, images := r.Options, len(r.Batch.Images)
	if o.Evidence <= 0 || images < 3 {
		return nil, nil
	}
	tokens := r.Batch.Tokens
	b := evidence.Batch{
		Table: r.Distances.Table, Scores: r.Distances.MuSc, Tokens: tokens, Angles: make([]float64, images),
		Window: Window(tokens.H, tokens.W, o), Valid: r.Batch.matched(), Omega: burnout.Omega(images, o.Constants.Omega), Overlap: footprint(o),
		Keep: o.Evidence, Seed: o.Seed, Threads: o.Threads,
	}
	number := make([]int, images)
	for k, im := range r.Batch.Images {
		b.Angles[k], number[k] = im.Angle, n.Image[im.Index]
	}
	e, err := b.Gather(ctx)
	if err != nil {
		return nil, err
	}
	if r.Families != nil {
		e.Graph = b.Graph(r.Families.Graph, r.Families.Finding)
	}
	return e.Numbered(number, n.Images, n.Group), nil
}
