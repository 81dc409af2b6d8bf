package family

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"codegraph/internal/mutual"

	"pgregory.net/rapid"
)

// distances draws rows with ties, copies and images without any distance.
var distances = rapid.OneOf(
	rapid.Float32Range(0.1, 1),
	rapid.SampledFrom([]float32{0, 0.25, 0.5, float32(math.Inf(1)), float32(math.NaN())}),
	rapid.Float32Range(1e-3, 1e3),
)

func drawTable(t *rapid.T) *mutual.Table {
	tab := mutual.NewTable(rapid.IntRange(2, 80).Draw(t, "images"), rapid.IntRange(1, 3).Draw(t, "patches"))
	for i := range tab.N {
		for x := range tab.P {
			copy(tab.Row(i, x), rapid.SliceOfN(distances, tab.N, tab.N).Draw(t, "row"))
			tab.Row(i, x)[i] = float32(math.Inf(1))
		}
	}
	return tab
}

// ranked is a table with its rows sorted.
func ranked(t interface{ Fatal(...any) }, tab *mutual.Table) *mutual.Ranked {
	r, err := mutual.Rank(context.Background(), tab, false, "", 2)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestLowest compares the means of the ranked rows with selecting among what
// is left of them.
func TestLowest(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tab := drawTable(t)
		r := plainRanking(ranked(t, tab))
		away := make([]bool, tab.N)
		var list []uint16
		for j := range away {
			if away[j] = rapid.Bool().Draw(t, "away"); away[j] {
				list = append(list, uint16(j))
			}
		}
		k := rapid.IntRange(1, tab.N).Draw(t, "k")
		c := r.cursor()
		for i := range tab.N {
			for x := range tab.P {
				c.load(i, x)
				var left []float32
				for j, v := range tab.Row(i, x) {
					if !away[j] {
						left = append(left, v)
					}
				}
				want := mutual.LowestMean(left, make([]float32, len(left)), k)
				if got := c.lowest(list, k); got != want {
					t.Fatalf("image %d, patch %d: %v, want %v", i, x, got, want)
				}
			}
		}
	})
}

// TestOrder compares with a stable sort.
func TestOrder(t *testing.T) {
	t.Parallel()
	var s mutual.Sorter
	rapid.Check(t, func(t *rapid.T) {
		row := rapid.SliceOfN(distances, 0, 90).Draw(t, "row")
		var want []uint16
		for j, v := range row {
			if v <= math.MaxFloat32 {
				want = append(want, uint16(j))
			}
		}
		slices.SortStableFunc(want, func(a, b uint16) int {
			switch {
			case row[a] < row[b]:
				return -1
			case row[a] > row[b]:
				return 1
			}
			return 0
		})
		got := make([]uint16, len(row))
		s.Order(got, row)
		if !slices.Equal(got[:len(want)], want) {
			t.Fatalf("%v, want %v", got, want)
		}
		slices.Sort(got)
		for j, v := range got {
			if int(v) != j {
				t.Fatalf("image %d is missing", j)
			}
		}
	})
}

// TestDependence compares ln ρ with its definition.
func TestDependence(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		tab := drawTable(t)
		p := Params{Neighbours: rapid.Float64Range(0, 1).Draw(t, "neighbours"), Threads: 2}
		r := plainRanking(ranked(t, tab))
		scores := tab.Scores(mutual.Neighbours(tab.N, p.Neighbours), 1)
		members := rapid.SliceOfNDistinct(rapid.IntRange(0, tab.N-1), 0, tab.N-1, rapid.ID).Draw(t, "members")
		slices.Sort(members)
		rho, err := r.dependence(context.Background(), members, scores, p)
		if err != nil {
			t.Fatal(err)
		}
		for i := range tab.N {
			for x := range tab.P {
				if got, want := rho[i][x], r.naive(members, scores, p, i, x); got != want {
					t.Fatalf("ln ρ of patch %d of image %d is %v, want %v", x, i, got, want)
				}
			}
		}
	})
}

// naive is ln ρ by sorting what is left of the row.
func (r *ranking) naive(members []int, scores [][]float32, p Params, i, x int) float64 {
	rest := 0
	var left []float64
	for j, v := range r.Row(i, x) {
		if slices.Contains(members, j) {
			continue
		}
		if j != i {
			rest++
		}
		if v <= math.MaxFloat32 {
			left = append(left, float64(v))
		}
	}
	now := scores[i][x]
	if len(left) == 0 || now == 0 {
		return 0
	}
	slices.Sort(left)
	left = left[:min(len(left), mutual.Neighbours(rest+1, p.Neighbours))]
	var sum float64
	for _, v := range left {
		sum += v
	}
	return math.Log(float64(float32(sum/float64(len(left)))) / float64(now))
}

// TestCovariance compares with the definition.
func TestCovariance(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	for _, size := range [][2]int{{1, 1}, {5, 3}, {7, 64}, {12, 65}, {13, 200}} {
		n, p := size[0], size[1]
		rows, want := make([]float64, n*p), make([]float64, n*n)
		for k := range rows {
			rows[k] = rng.NormFloat64()
		}
		clear(rows[:n]) // a row without a direction
		for x := 1; x < p; x++ {
			row := rows[x*n : (x+1)*n]
			for a := range n {
				for b := range n {
					want[a*n+b] += row[a] * row[b] / inner(row, row)
				}
			}
		}
		c := newCovariance(n)
		if number := c.of(context.Background(), rows); number != float64(p-1) {
			t.Errorf("%d × %d: %v rows with a direction, want %d", p, n, number, p-1)
		}
		for k, v := range want {
			if math.Abs(c.d[k]-v) > 1e-12 {
				t.Fatalf("%d × %d: element %d is %v, want %v", p, n, k, c.d[k], v)
			}
		}
		got := make([]float64, p)
		multiply(got, rows, rows[len(rows)-n:])
		for x, v := range got {
			if v != inner(rows[x*n:(x+1)*n], rows[len(rows)-n:]) {
				t.Fatalf("%d × %d: product %d is %v", p, n, x, v)
			}
		}
	}
}

// TestTally compares with counting.
func TestTally(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, sets := rapid.IntRange(1, 130).Draw(t, "images"), rapid.IntRange(1, 40).Draw(t, "sets")
		tally, counts := newTally(n, sets), make([]int, n)
		for range sets {
			s := newSet(n)
			for _, i := range rapid.SliceOf(rapid.IntRange(0, n-1)).Draw(t, "set") {
				s.add(i)
			}
			for _, i := range s.images() {
				counts[i]++
			}
			tally.add(s)
		}
		least := rapid.IntRange(0, sets).Draw(t, "least")
		var want []int
		for i, c := range counts {
			if c > least {
				want = append(want, i)
			}
		}
		if got := tally.above(least).images(); !slices.Equal(got, want) {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}
