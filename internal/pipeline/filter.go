package pipeline

import (
	"context"

	"codegraph/internal/family"
	"codegraph/internal/mutual"
)

// Filtered is what filtering makes of a batch.
type Filtered struct {
	Removed map[int][]int // by place in the batch: patches out of the comparison, ascending
	Masked  *mutual.Table // distances without them; nil if there are none
	Scores  [][]float32   // a′(x), the scores these give, [N][P]
	Final   [][]float32   // MuSc's scores times a′/a, [N][P]
}

// filter takes the anomalous patches of defects out of the comparison and scores
// again: the final score of a patch is MuSc's times a′/a,
// the change of its score in mean distances. What nothing was taken from keeps
// MuSc's score exactly.
func filter(ctx context.Context, b *Batch, d *Distances, f *Families, pool *mutual.Pool, block int, o Options) (*Filtered, error) {
	removed := family.Removed(f.Finding.Families, func(k int) bool { return f.Status[k] == StatusDefect })
	out := &Filtered{Removed: removed, Scores: f.Scores}
	table := d.Table
	if len(removed) > 0 {
		search := searchOptions(b, pool, block, o)
		search.Progress = func(done, total int) { o.Progress.Report(PhaseFilter, done, total) }
		var err error
		if table, err = mutual.Mask(ctx, b.Tokens, d.Table, removed, search); err != nil {
			return nil, err
		}
		out.Masked, out.Scores = table, table.Scores(d.K, o.Threads)
	}
	out.Scores = family.Within(table, out.Scores, rejected(f), o.Constants.Neighbours)
	out.Final = make([][]float32, len(out.Scores))
	for i, after := range out.Scores {
		out.Final[i] = make([]float32, len(after))
		for p, a := range f.Scores[i] {
			out.Final[i][p] = FilterRatio(d.MuSc[i][p], a, after[p])
		}
	}
	return out, nil
}

// rejected are the families that were named harmless.
func rejected(f *Families) (out []family.Family) {
	for k, fam := range f.Finding.Families {
		if f.Status[k] == StatusRejected {
			out = append(out, fam)
		}
	}
	return out
}

// FilterRatio is the final score of a patch: MuSc's times the change that
// filtering makes to its score in mean distances, from before to after.
func FilterRatio(musc, before, after float32) float32 {
	if before > 0 && after != before {
		return musc * (after / before)
	}
	return musc
}
