package anomap

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestUpsample(t *testing.T) {
	t.Parallel()
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
		m := New(tt.data, tt.gridH, tt.gridW)
		if got := m.Upsample(tt.h, tt.w); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
		if got := m.Max(tt.h, tt.w); got != slices.Max(tt.want) {
			t.Errorf("%s: maximum %v of %v", tt.name, got, tt.want)
		}
	}
}

// TestUpsamplePlane: a plane stays a plane.
func TestUpsamplePlane(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gh, gw := rapid.IntRange(1, 9).Draw(t, "gh"), rapid.IntRange(1, 9).Draw(t, "gw")
		w, h := rapid.IntRange(1, 40).Draw(t, "w"), rapid.IntRange(1, 40).Draw(t, "h")
		data := make([]float32, gh*gw)
		for p := range data {
			data[p] = float32(p/gw)*3 + float32(p%gw)
		}
		for i, v := range New(data, gh, gw).Upsample(h, w) {
			y := float64(i/w) * float64(gh-1) / float64(max(h-1, 1))
			x := float64(i%w) * float64(gw-1) / float64(max(w-1, 1))
			if math.Abs(float64(v)-3*y-x) > 1e-4 {
				t.Fatalf("pixel %d: %v, want %v", i, v, 3*y+x)
			}
		}
	})
}

// TestMax: the maximum is that of the map that is shown, and no more than the
// highest patch but for rounding.
func TestMax(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		gh, gw := rapid.IntRange(1, 9).Draw(t, "gh"), rapid.IntRange(1, 9).Draw(t, "gw")
		w, h := rapid.IntRange(1, 40).Draw(t, "w"), rapid.IntRange(1, 40).Draw(t, "h")
		m := New(rapid.SliceOfN(rapid.Float32Range(0, 1), gh*gw, gh*gw).Draw(t, "data"), gh, gw)
		got := m.Max(h, w)
		if want := slices.Max(m.Upsample(h, w)); got != want || got > slices.Max(m.Data)+1e-6 {
			t.Fatalf("%v, want %v", got, want)
		}
	})
}

// TestUnrotate: quarter turns move patches without a change.
func TestUnrotate(t *testing.T) {
	t.Parallel()
	// A quarter turn clockwise as seen brings the left column to the top.
	upright := []float32{1, 2, 3, 4, 5, 6, 7, 8, 9}
	back := New([]float32{7, 4, 1, 8, 5, 2, 9, 6, 3}, 3, 3).Unrotate(math.Pi / 2).Data
	for p := range back {
		if math.Abs(float64(back[p]-upright[p])) > 1e-5 {
			t.Fatalf("%v, want %v", back, upright)
		}
	}
}

func maskOf(w, h int, on ...int) []bool {
	m := make([]bool, w*h)
	for _, p := range on {
		m[p] = true
	}
	return m
}

func TestScaleMask(t *testing.T) {
	t.Parallel()
	m := maskOf(3, 2, 0, 5)
	if got := ScaleMask(m, 2, 3, 2, 6); !slices.Equal(got, maskOf(6, 2, 0, 1, 10, 11)) {
		t.Error(got)
	}
	if got := ScaleMask(m, 2, 3, 1, 1); !slices.Equal(got, maskOf(1, 1)) {
		t.Error(got)
	}
}
