package pipeline

import (
	"context"
	"math"

	"codegraph/internal/family"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
)

// Filtered is what filtering makes of a batch.
type Filtered struct {
	Removed map[int][]int // by place in the batch: patches out of the comparison, ascending
	Masked  *mutual.Table // distances without them; nil if there are none, or they were not to be kept
	Scores  [][]float32   // a′(x), the scores these give, [N][P]
	Final   [][]float32   // MuSc's scores times a′/a, [N][P]
}

// filter takes the anomalous patches of defects out of the comparison and scores
// again: the final score of a patch is MuSc's times a′/a,
// the change of its score in mean distances. What nothing was taken from keeps
// MuSc's score exactly.
func filter(ctx context.Context, q Request, b *Batch, d *Distances, f *Families, pool *mutual.Pool, plan MemoryPlan, o option.Options) (*Filtered, error) {
	out := &Filtered{Removed: removed(f)}
	search := searchOptions(b, pool, plan.Block, o)
	search.Progress = func(done, total int) { o.Progress.Report(option.PhaseFilter, done, total) }
	var err error
	switch {
	case len(out.Removed) == 0:
		out.Scores = family.Within(&d.Table.Rows, f.Scores, harmless(f), o.Constants.Neighbours)
	case plan.Spilled && !q.Masked:
		err = mutual.MaskStrips(ctx, b.Tokens, d.Table, out.Removed, search, func(rows *mutual.Rows) error {
			out.Scores = append(out.Scores, f.after(rows, d.K, o)...)
			return nil
		})
	default:
		if out.Masked, err = mutual.Mask(ctx, b.Tokens, d.Table, out.Removed, search); err == nil {
			out.Scores = f.after(&out.Masked.Rows, d.K, o)
		}
	}
	if err != nil {
		return nil, err
	}
	out.Final = finalScores(d.MuSc, f.Scores, out.Scores)
	return out, nil
}

// removed are, by image, the patches that are taken out of the comparison.
func removed(f *Families) map[int][]int {
	return family.Removed(f.Finding.Families, func(k int) bool { return f.Status[k] == StatusDefect })
}

// after are the scores a′ of the images of rows, which are distances without the
// removed patches.
func (f *Families) after(rows *mutual.Rows, k int, o option.Options) [][]float32 {
	return family.Within(rows, rows.Scores(k, o.Threads), harmless(f), o.Constants.Neighbours)
}

// finalScores are MuSc's scores times a′/a.
func finalScores(musc, before, after [][]float32) [][]float32 {
	out := make([][]float32, len(after))
	for i := range after {
		out[i] = make([]float32, len(after[i]))
		for p, a := range before[i] {
			out[i][p] = FilterRatio(musc[i][p], a, after[i][p])
		}
	}
	return out
}

// harmless are the families that were named so, and those that differ from the rest
// of the batch as a whole until somebody says what they are: a variant of the part is
// judged within itself.
func harmless(f *Families) (out []family.Family) {
	for k, fam := range f.Finding.Families {
		if s := f.Status[k]; s == StatusRejected || s == StatusCandidate && fam.Whole {
			out = append(out, fam)
		}
	}
	return out
}

// FilterRatio is the final score of a patch: MuSc's times the change that
// filtering makes to its score in mean distances, from before to after. A patch
// that is left with nothing to be compared with keeps MuSc's.
func FilterRatio(musc, before, after float32) float32 {
	if before > 0 && after != before && after <= math.MaxFloat32 {
		return musc * (after / before)
	}
	return musc
}
