package mutual

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// batch is a Source of random unit tokens.
type batch struct {
	n, p   int
	widths []int
	tokens [][][]float32 // [variant][image][P·C]
}

func newBatch(n, p int, widths []int, seed uint64) *batch {
	rng := rand.New(rand.NewPCG(seed, 1))
	b := &batch{n: n, p: p, widths: widths}
	for _, c := range widths {
		images := make([][]float32, n)
		for i := range images {
			images[i] = make([]float32, p*c)
			for q := range p {
				row := images[i][q*c : (q+1)*c]
				var sum float64
				for k := range row {
					row[k] = float32(rng.NormFloat64())
					sum += float64(row[k]) * float64(row[k])
				}
				for k := range row {
					row[k] /= float32(math.Sqrt(sum))
				}
			}
		}
		b.tokens = append(b.tokens, images)
	}
	return b
}

func (b *batch) N() int                         { return b.n }
func (b *batch) P() int                         { return b.p }
func (b *batch) Variants() int                  { return len(b.widths) }
func (b *batch) Width(v int) int                { return b.widths[v] }
func (b *batch) Tokens(dst []float32, v, i int) { copy(dst, b.tokens[v][i]) }

// distance is d_v(x, I_j) in float64, patches of excluded left out.
func (b *batch) distance(v, i, p, j int, excluded []int) float64 {
	c, best := b.widths[v], math.Inf(1)
	for q := range b.p {
		if slices.Contains(excluded, q) {
			continue
		}
		var sum float64
		for k := range c {
			d := float64(b.tokens[v][i][p*c+k]) - float64(b.tokens[v][j][q*c+k])
			sum += d * d
		}
		best = math.Min(best, math.Sqrt(sum))
	}
	return best
}

func checkTable(t *testing.T, b *batch, tab *Table, removed map[int][]int) {
	t.Helper()
	for i := range b.n {
		for p := range b.p {
			for j, got := range tab.Row(i, p) {
				want := math.Inf(1)
				if i != j {
					want = 0
					for v := range b.widths {
						want += b.distance(v, i, p, j, removed[j]) / float64(len(b.widths))
					}
				}
				if float64(got) != want && !(math.Abs(float64(got)-want) < 1e-5*want) {
					t.Fatalf("d(%d, %d, %d) = %v, want %v", i, p, j, got, want)
				}
			}
		}
	}
}

func TestCompare(t *testing.T) {
	b := newBatch(7, 13, []int{3, 20}, 1)
	tab, scores, err := Compare(context.Background(), b, Options{Neighbours: 2, Threads: 2})
	if err != nil {
		t.Fatal(err)
	}
	checkTable(t, b, tab, nil)
	for i := range b.n {
		for p := range b.p {
			var want float64 // scores per variant, then their mean
			for v := range b.widths {
				var d []float64
				for j := range b.n {
					if j != i {
						d = append(d, b.distance(v, i, p, j, nil))
					}
				}
				slices.Sort(d)
				want += (d[0] + d[1]) / 2 / 2
			}
			if math.Abs(float64(scores[i][p])-want) > 1e-5 {
				t.Fatalf("score (%d, %d) = %v, want %v", i, p, scores[i][p], want)
			}
		}
	}
}

func TestMask(t *testing.T) {
	b := newBatch(5, 9, []int{4, 16}, 2)
	o := Options{Neighbours: 1, Threads: 2}
	tab, _, err := Compare(context.Background(), b, o)
	if err != nil {
		t.Fatal(err)
	}
	removed := map[int][]int{1: {0, 8}, 2: {4}, 3: {0, 1, 2, 3, 4, 5, 6, 7, 8}}
	for range 2 {
		masked, err := Mask(context.Background(), b, tab, removed, o)
		if err != nil {
			t.Fatal(err)
		}
		checkTable(t, b, masked, removed)
		checkTable(t, b, tab, nil)
		removed[0], removed[4] = []int{2, 3}, []int{0, 1, 2, 3, 5, 6, 7, 8}
	}
}

