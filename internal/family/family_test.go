package family

import (
	"cmp"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"codegraph/internal/burnout"
	"codegraph/internal/mutual"
)

// batch is a table of independent distances into which groups are planted, on
// a grid of 10 patches a row.
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

func (b batch) params(threads int) Params {
	p := DefaultParams()
	p.H, p.W, p.Threads = b.P/10, 10, threads
	return p
}

func (b batch) scores() [][]float32 {
	return b.Scores(mutual.Neighbours(b.N, DefaultParams().Neighbours), 2)
}

func (b batch) find(t *testing.T, threads int) []Family {
	t.Helper()
	f, err := Find(context.Background(), ranked(t, b.Table), b.scores(), b.params(threads))
	if err != nil {
		t.Fatal(err)
	}
	return f.Families
}

func span(from, to int) []int {
	var s []int
	for i := from; i < to; i++ {
		s = append(s, i)
	}
	return s
}

func TestFindNothing(t *testing.T) {
	t.Parallel()
	for seed := range uint64(5) {
		if f := newBatch(40, 100, seed).find(t, 2); len(f) != 0 {
			t.Errorf("seed %d: %d families in noise", seed, len(f))
		}
	}
}

// TestFindDefectUnderVariant plants a defect of two patches in images 0…7 and
// a finish, half of the part, in images 4…15. Images 4…7 belong to both.
func TestFindDefectUnderVariant(t *testing.T) {
	t.Parallel()
	b := newBatch(40, 100, 9)
	b.share(span(4, 16), span(30, 80), 0.5, 1.2)
	b.share(span(0, 8), []int{13, 14}, 0.6, 1.3)
	f := b.find(t, 2)
	if len(f) != 2 {
		t.Fatalf("%d families, want 2: %+v", len(f), f)
	}
	defect, variant := f[0], f[1]
	if !defect.Defect || defect.Whole || !slices.Equal(defect.Images(), span(0, 8)) {
		t.Errorf("defect: %+v, images %v", defect.Evidence, defect.Images())
	}
	for _, m := range defect.Members {
		if !slices.Equal(m.Patches, []int{13, 14}) {
			t.Errorf("image %d: patches %v, want 13 and 14", m.Image, m.Patches)
		}
	}
	if variant.Defect || !variant.Whole || !slices.Equal(variant.Images(), span(4, 16)) {
		t.Errorf("variant: %+v, images %v", variant.Evidence, variant.Images())
	}
	if one := b.find(t, 1); !reflect.DeepEqual(one, f) {
		t.Error("one thread finds other families")
	}
}

// TestVariant: a harmless variant of the whole part is asked about and never taken
// for a defect, whatever its share.
func TestVariant(t *testing.T) {
	t.Parallel()
	for _, n := range []int{8, 14, 20} {
		b := newBatch(40, 100, 3)
		b.share(span(0, n), span(20, 80), 0.7, 1.2)
		f := b.find(t, 2)
		if slices.ContainsFunc(f, func(f Family) bool { return f.Defect }) {
			t.Errorf("%d images: %+v is a defect", n, f)
		}
		if n > 8 && (len(f) != 1 || !f[0].Whole || !slices.Equal(f[0].Images(), span(0, n))) {
			t.Errorf("%d images: %+v, want one question about them", n, f)
		}
	}
}

// TestFlip: mirrored parts, which share a twelfth of the picture and stand out
// little, are one family, and nothing else is.
func TestFlip(t *testing.T) {
	t.Parallel()
	b := newBatch(80, 100, 3)
	b.share(span(0, 14), span(41, 49), 0.8, 1.06)
	f := b.find(t, 2)
	if len(f) != 1 || !slices.Equal(f[0].Images(), span(0, 14)) {
		t.Errorf("%+v, want one of 14", f)
	}
}

// TestBorder: what lies at the border of the picture is a question.
func TestBorder(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		patches []int
		defect  bool
	}{{[]int{43, 44}, true}, {[]int{40, 41}, false}} {
		b := newBatch(40, 100, 9)
		b.share(span(0, 8), c.patches, 0.6, 1.3)
		f := b.find(t, 2)
		if len(f) != 1 || f[0].Defect != c.defect {
			t.Errorf("patches %v: %+v, want one, a defect: %v", c.patches, f, c.defect)
		}
	}
}

// TestCopies: copies of one file prove nothing.
func TestCopies(t *testing.T) {
	t.Parallel()
	b := newBatch(40, 100, 9)
	b.share(span(0, 8), span(0, 100), 0, 1)
	if f := b.find(t, 2); len(f) != 0 {
		t.Errorf("%d families of copies", len(f))
	}
}

