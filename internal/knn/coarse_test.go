package knn

import (
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"codegraph/internal/cpu"
)

var coarseFormats = []Format{Int16, Int8}

// framed lays rows out in a quantizer made of the first of them.
func framed(a, b []float32, na, nb, c int, format Format) (x, y *Rows) {
	f := NewQuantizer(format, na, c, a)
	x, y = new(Rows), new(Rows)
	x.Set(a, na, nil, f)
	y.Set(b, nb, nil, f)
	return x, y
}

func searchFramed(x, y *Rows) (rows, cols []Match) {
	rows, cols = make([]Match, x.N), make([]Match, y.N)
	var s Searcher
	s.Load(x)
	s.Search(y, rows, cols)
	return rows, cols
}

// TestCoarsePaths: every path finds the same maxima of integers as the
// portable one.
func TestCoarsePaths(t *testing.T) {
	for _, format := range coarseFormats {
		for _, shape := range [][3]int{{1, 1, 1}, {1, 70, 3}, {50, 31, 17}, {97, 65, 48}, {200, 129, 130}, {61, 33, 1024}, {500, 40, 1000}} {
			checkPaths(t, format, shape[0], shape[1], shape[2], 1)
		}
	}
}

// FuzzCoarsePaths meets other shapes.
func FuzzCoarsePaths(f *testing.F) {
	f.Add(uint16(13), uint16(33), uint16(40), uint64(1), true)
	f.Fuzz(func(t *testing.T, na, nb, c uint16, seed uint64, narrow bool) {
		format := Int16
		if narrow {
			format = Int8
		}
		checkPaths(t, format, 1+int(na)%200, 1+int(nb)%200, 1+int(c)%300, seed)
	})
}

func checkPaths(t *testing.T, format Format, na, nb, c int, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 9))
	a, b := random(rng, na*c), random(rng, nb*c)
	twins(a, na, b, nb, c)
	x, y := framed(a, b, na, nb, c, format)
	var want coarse
	for i, name := range slices.Backward(cpu.Available()) {
		restore, err := Use(name)
		if err != nil {
			t.Fatal(err)
		}
		var got coarse
		got.load(x)
		got.search(x, y)
		restore()
		if i == len(cpu.Available())-1 {
			want = got
		}
		if !slices.Equal(got.rowMax, want.rowMax) || !slices.Equal(got.colMax, want.colMax) {
			t.Fatalf("%s, %v, %d × %d rows of %d: maxima differ", name, format, na, nb, c)
		}
	}
}

// TestCoarse compares what the search over integers finds with float64.
func TestCoarse(t *testing.T) {
	each(t, func(t *testing.T) {
		for _, c := range []int{1, 3, 17, 48, 384, 1000, 1024} {
			for _, s := range [][2]int{{1, 1}, {1, 7}, {31, 100}, {100, 31}} {
				checkCoarse(t, s[0], s[1], c, 3)
			}
		}
	})
	checkCoarse(t, 1369, 31, 1024, 3)
	checkCoarse(t, 784, 784, 40, 3)
}

func checkCoarse(t *testing.T, na, nb, c int, seed uint64) {
	t.Helper()
	rng := rand.New(rand.NewPCG(seed, 4))
	a, b := random(rng, na*c), random(rng, nb*c)
	twins(a, na, b, nb, c)
	wantRows, wantCols := nearest(a, na, b, nb, c)
	format := Int16
	if c > 128 {
		format = Int8
	}
	rows, cols := searchFramed(framed(a, b, na, nb, c, format))
	what := fmt.Sprintf("%v, %d × %d rows of %d", format, na, nb, c)
	check(t, what+", rows", rows, wantRows, nb, 1e-3)
	check(t, what+", columns", cols, wantCols, na, 1e-3)
}

// FuzzCoarse: whatever the shape and the quantizer, what is found is a row at the
// distance given, the twins among the rows are found, and nothing is nearer
// than the nearest.
func FuzzCoarse(f *testing.F) {
	f.Add(uint16(13), uint16(33), uint16(40), uint64(1), false, 1.0)
	f.Add(uint16(130), uint16(97), uint16(140), uint64(2), true, 1.0)
	f.Add(uint16(30), uint16(7), uint16(5), uint64(3), true, 0.01) // rows far outside the quantizer
	f.Add(uint16(30), uint16(70), uint16(5), uint64(4), false, 1e6)
	f.Fuzz(func(t *testing.T, na, nb, c uint16, seed uint64, narrow bool, size float64) {
		if !(size > 1e-6 && size < 1e9) {
			t.Skip("lengths whose squares are not finite")
		}
		format := Int16
		if narrow {
			format = Int8
		}
		checkFound(t, 1+int(na)%200, 1+int(nb)%200, 1+int(c)%200, seed, format, float32(size))
	})
}

