package rehearse

import (
	"context"
	"fmt"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/eval/beds"
)

// Detector scans a batch.
type Detector func(ctx context.Context, images imageset.Set) (*codegraph.Result, error)

// Run rehearses on the photographs and reports. progress, if not nil, is told
// after each batch how many of all are done.
func Run(ctx context.Context, p *Photographs, c Config, detect Detector, progress func(done, total int)) (*Report, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	trials := c.plan(len(p.parts), len(p.defects), p.scale())
	t := newTally(p, c)
	for k, trial := range trials {
		if progress != nil {
			progress(k, len(trials))
		}
		b, err := p.render(ctx, trial, c.Threads)
		if err != nil {
			return nil, fmt.Errorf("rehearse: %w", err)
		}
		res, err := detect(ctx, b.Items())
		if err != nil {
			return nil, fmt.Errorf("rehearse: batch %d: %w", k+1, err)
		}
		if len(res.Images) != len(b.Images) {
			return nil, fmt.Errorf("rehearse: batch %d: %w", k+1, res.Skipped[0])
		}
		o, err := beds.Judge(b.Batch, "", beds.AnswerOf(res), false)
		if err != nil {
			return nil, err
		}
		t.add(b, res, o)
	}
	if progress != nil {
		progress(len(trials), len(trials))
	}
	return t.report(), ctx.Err()
}