// TestEvidence compares with the definition.
func TestEvidence(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tab := drawTable(t)
		r := plainRanking(ranked(t, tab))
		members := rapid.SliceOfNDistinct(rapid.IntRange(0, tab.N-1), 1, tab.N, rapid.ID).Draw(t, "members")
		slices.Sort(members)
		h, c := newHypothesis(tab.N, tab.P, members), r.cursor()
		for i := range tab.N {
			others := len(members)
			if h.in[i] {
				others--
			}
			for x := range tab.P {
				c.seek(i, x)
				c.list()
				got := c.evidence(&reading{hypothesis: h, others: others}, 7)
				if want := naiveEvidence(tab.Row(i, x), h.in, i, 7); math.Abs(got-want) > 1e-6*max(1, want) {
					t.Fatalf("patch %d of image %d: %v, want %v", x, i, got, want)
				}
			}
		}
	})
}

func naiveEvidence(row []float32, in []bool, i int, alpha float64) (most float64) {
	var near []int
	n, others := 0, 0
	for j, v := range row {
		if j == i || v == 0 {
			continue
		}
		n++
		if in[j] {
			others++
		}
		if measurable(v) {
			near = append(near, j)
		}
	}
	slices.SortStableFunc(near, func(a, b int) int { return cmp.Compare(row[a], row[b]) })
	k := 0
	for r := 1; r < len(near) && r <= 2*others; r++ {
		if !in[near[r-1]] {
			continue
		}
		if k++; in[near[r]] || 2*k*n <= r*(n+others) {
			continue
		}
		p := 0.0
		for more := k; more <= min(others, r); more++ {
			p += binomial(others, more) * binomial(n-others, r-more) / binomial(n, r)
		}
		most = max(most, -math.Log(p)+alpha*float64(r)*math.Log(float64(row[near[r]])/float64(row[near[r-1]])))
	}
	return most
}

func binomial(n, k int) float64 {
	if k < 0 || k > n {
		return 0
	}
	b := 1.0
	for j := range k {
		b *= float64(n-j) / float64(j+1)
	}
	return b
}

// TestWithin: an answer lowers scores only, of the patches it is about.
func TestWithin(t *testing.T) {
	t.Parallel()
	b := newBatch(20, 30, 3)
	b.share(span(0, 5), []int{4, 5}, 0.5, 2)
	before := b.scores()
	f := Family{}
	for i := range 5 {
		f.Members = append(f.Members, Member{Image: i, Patches: []int{4, 5}})
	}
	after := Within(&b.Table.Rows, before, []Family{f}, 0.3)
	for i := range before {
		for x := range before[i] {
			about := i < 5 && (x == 4 || x == 5)
			if a, was := after[i][x], before[i][x]; about && a >= was || !about && a != was {
				t.Errorf("patch %d of image %d: %v, it was %v", x, i, a, was)
			}
		}
	}
	if got := Within(&b.Table.Rows, before, nil, 0.3); !reflect.DeepEqual(got, before) {
		t.Error("no answer changes scores")
	}
}

