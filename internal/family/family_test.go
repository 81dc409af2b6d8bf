package family

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"codegraph/internal/burnout"
	"codegraph/internal/mutual"
)

// defaults are the constants of the program.
var defaults = Params{
	Neighbours: 0.3, Gamma: 0.25, MinMembers: 3, Percentile: 99, MinLogRho: 0.02, RelLogRho: 0.25,
	MinGain: 0.12, CandidateGain: 0.3, MinCoherence: 0.65, MaxArea: 0.15,
}

// batch is a table of independent distances into which groups are planted.
type batch struct {
	*mutual.Table
}

func newBatch(n, p int, seed uint64) batch {
	rng := rand.New(rand.NewPCG(seed, 1))
	b := batch{mutual.NewTable(n, p)}
	for i := range n {
		for x := range p {
			row := b.Row(i, x)
			for j := range row {
				row[j] = float32(math.Exp(0.05 * rng.NormFloat64()))
			}
			row[i] = float32(math.Inf(1))
		}
	}
	return b
}

// share brings the given patches of the group's images closer to each other,
// and further from all others.
func (b batch) share(group, patches []int, near, far float32) {
	for _, i := range group {
		for _, x := range patches {
			row := b.Row(i, x)
			for j := range row {
				if slices.Contains(group, j) {
					row[j] *= near
				} else {
					row[j] *= far
				}
			}
		}
	}
}

func (b batch) find(t *testing.T, threads int) *Finding {
	t.Helper()
	links, err := burnout.Select(context.Background(), b.Table, burnout.Params{Omega: 0.4, Beta: 1, Coverage: 0.95, Threads: threads})
	if err != nil {
		t.Fatal(err)
	}
	p := defaults
	p.Threads = threads
	f, err := Find(context.Background(), b.Table, b.Scores(mutual.Neighbours(b.N, p.Neighbours), threads), links, p)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func span(from, to int) []int {
	var s []int
	for i := from; i < to; i++ {
		s = append(s, i)
	}
	return s
}

func TestFindNothing(t *testing.T) {
	for seed := range uint64(5) {
		if f := newBatch(40, 100, seed).find(t, 2); len(f.Families) != 0 {
			t.Errorf("seed %d: %d families in noise", seed, len(f.Families))
		}
	}
}

// TestFindDefectUnderVariant plants a defect of two patches in images 0…7 and
// a finish, half of the part, in images 4…15: the counts of the image graph
// show the finish alone.
func TestFindDefectUnderVariant(t *testing.T) {
	b := newBatch(40, 100, 9)
	b.share(span(4, 16), span(30, 80), 0.5, 1.2)
	b.share(span(0, 8), []int{3, 4}, 0.6, 1.3)
	f := b.find(t, 2)
	if len(f.Families) != 2 {
		t.Fatalf("%d families, want 2", len(f.Families))
	}
	defect, variant := f.Families[0], f.Families[1]
	if !defect.Defect() || !slices.Equal(defect.Images(), span(0, 8)) {
		t.Errorf("defect: %v, images %v", defect.Defect(), defect.Images())
	}
	for _, m := range defect.Members {
		if !slices.Equal(m.Patches, []int{3, 4}) {
			t.Errorf("image %d: guilty patches %v, want 3 and 4", m.Image, m.Patches)
		}
	}
	if variant.Local || !slices.Equal(variant.Images(), span(8, 16)) {
		t.Errorf("variant: local %v, images %v", variant.Local, variant.Images())
	}
	if one := b.find(t, 1); !reflect.DeepEqual(one.Families, f.Families) {
		t.Error("one thread finds other families")
	}
}

// TestDeflate takes away what half of the patches share and keeps what two do.
// TestSharpness: a family whose gain is small for its area is a candidate.
func TestSharpness(t *testing.T) {
	b := newBatch(40, 100, 9)
	b.share(span(0, 8), []int{3, 4}, 0.6, 1.3)
	for sharpness, want := range map[float64]bool{0: true, 0.01: true, 1: false} {
		p := defaults
		p.MinSharpness, p.Threads = sharpness, 2
		f, err := Find(context.Background(), b.Table, b.Scores(mutual.Neighbours(b.N, p.Neighbours), 2), nil, p)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Families) != 1 || !f.Families[0].Local || f.Families[0].Defect() != want {
			t.Errorf("sharpness %v: %+v, want a defect: %v", sharpness, f.Families, want)
		}
	}
}

