package stats

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestQuantile(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		v    []float64
		q    float64
		want float64 // numpy.quantile
	}{
		{nil, 0.5, 0},
		{[]float64{7}, 0.25, 7},
		{[]float64{3, 1}, 0.5, 2},
		{[]float64{4, 1, 3, 2}, 0.25, 1.75},
		{[]float64{4, 1, 3, 2}, 0, 1},
		{[]float64{4, 1, 3, 2}, 1, 4},
		{[]float64{10, 20, 50}, 0.9, 44},
	} {
		before := slices.Clone(c.v)
		if got := Quantile(c.v, c.q); math.Abs(got-c.want) > 1e-12 {
			t.Errorf("%v-quantile of %v: %v, want %v", c.q, c.v, got, c.want)
		}
		if !slices.Equal(before, c.v) {
			t.Errorf("%v became %v", before, c.v)
		}
	}
}

// TestSortedQuantile: the highest values are enough for a high quantile.
func TestSortedQuantile(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		v := rapid.SliceOfN(rapid.Float64Range(-1, 1), 1, 60).Draw(t, "values")
		q := rapid.Float64Range(0, 1).Draw(t, "q")
		first, _ := Position(len(v), q)
		top := slices.Sorted(slices.Values(v))[first:]
		if got, want := SortedQuantile(top, len(v), q), Quantile(v, q); got != want {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

func TestMAD(t *testing.T) {
	t.Parallel()
	v := []float64{1, 2, 3, 4, 1000}
	if m := Median(v); m != 3 || MAD(v, m) != 1 {
		t.Errorf("median %v, deviation %v", m, MAD(v, m))
	}
}

// TestBenjaminiHochberg: the example of Benjamini and Hochberg 1995, section
// 3.2, of which four are rejected at 0.05; q-values by hand.
func TestBenjaminiHochberg(t *testing.T) {
	t.Parallel()
	p := []float64{0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.3240, 0.4262, 0.5719, 0.6528, 0.7590, 1}
	q := BenjaminiHochberg(p)
	for k, want := range []float64{0.0015, 0.003, 0.0095, 0.035625, 0.0603, 0.0638571, 0.0638571, 0.0645, 0.0765, 0.486} {
		if math.Abs(q[k]-want) > 1e-6 {
			t.Errorf("q of %v is %v, want %v", p[k], q[k], want)
		}
	}
	if len(BenjaminiHochberg(nil)) != 0 {
		t.Error("q-values of nothing")
	}
}

// TestStepUp: q ≤ rate is the step-up rule, whatever the order of p.
func TestStepUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := rapid.SliceOfN(rapid.Float64Range(0, 1), 1, 40).Draw(t, "p")
		rate := rapid.Float64Range(0.01, 0.99).Draw(t, "rate")
		cut := -1.0
		for k, v := range slices.Sorted(slices.Values(p)) {
			if v*float64(len(p)) <= rate*float64(k+1)*(1-1e-12) {
				cut = v
			}
		}
		for k, q := range BenjaminiHochberg(p) {
			if p[k] <= cut && q > rate || p[k] > cut && q < rate*(1-1e-9) {
				t.Fatalf("p %v, cut %v, q %v at rate %v", p[k], cut, q, rate)
			}
		}
	})
}
