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
		first, _ := position(len(v), q)
		top := slices.Sorted(slices.Values(v))[first:]
		if got, want := sortedQuantile(top, len(v), q), Quantile(v, q); got != want {
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
