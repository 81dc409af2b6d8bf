package knn

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

// TestWindow compares with the definition, written out.
func TestWindow(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w := Window{rapid.IntRange(1, 6).Draw(t, "h"), rapid.IntRange(1, 6).Draw(t, "w"), rapid.IntRange(0, 7).Draw(t, "radius")}
		n, c := w.H*w.W, rapid.IntRange(1, 20).Draw(t, "c")
		fraction := rapid.Custom(func(t *rapid.T) float32 { return float32(rapid.IntRange(-64, 64).Draw(t, "64ths")) / 64 })
		values := rapid.SliceOfN(fraction, n*c, n*c)
		flags := rapid.SliceOfN(rapid.Bool(), n, n)
		x, y := values.Draw(t, "x"), values.Draw(t, "y")
		xGone, yGone := flags.Draw(t, "gone of x"), flags.Draw(t, "gone of y")
		rows, cols := make([]Match, n), make([]Match, n)
		w.Search(NewRows(x, n, c), NewRows(y, n, c), xGone, yGone, rows, cols)
		for p := range n {
			checkNear(t, w, x, y, c, p, yGone, rows[p])
			checkNear(t, w, y, x, c, p, xGone, cols[p])
			checkNear(t, w, x, y, c, p, make([]bool, n), w.Near(NewRows(x, n, c), p, p, NewRows(y, n, c), nil))
		}
	})
}

func checkNear(t *rapid.T, w Window, x, y []float32, c, p int, gone []bool, got Match) {
	best := math.Inf(1)
	for q := range w.H * w.W {
		if gone[q] || max(abs(p/w.W-q/w.W), abs(p%w.W-q%w.W)) > w.Radius {
			continue
		}
		var sum float64
		for k := range c {
			d := float64(x[p*c+k]) - float64(y[q*c+k])
			sum += d * d
		}
		best = math.Min(best, math.Sqrt(sum))
	}
	if math.IsInf(best, 1) != (got.Index < 0) || !(math.Abs(float64(got.Distance)-best) <= 1e-5*best || math.IsInf(best, 1) && math.IsInf(float64(got.Distance), 1)) {
		t.Fatalf("row %d: %v, want distance %v", p, got, best)
	}
}

func abs(x int) int { return max(x, -x) }
