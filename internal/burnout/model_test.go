package burnout

import (
	"context"
	"math"
	"math/rand/v2"
	"testing"

	"codegraph/internal/mutual"
)

// modelTable draws every row from the Beta(α, 1) model; the first images share
// a defect at the places planted: α·ln of their distances is lower by 3.
func modelTable(seed uint64, n, p, sharing int, planted []int, alpha func(x int) float64) *mutual.Table {
	rng := rand.New(rand.NewPCG(seed, 7))
	t := mutual.NewTable(n, p)
	for i := range n {
		for x := range p {
			row := t.Row(i, x)
			for j := range row {
				row[j] = float32(math.Pow(rng.Float64(), 1/alpha(x)))
			}
			row[i] = float32(math.Inf(1))
		}
	}
	for i := range sharing {
		for _, x := range planted {
			for j := range sharing {
				if j != i {
					t.Row(i, x)[j] = float32(0.01 * (1 + 0.1*rng.Float64()))
				}
			}
		}
	}
	return t
}

func newModel(t testing.TB, tab *mutual.Table, omega int) *Model {
	t.Helper()
	m, err := NewModel(context.Background(), tab, omega, 1, 2)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func places(x int) float64 { return 4 + float64(x%10) }

func TestModelRecoversAlpha(t *testing.T) {
	t.Parallel()
	tab := modelTable(1, 60, 40, 10, []int{3, 4}, places)
	m := newModel(t, tab, 20)
	for x, e := range m.Positions {
		if math.Abs(e.Alpha-places(x)) > 4*e.StdErr || e.StdErr > 0.15*e.Alpha {
			t.Errorf("place %d: α = %v ± %v, want %v", x, e.Alpha, e.StdErr, places(x))
		}
	}
	one := newModel(t, modelTable(2, 50, 40, 0, nil, func(int) float64 { return 9 }), 18)
	if e := one.Batch; math.Abs(e.Alpha-9) > 4*e.StdErr || e.StdErr > 0.2 {
		t.Errorf("batch: α = %v ± %v, want 9", e.Alpha, e.StdErr)
	}
	if e := one.Images[7]; math.Abs(e.Alpha-9) > 4*e.StdErr {
		t.Errorf("image: α = %v ± %v, want 9", e.Alpha, e.StdErr)
	}
}

// TestModelTest: p-values of normal patches are uniform, though α is
// estimated, and those of a shared defect tiny.
func TestModelTest(t *testing.T) {
	t.Parallel()
	planted := []int{11, 30}
	tab := modelTable(3, 60, 100, 8, planted, places)
	m := newModel(t, tab, 20)
	var below [2]float64
	n := 0.0
	for i := 8; i < tab.N; i++ {
		for x := range tab.P {
			p := m.Test(Vector(nil, tab.Row(i, x)), x).P
			n++
			checkLeast(t, m.Test(Vector(nil, tab.Row(i, x)), x))
			for k, at := range []float64{0.05, 0.5} {
				if p <= at {
					below[k]++
				}
			}
		}
	}
	for k, at := range []float64{0.05, 0.5} {
		if math.Abs(below[k]/n-at) > 0.2*at {
			t.Errorf("%v of the p-values of normal patches are below %v", below[k]/n, at)
		}
	}
	for i := range 8 {
		for _, x := range planted {
			got := m.Test(Vector(nil, tab.Row(i, x)), x)
			if got.P > 1e-6 || got.Rank != 7 || len(got.Ranks) != 19 {
				t.Errorf("image %d, place %d: p = %v by rank %d", i, x, got.P, got.Rank)
			}
		}
	}
}

// checkLeast: the rank is the first with the least p-value.
func checkLeast(t *testing.T, got Test) {
	t.Helper()
	for k, p := range got.Ranks {
		if least := got.Ranks[got.Rank-1]; p < least || p == least && k+1 < got.Rank {
			t.Errorf("rank %d has p = %v, rank %d %v", got.Rank, least, k+1, p)
		}
	}
}

func TestModelOfCopies(t *testing.T) {
	t.Parallel()
	tab := mutual.NewTable(8, 3) // every distance 0
	m := newModel(t, tab, 3)
	if got := m.Test(Vector(nil, tab.Row(0, 0)), 0); got.P != 1 {
		t.Errorf("p = %v of copies", got.P)
	}
	fit, err := m.Fit(context.Background(), tab, 1)
	if err != nil || fit.Holds() {
		t.Errorf("fit %+v, error %v", fit, err)
	}
}

func TestModelFit(t *testing.T) {
	t.Parallel()
	tab := modelTable(5, 40, 60, 0, nil, places)
	fit, err := newModel(t, tab, 15).Fit(context.Background(), tab, 1)
	if err != nil || !fit.Holds() || fit.P < 0.001 || fit.Sampled != 40 || fit.Patches != 40*60 {
		t.Errorf("fit %+v, error %v", fit, err)
	}
}
