package imagescore

import (
	"math"
	"math/rand/v2"
	"testing"
)

// batch draws maps of n images on p patches: a pattern and noise.
func batch(seed uint64, n, p int) [][]float32 {
	rng := rand.New(rand.NewPCG(seed, 1))
	maps := make([][]float32, n)
	for i := range maps {
		maps[i] = make([]float32, p)
		for x := range p {
			maps[i][x] = 0.3 + 0.1*float32(x%7)/7 + 0.01*float32(rng.NormFloat64())
		}
	}
	return maps
}

func TestPeakOfADefect(t *testing.T) {
	maps := batch(1, 20, 400)
	for _, x := range []int{40, 41, 60} {
		maps[3][x] += 0.2
	}
	for x := range maps[5] {
		maps[5][x] += 0.2 // matches badly everywhere
	}
	pattern := NewPattern(maps)
	most := pattern.Score(maps[3]).Peak
	for i := range maps {
		if i != 3 && pattern.Score(maps[i]).Peak >= most {
			t.Errorf("image %d scores %v, and the one with a defect %v", i, pattern.Score(maps[i]).Peak, most)
		}
	}
}

// TestValues holds the score against the formula, by hand.
func TestValues(t *testing.T) {
	pattern := Pattern{0.4, 0.2, 0.2, 0.4, 0.2}
	got := pattern.Score([]float32{0.5, 0.3, 0.3, 0.9, 0.3})
	// a − m: 0.1 0.1 0.1 0.5 0.1, median 0.1; a − m/8: 0.45 0.275 0.275 0.85 0.275
	if math.Abs(got.Peak-0.8) > 1e-6 || math.Abs(got.Height-0.575) > 1e-6 {
		t.Errorf("%+v, want a peak of 0.8 and a height of 0.575", got)
	}
}

// TestHidden checks that patches that show nothing count nowhere.
func TestHidden(t *testing.T) {
	maps := batch(2, 9, 400)
	for i := range 6 {
		maps[i][0] = 0
	}
	maps[7][0] = 0.5
	pattern := NewPattern(maps)
	if pattern[0] < 0.3 || pattern[0] > 0.4 {
		t.Errorf("a patch that three of nine images show is expected to score %v", pattern[0])
	}
	blank := append([]float32(nil), maps[8]...)
	for x := range 300 {
		blank[x] = 0
	}
	if s := pattern.Score(blank); s.Peak < 0.2 || s.Peak > 0.5 {
		t.Errorf("an image that shows 100 patches scores %+v", s)
	}
	if s := pattern.Score(make([]float32, 400)); s != (Score{}) {
		t.Errorf("an image that shows nothing scores %+v", s)
	}
}

// TestUnits checks that scores go along with the unit of the map, and that the
// score changes by half and the height not at all when all of an image scores
// more.
func TestUnits(t *testing.T) {
	maps := batch(3, 12, 196)
	a := NewPattern(maps).Score(maps[0])
	shifted := append([]float32(nil), maps[0]...)
	for x := range shifted {
		shifted[x] += 0.25
	}
	b := NewPattern(maps).Score(shifted)
	if math.Abs(a.Peak+0.125-b.Peak) > 1e-6 || math.Abs(a.Height-b.Height) > 1e-6 {
		t.Errorf("%+v, and shifted %+v", a, b)
	}
	for _, m := range maps {
		for x := range m {
			m[x] *= 3
		}
	}
	if c := NewPattern(maps).Score(maps[0]); math.Abs(c.Peak-3*a.Peak) > 1e-5 || math.Abs(c.Height-3*a.Height) > 1e-5 {
		t.Errorf("%+v, and in another unit %+v", a, c)
	}
}

func TestNothing(t *testing.T) {
	if p := NewPattern(nil); p != nil {
		t.Errorf("the pattern of no maps is %v", p)
	}
	if s := NewPattern([][]float32{{0, 0}}).Score([]float32{0, 0}); s != (Score{}) {
		t.Errorf("identical images score %+v", s)
	}
}
