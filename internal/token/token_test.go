package token

import (
	"math"
	"testing"

	"codegraph/backbone"
	"pgregory.net/rapid"
)

func drawMap(t *rapid.T) backbone.Map {
	m := backbone.Map{H: rapid.IntRange(1, 7).Draw(t, "h"), W: rapid.IntRange(1, 7).Draw(t, "w"), C: rapid.IntRange(1, 5).Draw(t, "c")}
	m.Data = rapid.SliceOfN(rapid.Float32Range(-10, 10), m.H*m.W*m.C, m.H*m.W*m.C).Draw(t, "data")
	return m
}

// TestUnitOfDenormals: a token too short for its inverse length to be a float32
// has the length 1 afterwards, too.
func TestUnitOfDenormals(t *testing.T) {
	v := []float32{3e-40, -4e-40}
	unit(v)
	if math.Abs(float64(v[0])-0.6) > 1e-4 || math.Abs(float64(v[1])+0.8) > 1e-4 {
		t.Error(v)
	}
}

// TestAggregate compares with the definition, written out.
func TestAggregate(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMap(t)
		r := rapid.SampledFrom([]int{1, 3, 5}).Draw(t, "r")
		got := make([]float32, len(m.Data))
		aggregate(got, m, r)
		for y := range m.H {
			for x := range m.W {
				want := make([]float64, m.C)
				var norm, size float64
				for c := range want {
					for dy := -(r / 2); dy <= r/2; dy++ {
						for dx := -(r / 2); dx <= r/2; dx++ {
							if yy, xx := y+dy, x+dx; yy >= 0 && yy < m.H && xx >= 0 && xx < m.W {
								v := float64(m.Data[(yy*m.W+xx)*m.C+c]) / float64(r*r)
								want[c] += v
								size += math.Abs(v)
							}
						}
					}
					norm += want[c] * want[c]
				}
				norm = math.Sqrt(norm)
				if norm < 1e-4*size {
					continue // cancelled: the direction is rounding noise
				}
				for c := range want {
					if g := float64(got[(y*m.W+x)*m.C+c]); math.Abs(g-want[c]/norm) > 1e-2 || norm > 1e-2*size && math.Abs(g-want[c]/norm) > 1e-4 {
						t.Fatalf("(%d,%d) channel %d: %v, want %v", y, x, c, g, want[c]/norm)
					}
				}
			}
		}
	})
}

func TestNormalize(t *testing.T) {
	m := backbone.Map{H: 1, W: 2, C: 2, Data: []float32{1, 2, 3, 4}}
	Normalize(m)
	// mean 2.5, variance 1.25
	for i, want := range []float64{-1.341635, -0.447212, 0.447212, 1.341635} {
		if math.Abs(float64(m.Data[i])-want) > 1e-5 {
			t.Errorf("[%d] = %v, want %v", i, m.Data[i], want)
		}
	}
	flat := backbone.Map{H: 1, W: 1, C: 3, Data: []float32{7, 7, 7}}
	Normalize(flat)
	for _, v := range flat.Data {
		if v != 0 {
			t.Errorf("a constant block gives %v, want zeros", flat.Data)
		}
	}
}

// TestResampleConstant: every resampling keeps a constant.
func TestResampleConstant(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := drawMap(t)
		for i := range m.Data {
			m.Data[i] = 3
		}
		h, w := rapid.IntRange(1, 9).Draw(t, "oh"), rapid.IntRange(1, 9).Draw(t, "ow")
		for _, v := range Resample(m, h, w).Data {
			if math.Abs(float64(v)-3) > 1e-5 {
				t.Fatalf("%d×%d → %d×%d gives %v", m.H, m.W, h, w, v)
			}
		}
	})
}

func TestResample(t *testing.T) {
	m := backbone.Map{H: 1, W: 4, C: 1, Data: []float32{1, 3, 5, 7}}
	if got := Resample(m, 1, 2).Data; got[0] != 2 || got[1] != 6 {
		t.Errorf("halving gives %v, want [2 6]", got)
	}
	two := backbone.Map{H: 1, W: 2, C: 1, Data: []float32{0, 4}}
	want := []float32{0, 1, 3, 4} // torch interpolate, bilinear, align_corners=False
	for i, v := range Resample(two, 1, 4).Data {
		if v != want[i] {
			t.Errorf("doubling [%d] = %v, want %v", i, v, want[i])
		}
	}
}