func TestSameBytesAtAnyThreads(t *testing.T) {
	b := newBatch(9, 31, []int{24, 40}, 3)
	var first *Table
	for _, threads := range []int{1, 2, 5} {
		tab, _, err := Compare(context.Background(), b, Options{Neighbours: 2, Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = tab
		} else if !slices.Equal(first.d, tab.d) {
			t.Fatalf("%d threads give another table", threads)
		}
	}
}

// TestSameBytesInStrips: how many images are compared and laid out at a time does
// not show, and neither does which strip is measured alone.
func TestSameBytesInStrips(t *testing.T) {
	b := newBatch(9, 12, []int{24, 40}, 3)
	removed := map[int][]int{1: {0, 8}, 2: {4}, 7: {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}
	groups := []int{0, 1, 2, 3, 3, 5, 6, 7, 0}
	for _, o := range []Options{{}, {Window: Window{H: 3, W: 4, Radius: 1}}, {Fast: true}, {Groups: groups}} {
		o.Neighbours, o.Threads = 2, 2
		table, scores, err := Compare(context.Background(), b, o)
		if err != nil {
			t.Fatal(err)
		}
		masked, err := Mask(context.Background(), b, table, removed, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range []int{1, 2, 4, 7, 8, 9, 20} {
			o.Block = block
			o.Progress = func(done, total int) {
				if done > total {
					t.Errorf("strips of %d: %d of %d pairs", block, done, total)
				}
			}
			again, points, err := Compare(context.Background(), b, o)
			if err != nil {
				t.Fatal(err)
			}
			out, err := Mask(context.Background(), b, table, removed, o)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(table.d, again.d) || !slices.Equal(masked.d, out.d) || !slices.EqualFunc(scores, points, slices.Equal) {
				t.Fatalf("%+v: strips of %d give another table", o, block)
			}
			first, count := 9-min(9, block), min(9, block)
			rows, points, err := CompareStrip(context.Background(), b, o, first, count)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(rows.d, table.of(rows)) || !slices.EqualFunc(scores[first:], points, slices.Equal) {
				t.Fatalf("%+v: a strip of %d alone differs", o, block)
			}
			if rows, err = MaskStrip(context.Background(), b, rows, removed, o); err != nil || !slices.Equal(rows.d, masked.of(rows)) {
				t.Fatalf("%+v: a masked strip of %d alone differs: %v", o, block, err)
			}
		}
	}
}

func TestSpilledTableEqualsMemory(t *testing.T) {
	b := newBatch(4, 6, []int{8}, 4)
	dir := t.TempDir()
	spilled, _, err := Compare(context.Background(), b, Options{Neighbours: 1, NewTable: func() (*Table, error) { return NewSpilledTable(4, 6, dir) }})
	if err != nil {
		t.Fatal(err)
	}
	defer spilled.Close()
	memory, _, err := Compare(context.Background(), b, Options{Neighbours: 1})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(spilled.d, memory.d) {
		t.Fatal("a spilled table differs from one in memory")
	}
}

func TestCompareCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Compare(ctx, newBatch(4, 5, []int{3}, 5), Options{Neighbours: 1}); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
}

func TestLowestMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SliceOfN(rapid.Float32Range(0, 10), 1, 60).Draw(t, "row")
		k := rapid.IntRange(1, len(row)).Draw(t, "k")
		sorted := slices.Clone(row)
		slices.Sort(sorted)
		var want float64
		for _, v := range sorted[:k] {
			want += float64(v) / float64(k)
		}
		if got := LowestMean(append(row, float32(math.Inf(1))), make([]float32, len(row)+1), k); math.Abs(float64(got)-want) > 1e-5 {
			t.Fatalf("LowestMean = %v, want %v", got, want)
		}
	})
}

func TestNeighbours(t *testing.T) {
	for n, want := range map[int]int{2: 1, 4: 1, 5: 1, 8: 2, 11: 3, 83: 24} {
		if got := Neighbours(n, 0.3); got != want {
			t.Errorf("Neighbours(%d) = %d, want %d", n, got, want)
		}
	}
}
