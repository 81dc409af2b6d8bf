package plant

import (
	"math"
	"math/rand/v2"
)

// vec is a point or a direction, in pixels (x to the right, y down) or in
// units of a frame.
type vec struct{ x, y float64 }

func (a vec) add(b vec) vec       { return vec{a.x + b.x, a.y + b.y} }
func (a vec) sub(b vec) vec       { return vec{a.x - b.x, a.y - b.y} }
func (a vec) mul(s float64) vec   { return vec{a.x * s, a.y * s} }
func (a vec) dot(b vec) float64   { return a.x*b.x + a.y*b.y }
func (a vec) length() float64     { return math.Hypot(a.x, a.y) }
func direction(angle float64) vec { s, c := math.Sincos(angle); return vec{c, s} }
func (a vec) turn(angle float64) vec {
	s, c := math.Sincos(angle)
	return vec{a.x*c - a.y*s, a.x*s + a.y*c}
}

// generator returns the random numbers of one purpose under a seed.
func generator(seed, purpose uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, purpose)) }

// span draws evenly from [from, to).
func span(rng *rand.Rand, from, to float64) float64 { return from + (to-from)*rng.Float64() }

// about draws evenly from 1 ± spread.
func about(rng *rand.Rand, spread float64) float64 { return span(rng, 1-spread, 1+spread) }

func mix(a, b, t float64) float64 { return a + (b-a)*t }

// smooth rises from 0 at from to 1 at to, with a slope of 0 at both.
func smooth(from, to, x float64) float64 {
	t := min(max((x-from)/(to-from), 0), 1)
	return t * t * (3 - 2*t)
}

// colour is red, green and blue as encoded (sRGB), 0 to 1.
type colour [3]float64

func (c colour) mix(d colour, t float64) colour {
	for i := range c {
		c[i] = mix(c[i], d[i], t)
	}
	return c
}

func (c colour) scale(s float64) colour { return colour{c[0] * s, c[1] * s, c[2] * s} }

func (c colour) plus(d colour, s float64) colour {
	for i := range c {
		c[i] += s * d[i]
	}
	return c
}

func (c colour) luma() float64 { return 0.299*c[0] + 0.587*c[1] + 0.114*c[2] }

func (c colour) grey() colour { l := c.luma(); return colour{l, l, l} }

// noise is value noise: random numbers at the points of a lattice of step 1,
// smoothly interpolated, 0 to 1.
type noise struct{ seed uint64 }

func newNoise(rng *rand.Rand) noise { return noise{rng.Uint64()} }

func (n noise) lattice(x, y int64) float64 {
	h := n.seed ^ uint64(x)*0x9e3779b97f4a7c15 ^ uint64(y)*0xc2b2ae3d27d4eb4f
	h = (h ^ h>>31) * 0x7fb5d329728ea185
	h = (h ^ h>>27) * 0x81dadef4bc2dd44d
	return float64((h^h>>33)>>11) / (1 << 53)
}

func (n noise) at(x, y float64) float64 {
	fx, fy := math.Floor(x), math.Floor(y)
	tx, ty := smooth(0, 1, x-fx), smooth(0, 1, y-fy)
	i, j := int64(fx), int64(fy)
	return mix(mix(n.lattice(i, j), n.lattice(i+1, j), tx), mix(n.lattice(i, j+1), n.lattice(i+1, j+1), tx), ty)
}

// fractal adds octaves, each of half the step and height of the one before.
func (n noise) fractal(x, y float64, octaves int) (sum float64) {
	total, height := 0.0, 1.0
	for range octaves {
		sum += height * n.at(x, y)
		total += height
		x, y, height = 2*x+17.3, 2*y+5.1, height/2
	}
	return sum / total
}

// blob is an irregular disc of radius about 1.
type blob struct {
	stretch float64
	amount  [5]float64
	phase   [5]float64
}

func newBlob(rng *rand.Rand, rough float64) (b blob) {
	b.stretch = span(rng, 1, 1.5)
	for k := range b.amount {
		b.amount[k] = rough * span(rng, 0, 1) / float64(k+2)
		b.phase[k] = span(rng, 0, 2*math.Pi)
	}
	return b
}

// at is about the distance from the outline, negative inside, −1 in the middle.
func (b blob) at(q vec) float64 {
	q = vec{q.x / math.Sqrt(b.stretch), q.y * math.Sqrt(b.stretch)}
	angle := math.Atan2(q.y, q.x)
	r := 1.0
	for k, a := range b.amount {
		r += a * math.Cos(float64(k+2)*angle+b.phase[k])
	}
	return q.length() - r
}
