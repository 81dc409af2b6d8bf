package knn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"

	"codegraph/internal/cpu"
)

// each runs f once for every implementation of this machine.
func each(t *testing.T, f func(t *testing.T)) {
	for _, name := range cpu.Available() {
		t.Run(name, func(t *testing.T) {
			restore, err := Use(name)
			if err != nil {
				t.Fatal(err)
			}
			defer restore()
			f(t)
		})
	}
}

func random(rng *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return v
}

// nearest is the float64 reference of Search.
func nearest(a []float32, na int, b []float32, nb, c int) (rows, cols []float64) {
	rows, cols = make([]float64, na), make([]float64, nb)
	for q := range nb {
		cols[q] = math.Inf(1)
	}
	for p := range na {
		rows[p] = math.Inf(1)
		for q := range nb {
			var sum float64
			x, y := a[p*c:(p+1)*c], b[q*c:(q+1)*c]
			for l := range x {
				d := float64(x[l]) - float64(y[l])
				sum += d * d
			}
			sum = math.Sqrt(sum)
			rows[p], cols[q] = min(rows[p], sum), min(cols[q], sum)
		}
	}
	return rows, cols
}

// twins makes a row of b identical to one of a, and one of each side zero.
func twins(a []float32, na int, b []float32, nb, c int) {
	if na > 1 && nb > 1 {
		copy(b[c:2*c], a[:c])
		clear(a[(na-1)*c:])
		clear(b[(nb-1)*c:])
	}
}

func checkSearch(t *testing.T, na, nb, c int, seed uint64, tolerance float64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 4))
	a, b := random(rng, na*c), random(rng, nb*c)
	twins(a, na, b, nb, c)
	wantRows, wantCols := nearest(a, na, b, nb, c)
	for _, name := range cpu.Available() {
		restore, err := Use(name)
		if err != nil {
			t.Fatal(err)
		}
		rows, cols := make([]Match, na), make([]Match, nb)
		var s Searcher
		s.Load(NewRows(a, na, c))
		s.Search(NewRows(b, nb, c), rows, cols)
		restore()
		what := fmt.Sprintf("%s, %d × %d rows of %d", name, na, nb, c)
		check(t, what+", rows", rows, wantRows, nb, tolerance)
		check(t, what+", columns", cols, wantCols, na, tolerance)
	}
}

func TestSearch(t *testing.T) {
	shapes := [][2]int{{1, 1}, {1, 7}, {7, 7}, {31, 7}, {31, 100}, {1369, 31}, {31, 1369}}
	for _, c := range []int{1, 3, 17, 48, 384, 1000, 1024} {
		for _, s := range shapes {
			checkSearch(t, s[0], s[1], c, 3, 1e-5)
		}
	}
	checkSearch(t, 1369, 1369, 48, 3, 1e-5)
}

// FuzzSearch meets ties that rounding decides, among short rows above all.
func FuzzSearch(f *testing.F) {
	f.Add(uint16(13), uint16(33), uint16(40), uint64(1))
	f.Fuzz(func(t *testing.T, na, nb, c uint16, seed uint64) {
		checkSearch(t, 1+int(na)%200, 1+int(nb)%200, 1+int(c)%300, seed, tolerated)
	})
}

func check(t *testing.T, what string, got []Match, want []float64, n int, tolerance float64) {
	t.Helper()
	for p, m := range got {
		if int(m.Index) >= n || m.Index < 0 {
			t.Fatalf("%s: match %d of %d has index %d", what, p, len(got), m.Index)
		}
		if math.Abs(float64(m.Distance)-want[p]) > tolerance*want[p] {
			t.Fatalf("%s: distance %d = %v, want %v", what, p, m.Distance, want[p])
		}
	}
}

// TestSearchTwins: among rows closer together than single precision tells
// apart, an identical one is found and gives exactly 0.
func TestSearchTwins(t *testing.T) {
	each(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(8, 8))
		const n, c = 50, 40
		base := random(rng, c)
		a := make([]float32, n*c)
		for i := range a {
			a[i] = base[i%c] + 1e-4*float32(rng.NormFloat64())
		}
		rows, cols := make([]Match, n), make([]Match, n)
		var s Searcher
		s.Load(NewRows(a, n, c))
		s.Search(NewRows(a, n, c), rows, cols)
		for p := range n {
			if rows[p].Distance != 0 || cols[p].Distance != 0 {
				t.Fatalf("row %d: %v and %v, want 0", p, rows[p], cols[p])
			}
		}
	})
}

func TestRowsSubset(t *testing.T) {
	each(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(5, 6))
		const c = 20
		a, b := random(rng, 9*c), random(rng, 40*c)
		keep := []int{3, 5, 38}
		var kept []float32
		for _, q := range keep {
			kept = append(kept, b[q*c:(q+1)*c]...)
		}
		rb := NewRows(random(rng, 64*c), 64, c) // larger before, so memory is reused
		rb.Set(b, 40, keep, rb.quantizer)
		rows := make([]Match, 9)
		var sr Searcher
		sr.Load(NewRows(a, 9, c))
		sr.Search(rb, rows, nil)
		want, _ := nearest(a, 9, kept, 3, c)
		check(t, "subset", rows, want, 3, 1e-5)
	})
}

func TestUseUnknown(t *testing.T) {
	if _, err := Use("abacus"); err == nil {
		t.Fatal("no error for an unknown implementation")
	}
}

func BenchmarkSearch(b *testing.B) {
	for _, name := range cpu.Available() {
		for _, c := range []int{40, 112, 1024} {
			b.Run(fmt.Sprintf("%s/C=%d", name, c), func(b *testing.B) {
				restore, err := Use(name)
				if err != nil {
					b.Fatal(err)
				}
				defer restore()
				const p = 784
				rng := rand.New(rand.NewPCG(1, 1))
				x, y := NewRows(random(rng, p*c), p, c), NewRows(random(rng, p*c), p, c)
				rows, cols := make([]Match, p), make([]Match, p)
				var s Searcher
				s.Load(x)
				for b.Loop() {
					s.Search(y, rows, cols)
				}
				b.ReportMetric(2*p*p*float64(c)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	}
}