func TestDeflate(t *testing.T) {
	b := newBatch(40, 100, 4)
	b.share(span(4, 16), span(30, 80), 0.5, 1)
	b.share(span(4, 10), []int{3, 4}, 0.5, 1)
	flat := mutual.NewTable(b.N, b.P)
	if err := Deflate(context.Background(), flat, b.Table, 2); err != nil {
		t.Fatal(err)
	}
	if d := flat.Row(5, 40)[8] / flat.Row(5, 40)[30]; d < 0.8 {
		t.Errorf("a patch of the variant is still at %.2f of the others' distance", d)
	}
	if d := flat.Row(5, 3)[8] / flat.Row(5, 3)[30]; d > 0.7 {
		t.Errorf("a patch of the defect is at %.2f of the others' distance", d)
	}
	if !math.IsInf(float64(flat.Row(5, 3)[5]), 1) {
		t.Error("an image finds itself")
	}
}

// TestDeflateKeepsZeros: distances of 0, as between copies, stay 0.
func TestDeflateKeepsZeros(t *testing.T) {
	b := newBatch(10, 12, 4)
	for x := range b.P {
		b.Row(2, x)[3] = 0
	}
	flat := mutual.NewTable(b.N, b.P)
	if err := Deflate(context.Background(), flat, b.Table, 1); err != nil {
		t.Fatal(err)
	}
	for x := range b.P {
		if flat.Row(2, x)[3] != 0 {
			t.Fatalf("distance %v of a copy", flat.Row(2, x)[3])
		}
		for _, v := range flat.Row(2, x) {
			if math.IsNaN(float64(v)) {
				t.Fatal("NaN")
			}
		}
	}
}

func TestFollowers(t *testing.T) {
	b := newBatch(30, 64, 2)
	b.share(span(10, 16), []int{7, 8, 9}, 0.4, 1)
	r, err := newRanking(context.Background(), b.Table, nil, 2)
	if err != nil {
		t.Fatal(err)
	}
	groups, err := followers(context.Background(), r, Params{MinMembers: 3, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(groups) == 0 || !slices.Equal(groups[0], span(10, 16)) {
		t.Errorf("groups %v, want 10…15 first", groups)
	}
}

// TestStagesCancelled: no stage returns less than all without an error.
func TestStagesCancelled(t *testing.T) {
	b := newBatch(12, 8, 1)
	r, err := newRanking(context.Background(), b.Table, nil, 1)
	if err != nil {
		t.Fatal(err)
	}
	p := Params{MinMembers: 3, Threads: 2}
	d := &dependence{r, b.Scores(3, 1), p}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, stage := range map[string]func() error{
		"deflate":   func() error { return Deflate(ctx, mutual.NewTable(b.N, b.P), b.Table, 2) },
		"ranking":   func() error { _, err := newRanking(ctx, b.Table, nil, 2); return err },
		"scores":    func() error { _, err := r.scores(ctx, 3, 2); return err },
		"followers": func() error { _, err := followers(ctx, r, p); return err },
		"elect":     func() error { _, err := elect(ctx, make([][]voice, b.N), p); return err },
		"families":  func() error { _, err := d.families(ctx, [][]int{{1, 2, 3}}); return err },
	} {
		if err := stage(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestImageGraph(t *testing.T) {
	g, err := ImageGraph(4, []burnout.Link{{From: 0, To: 2}, {From: 2, To: 0}, {From: 0, To: 2}, {From: 3, To: 1}})
	if err != nil {
		t.Fatal(err)
	}
	if w := g.Weight(0, 2); w != 3 {
		t.Errorf("weight %v of three links", w)
	}
	if w := g.Weight(1, 3); w != 1 || len(g.Edges()) != 2 {
		t.Errorf("weight %v of a link, %d edges", w, len(g.Edges()))
	}
	if _, err := ImageGraph(2, []burnout.Link{{From: 0, To: 2}}); err == nil {
		t.Error("a link to no image is taken")
	}
}

func TestFindCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	b := newBatch(12, 8, 1)
	if _, err := Find(ctx, b.Table, b.Scores(3, 1), nil, Params{MinMembers: 3}); err == nil {
		t.Error("a cancelled context is ignored")
	}
}
