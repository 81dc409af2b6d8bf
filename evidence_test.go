package codegraph_test

import (
	"math"
	"reflect"
	"slices"
	"testing"

	"codegraph"
	"codegraph/internal/burnout"
)

// TestEvidence compares the vectors kept with the table they come from.
func TestEvidence(t *testing.T) {
	t.Parallel()
	o := stubbed()
	o.KeepIntermediates, o.Evidence = true, 24*64
	set := plates(24)
	r := detect(t, set, o)
	e, n := r.Evidence, len(r.Images)
	if e.Block != 1 || e.Ranks[0] != 1 || e.Ranks[len(e.Ranks)-1] != n-1 || !slices.Contains(e.Ranks, e.Omega) {
		t.Fatalf("blocks of %d, ω %d, ranks %v", e.Block, e.Omega, e.Ranks)
	}
	if !(e.Alpha > 1) || math.IsInf(e.Alpha, 1) {
		t.Errorf("α = %v", e.Alpha)
	}
	m := e.Model
	if m == nil || !(m.Alpha.Alpha > 1) || m.Fit.Patches == 0 || len(m.Expected) != slices.Index(e.Ranks, e.Omega)+1 || m.Expected[len(m.Expected)-1] != 0 {
		t.Fatalf("model %+v", m)
	}
	burnt, sure := 0, 0
	for i, vectors := range e.Vectors {
		for _, v := range vectors {
			entries := burnout.Vector(nil, r.Intermediates.Table.Row(i, v.Patch))
			for k, rank := range e.Ranks {
				if v.Distances[k] != entries[rank-1].Distance {
					t.Fatalf("image %d, patch %d, rank %d: %v, want %v", i, v.Patch, rank, v.Distances[k], entries[rank-1].Distance)
				}
			}
			if v.Nearest[0] != entries[0].Image {
				t.Fatalf("image %d, patch %d: nearest %d, want %d", i, v.Patch, v.Nearest[0], entries[0].Image)
			}
			for k, q := range v.Matches {
				if q < 0 || int(q) >= r.GridH*r.GridW || len(v.Matches) != len(v.Nearest) {
					t.Fatalf("image %d, patch %d matches %d of image %d", i, v.Patch, q, v.Nearest[k])
				}
			}
			if v.Burnout > 0 && barred(i) {
				burnt++
			}
			if v.P < 0 || v.P > 1 || !(v.Position > 0) {
				t.Fatalf("image %d, patch %d: p = %v, α = %v of the place", i, v.Patch, v.P, v.Position)
			}
			if v.P < 1e-4 && barred(i) {
				sure++
			}
		}
	}
	if v := e.Vectors[0]; !slices.ContainsFunc(v, func(v codegraph.Vector) bool { return v.Matches != nil }) {
		t.Error("no matches")
	}
	if burnt == 0 || sure == 0 {
		t.Errorf("%d patches of recurring defects burn out, %d by the test", burnt, sure)
	}
	if g := e.Graph; g == nil || len(g.Edges) == 0 || len(g.Families) != len(r.Families) || len(g.Links) == 0 {
		t.Errorf("graph %+v", g)
	}
}

// TestEvidenceBounded: fewer patches than there are, the same at any number of
// threads, and the result is not touched.
func TestEvidenceBounded(t *testing.T) {
	t.Parallel()
	set := plates(8)
	var all []*codegraph.Result
	for _, threads := range []int{1, 3} {
		o := stubbed()
		o.Threads, o.Evidence, o.Align = threads, 8*20, codegraph.AlignOn
		all = append(all, detect(t, set, o))
	}
	if !reflect.DeepEqual(all[0].Evidence, all[1].Evidence) {
		t.Error("evidence depends on the number of threads")
	}
	if e := all[0].Evidence; e.Block != 2 || len(e.Vectors[0]) > 16 {
		t.Errorf("blocks of %d, %d vectors", e.Block, len(e.Vectors[0]))
	}
	o := stubbed()
	o.Align = codegraph.AlignOn
	plain := detect(t, set, o)
	if at := difference("images", reflect.ValueOf(plain.Images), reflect.ValueOf(all[0].Images)); plain.Evidence != nil || at != "" {
		t.Errorf("evidence is kept unasked, or changes the result: %s", at)
	}
}
