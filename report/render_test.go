package report

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestUpsample(t *testing.T) {
	for _, tt := range []struct {
		name               string
		data               []float32
		gridH, gridW, w, h int
		want               []float32
	}{
		{"one patch", []float32{3}, 1, 1, 2, 2, []float32{3, 3, 3, 3}},
		{"one pixel", []float32{1, 2, 3, 4}, 2, 2, 1, 1, []float32{1}},
		{"same size", []float32{1, 2, 3, 4}, 2, 2, 2, 2, []float32{1, 2, 3, 4}},
		{"middle", []float32{0, 2, 4, 6}, 2, 2, 3, 3, []float32{0, 1, 2, 2, 3, 4, 4, 5, 6}},
		{"smaller", []float32{0, 1, 2, 3, 4}, 1, 5, 3, 1, []float32{0, 2, 4}},
	} {
		got := Upsample(tt.data, tt.gridH, tt.gridW, tt.w, tt.h)
		for i := range tt.want {
			if got[i] != tt.want[i] {
				t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
				break
			}
		}
	}
}

// A plane stays a plane, and nothing leaves the range of the map.
func TestUpsampleProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gh, gw := rapid.IntRange(1, 9).Draw(t, "gh"), rapid.IntRange(1, 9).Draw(t, "gw")
		w, h := rapid.IntRange(1, 40).Draw(t, "w"), rapid.IntRange(1, 40).Draw(t, "h")
		data := make([]float32, gh*gw)
		for p := range data {
			data[p] = float32(p/gw)*3 + float32(p%gw)
		}
		for i, v := range Upsample(data, gh, gw, w, h) {
			y := float64(i/w) * float64(gh-1) / float64(max(h-1, 1))
			x := float64(i%w) * float64(gw-1) / float64(max(w-1, 1))
			if math.Abs(float64(v)-3*y-x) > 1e-4 {
				t.Fatalf("pixel %d: %v, want %v", i, v, 3*y+x)
			}
		}
	})
}
