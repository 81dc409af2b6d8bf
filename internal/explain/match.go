package explain

import (
	"context"

	"codegraph/internal/evidence"
	"codegraph/internal/mutual"
	"codegraph/internal/pose"
)

// match fills in which patches of the nearest images patch row of x's image
// matches.
func (e *Explainer) match(ctx context.Context, x *Explanation, row, nearest int) error {
	nearest = max(0, min(nearest, len(x.Vector)))
	questions := make([]evidence.Question, nearest)
	for k := range questions {
		questions[k] = evidence.Question{From: x.Image, Patch: row, To: x.Vector[k].Image}
	}
	o := e.res.Options
	m := evidence.Matcher{
		Tokens:  e.res.Intermediates.Tokens,
		Window:  mutual.Window{H: e.res.GridH, W: e.res.GridW, Radius: o.MatchRadius},
		Valid:   e.res.Intermediates.Valid,
		Threads: o.Threads,
	}
	matches, err := m.Match(ctx, questions)
	if err != nil {
		return err
	}
	for k, y := range matches {
		n := &x.Vector[k]
		n.Patch = pose.ToOriginal(y, e.res.GridH, e.res.GridW, e.res.Images[n.Image].Turn)
	}
	return nil
}