// checkFound searches with a quantizer made for rows that are size times as long.
func checkFound(t *testing.T, na, nb, c int, seed uint64, format Format, size float32) {
	rng := rand.New(rand.NewPCG(seed, 4))
	a, b := random(rng, na*c), random(rng, nb*c)
	twins(a, na, b, nb, c)
	sample := slices.Clone(a)
	for i := range sample {
		sample[i] *= size
	}
	quantizer := NewQuantizer(format, na, c, sample)
	clear(quantizer.centre)
	var x, y Rows
	x.Set(a, na, nil, quantizer)
	y.Set(b, nb, nil, quantizer)
	rows, cols := searchFramed(&x, &y)
	wantRows, wantCols := nearest(a, na, b, nb, c)
	checkDistances(t, &x, &y, rows, wantRows)
	checkDistances(t, &y, &x, cols, wantCols)
}

func checkDistances(t *testing.T, x, y *Rows, got []Match, least []float64) {
	t.Helper()
	for p, m := range got {
		if m.Index < 0 || int(m.Index) >= y.N {
			t.Fatalf("row %d matches row %d of %d", p, m.Index, y.N)
		}
		if d := distance(x, p, y, int(m.Index)); d != m.Distance {
			t.Fatalf("row %d: distance %v of row %d, which is at %v", p, m.Distance, m.Index, d)
		}
		if float64(m.Distance) < least[p]*(1-1e-5) || least[p] == 0 && m.Distance != 0 {
			t.Fatalf("row %d: distance %v, the nearest is at %v", p, m.Distance, least[p])
		}
	}
}

// TestCoarseTwins: among rows that integers do not tell apart, an identical
// one is found and gives exactly 0.
func TestCoarseTwins(t *testing.T) {
	each(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(8, 8))
		const n, c = 50, 40
		base := random(rng, c)
		a := make([]float32, n*c)
		for i := range a {
			a[i] = base[i%c] + 1e-4*float32(rng.NormFloat64())
		}
		a[0] += 10 // makes steps long
		for _, format := range coarseFormats {
			rows, cols := searchFramed(framed(a, a, n, n, c, format))
			for p := range n {
				if rows[p].Distance != 0 || cols[p].Distance != 0 {
					t.Fatalf("%v, row %d: %v and %v, want 0", format, p, rows[p], cols[p])
				}
			}
		}
	})
}

// TestCoarseLoose: rows far outside the quantizer are still matched rightly.
func TestCoarseLoose(t *testing.T) {
	each(t, func(t *testing.T) {
		rng := rand.New(rand.NewPCG(8, 9))
		const n, c = 40, 20
		a, b := random(rng, n*c), random(rng, n*c)
		for i := range 3 * c {
			a[i] *= 50
			b[i+7*c] *= 1e3
		}
		wantRows, wantCols := nearest(a, n, b, n, c)
		f := NewQuantizer(Int8, 20, c, b[20*c:])
		for _, format := range coarseFormats {
			f.format, f.step = format, NewQuantizer(format, 20, c, b[20*c:]).step
			var x, y Rows
			x.Set(a, n, nil, f)
			y.Set(b, n, nil, f)
			if len(x.ints.unquantisable) < 3 || len(y.ints.unquantisable) < 3 {
				t.Fatalf("%v: unquantisable rows %v and %v", format, x.ints.unquantisable, y.ints.unquantisable)
			}
			rows, cols := searchFramed(&x, &y)
			check(t, format.String(), rows, wantRows, n, 1e-3)
			check(t, format.String(), cols, wantCols, n, 1e-3)
		}
	})
}

// TestRound holds rounding to its definition.
func TestRound(t *testing.T) {
	f := &Quantizer{c: 4, format: Int8, step: 0.5}
	got := make([]int32, 4)
	half, sum, ok := f.round(got, []float32{0.8, -1.2, 0.25, 1e9})
	if want := []int32{2, -2, 0, 127}; !slices.Equal(got, want) || half != (4+4+127*127+1)/2 || sum != 127 || ok {
		t.Fatalf("%v, half %d, sum %d, ok %v", got, half, sum, ok)
	}
	f.format = Int16
	if _, _, ok = f.round(got, []float32{1e9, 1e9, 0, float32(math.Inf(-1))}); ok {
		t.Fatalf("a row too long: %v, ok %v", got, ok)
	}
}
