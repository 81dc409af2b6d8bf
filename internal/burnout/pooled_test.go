package burnout_test

import (
	"math"
	"math/rand/v2"
	"testing"

	"codegraph/internal/burnout"
)

// TestPooled: of rows whose distances grow by a tail index it finds that; of rows
// that do not grow, none.
func TestPooled(t *testing.T) {
	t.Parallel()
	for _, alpha := range []float64{1, 4, 20} {
		rng := rand.New(rand.NewPCG(1, 2))
		row := make([]float32, 40)
		got := burnout.Pooled(func(yield func([]float32) bool) {
			for range 2000 {
				for j := range row {
					row[j] = float32(math.Pow(rng.Float64(), 1/alpha)) // P(d < t) = t^α
				}
				if !yield(row) {
					return
				}
			}
		}, 12)
		if math.Abs(got/alpha-1) > 0.05 {
			t.Errorf("tail index %v is found to be %v", alpha, got)
		}
	}
	flat := func(yield func([]float32) bool) { yield([]float32{1, 1, 1, 1}) }
	if got := burnout.Pooled(flat, 3); !math.IsNaN(got) {
		t.Errorf("of equal distances %v", got)
	}
}