func TestRemoved(t *testing.T) {
	t.Parallel()
	families := []Family{
		{Members: []Member{{Image: 1, Patches: []int{2, 5}}}},
		{Members: []Member{{Image: 1, Patches: []int{3, 5}}, {Image: 2, Patches: []int{0}}}},
		{Members: []Member{{Image: 2, Patches: []int{9}}}},
	}
	got := Removed(families, func(k int) bool { return k < 2 })
	if want := map[int][]int{1: {2, 3, 5}, 2: {0}}; !reflect.DeepEqual(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

// TestPublished finds one plain group by the published pipeline.
func TestPublished(t *testing.T) {
	t.Parallel()
	b := newBatch(40, 100, 9)
	b.share(span(0, 8), span(40, 60), 0.4, 1.5)
	g, err := NewGraph(context.Background(), ranked(t, b.Table), 0, 2)
	if err != nil {
		t.Fatal(err)
	}
	f, err := Published(context.Background(), ranked(t, b.Table), g, b.scores(), b.params(2))
	if err != nil {
		t.Fatal(err)
	}
	if len(f.Families) != 1 {
		t.Fatalf("families %+v, want one", f.Families)
	}
	removed := Removed(f.Families, func(int) bool { return true })
	for i := range 8 {
		for _, x := range span(40, 60) {
			if !slices.Contains(removed[i], x) {
				t.Errorf("patch %d of image %d stays", x, i)
			}
		}
	}
}

func TestDeflate(t *testing.T) {
	t.Parallel()
	b := newBatch(40, 100, 4)
	b.share(span(4, 16), span(30, 80), 0.5, 1)
	b.share(span(4, 10), []int{3, 4}, 0.5, 1)
	flat := mutual.NewTable(b.N, b.P)
	if err := Deflate(context.Background(), flat, b.Table, 0.1, 2); err != nil {
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

// TestReplay: deflated rows made when they are read are those of a deflated
// table, to the bit, and so are the families.
func TestReplay(t *testing.T) {
	t.Parallel()
	for _, n := range []int{40, implicit} {
		b := newBatch(n, 40, 4)
		b.share(span(4, 16), span(10, 30), 0.5, 1)
		b.share(span(20, 26), []int{3, 4, 5}, 0.2, 1)
		flat := mutual.NewTable(b.N, b.P)
		if err := Deflate(context.Background(), flat, b.Table, 0.1, 2); err != nil {
			t.Fatal(err)
		}
		d, err := newDeflation(context.Background(), b.Table, t.TempDir(), 0.1, 2)
		if err != nil {
			t.Fatal(err)
		}
		defer d.Close()
		r, changed := d.reader(), 0
		for i := range b.N {
			for x := range b.P {
				if !slices.Equal(r.Row(i, x), flat.Row(i, x)) {
					t.Fatalf("%d images: row (%d, %d) differs", n, i, x)
				}
			}
			if len(d.components[i]) > 0 {
				changed++
			}
		}
		if changed == 0 {
			t.Errorf("%d images: nothing is deflated", n)
		}
	}
}

// TestFindSpilled: so are the families.
func TestFindSpilled(t *testing.T) {
	t.Parallel()
	b := newBatch(40, 100, 2)
	b.share(span(4, 16), span(30, 80), 0.5, 1.2)
	b.share(span(0, 8), []int{13, 14}, 0.6, 1.3)
	p := b.params(2)
	want, err := Find(context.Background(), ranked(t, b.Table), b.scores(), p)
	if err != nil {
		t.Fatal(err)
	}
	p.Spilled, p.SpillDir = true, t.TempDir()
	got, err := Find(context.Background(), ranked(t, b.Table), b.scores(), p)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(got, want) {
		t.Error("other families")
	}
	if len(want.Groups[0]) == 0 || len(want.Groups[1]) == 0 || len(want.Families) == 0 {
		t.Errorf("%d and %d groups, %d families", len(want.Groups[0]), len(want.Groups[1]), len(want.Families))
	}
}

// TestDeflateImplicit: without the covariance the components are the same.
func TestDeflateImplicit(t *testing.T) {
	t.Parallel()
	b := newBatch(40, 100, 4)
	b.share(span(4, 16), span(30, 80), 0.5, 1)
	b.share(span(20, 28), span(0, 60), 0.7, 1.2)
	explicit, rows := newLogRows(b.Table, 0.1), newLogRows(b.Table, 0.1)
	rows.size = make([]float64, b.P)
	for i := 4; i < 28; i++ {
		explicit.read(i)
		rows.read(i)
		if a, b := explicit.deflate(context.Background(), nil), rows.deflate(context.Background(), nil); a != b || i < 16 && !a {
			t.Fatalf("image %d: projected out %v, with the covariance %v", i, b, a)
		}
		for k, v := range explicit.d {
			if math.Abs(v-rows.d[k]) > 1e-6 {
				t.Fatalf("image %d: %v, with the covariance %v", i, rows.d[k], v)
			}
		}
	}
}

// TestDeflateKeepsZeros: distances of 0, as between copies, stay 0.
func TestDeflateKeepsZeros(t *testing.T) {
	t.Parallel()
	b := newBatch(10, 12, 4)
	for x := range b.P {
		b.Row(2, x)[3] = 0
	}
	flat := mutual.NewTable(b.N, b.P)
	if err := Deflate(context.Background(), flat, b.Table, 0.1, 1); err != nil {
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

// TestStagesCancelled: no stage returns less than all without an error.
func TestStagesCancelled(t *testing.T) {
	t.Parallel()
	b := newBatch(12, 20, 1)
	r := ranked(t, b.Table)
	p, scores := b.params(2), b.scores()
	v, err := newView(context.Background(), plainRanking(r), scores, p)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	for name, stage := range map[string]func() error{
		"deflate": func() error { return Deflate(ctx, mutual.NewTable(b.N, b.P), b.Table, 0.1, 2) },
		"rank":    func() error { _, err := mutual.Rank(ctx, b.Table, false, "", 2); return err },
		"view":    func() error { _, err := newView(ctx, plainRanking(r), scores, p); return err },
		"propose": func() error { _, err := v.propose(ctx, p); return err },
		"merge":   func() error { _, err := merge(ctx, make([][]proposal, b.N), p); return err },
		"measure": func() error { return v.measure(ctx, nil, true) },
		"find":    func() error { _, err := Find(ctx, r, scores, p); return err },
		"graph":   func() error { _, err := NewGraph(ctx, r, 0, 2); return err },
	} {
		if err := stage(); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: error %v", name, err)
		}
	}
}

func TestImageGraph(t *testing.T) {
	t.Parallel()
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
