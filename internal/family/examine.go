package family

import (
	"context"

	"codegraph/internal/mutual"
)

// Examine measures a group that is known, by a table and its scores: what Find
// would say of it, whether or not it is found.
func Examine(ctx context.Context, t *mutual.Table, scores [][]float32, images []int, p Params) (Family, error) {
	r, err := newRanking(ctx, t, nil, p.Threads)
	if err != nil {
		return Family{}, err
	}
	v, err := newView(ctx, r, scores, p)
	if err != nil {
		return Family{}, err
	}
	h := newHypothesis(t.N, t.P, images)
	if err := v.measure(ctx, []*hypothesis{h}, true); err != nil {
		return Family{}, err
	}
	return v.family(v.cursor(), h, p), nil
}
