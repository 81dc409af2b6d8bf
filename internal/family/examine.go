package family

import (
	"context"

	"codegraph/internal/mutual"
)

// Examine measures a group that is known, by a table and its scores: what Find
// would say of it, whether or not it is found.
func Examine(ctx context.Context, t *mutual.Ranked, scores [][]float32, images []int, p Params) (Family, error) {
	v, err := newView(ctx, plainRanking(t), scores, p)
	if err != nil {
		return Family{}, err
	}
	h := newHypothesis(t.N, t.P, images)
	if err := v.measure(ctx, []*hypothesis{h}, true); err != nil {
		return Family{}, err
	}
	return v.family(v.cursor(), h, p), nil
}
