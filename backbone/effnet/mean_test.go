package effnet

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"codegraph/backbone"
)

// TestMean: each position is the mean of those around it that there are.
func TestMean(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := backbone.Map{H: rapid.IntRange(1, 6).Draw(t, "h"), W: rapid.IntRange(1, 6).Draw(t, "w"), C: rapid.IntRange(1, 3).Draw(t, "c")}
		n := m.H * m.W * m.C
		m.Data = rapid.SliceOfN(rapid.Float32Range(-10, 10), n, n).Draw(t, "data")
		half := rapid.IntRange(0, 3).Draw(t, "half")
		got := mean(m, 2*half+1)
		for i, v := range got.Data {
			y, x, c := i/m.C/m.W, i/m.C%m.W, i%m.C
			var sum, count float64
			for v := max(0, y-half); v <= min(m.H-1, y+half); v++ {
				for u := max(0, x-half); u <= min(m.W-1, x+half); u++ {
					sum += float64(m.Data[(v*m.W+u)*m.C+c])
					count++
				}
			}
			if math.Abs(float64(v)-sum/count) > 1e-4 {
				t.Fatalf("position %d, %d, channel %d: %v, want %v", y, x, c, v, sum/count)
			}
		}
	})
}
