package synth

import (
	"math"
	"math/rand/v2"
)

// noise is a seeded value noise on the plane: random values in (−1, 1) on the
// integer lattice with smooth interpolation in between.
type noise uint32

func newNoise(rng *rand.Rand) noise { return noise(rng.Uint32()) }

// cell is the lattice value at (x, y).
func (n noise) cell(x, y int32) float64 {
	h := uint32(x)*0x9e3779b1 ^ uint32(y)*0x85ebca77 ^ uint32(n)
	h ^= h >> 15
	h *= 0x2c1b3c6d
	h ^= h >> 12
	h *= 0x297a2d39
	h ^= h >> 15
	return float64(int32(h)) * (1.0 / (1 << 31))
}

func (n noise) at(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	ix, iy := int32(fx), int32(fy)
	u, v := fade(x-fx), fade(y-fy)
	a, b := n.cell(ix, iy), n.cell(ix+1, iy)
	c, d := n.cell(ix, iy+1), n.cell(ix+1, iy+1)
	return mix(mix(a, b, u), mix(c, d, u), v)
}

// line is noise along one dimension; row tells independent lines apart.
func (n noise) line(x float64, row int32) float64 {
	fx := math.Floor(x)
	ix := int32(fx)
	return mix(n.cell(ix, row), n.cell(ix+1, row), fade(x-fx))
}

// fractal sums octaves of halving size and amplitude.
func (n noise) fractal(x, y float64, octaves int) float64 {
	sum, amp := 0.0, 0.5
	for i := range octaves {
		sum += amp * (n+noise(i)*0x9e37).at(x, y)
		// Turned octaves hide the lattice.
		x, y, amp = 1.63*x+1.21*y+11.7, 1.63*y-1.21*x-5.3, 0.5*amp
	}
	return sum
}

func fade(t float64) float64         { return t * t * (3 - 2*t) }
func mix(a, b, t float64) float64    { return a + (b-a)*t }
func clamp01(t float64) float64      { return max(0, min(1, t)) }
func step(lo, hi, x float64) float64 { return fade(clamp01((x - lo) / (hi - lo))) }

// span draws uniformly between lo and hi.
func span(rng *rand.Rand, lo, hi float64) float64 { return lo + (hi-lo)*rng.Float64() }

// sign draws −1 or 1.
func sign(rng *rand.Rand) float64 { return float64(2*rng.IntN(2) - 1) }
