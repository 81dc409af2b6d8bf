package synth

import (
	"math"
	"math/rand/v2"
)

// marker is the form of damage.mark.
type marker = func(q vec, d float64, s *surface) bool

// tint scales a surface's colour.
func (s *surface) tint(r, g, b, amount float64) {
	s.albedo[0] *= mix(1, r, amount)
	s.albedo[1] *= mix(1, g, amount)
	s.albedo[2] *= mix(1, b, amount)
}

// blend moves a surface's colour towards another one.
func (s *surface) blend(c [3]float64, amount float64) {
	for i := range c {
		s.albedo[i] = mix(s.albedo[i], c[i], amount)
	}
}

// blob is the distance to an irregular disc: the shape of chips, stains and
// particles.
type blob struct {
	centre   vec
	r        float64
	cos, sin float64
	stretch  float64
	rough    float64
	n        noise
}

func newBlob(rng *rand.Rand, centre vec, r, rough float64) blob {
	b := blob{centre: centre, r: r, rough: rough, n: newNoise(rng), stretch: span(rng, 1, 1.6)}
	b.sin, b.cos = math.Sincos(span(rng, 0, math.Pi))
	return b
}

// at is 0 on the outline and −1 about in the middle.
func (b blob) at(q vec) float64 {
	v := q.sub(b.centre).turn(b.cos, -b.sin).mul(1 / b.r)
	v.x /= b.stretch
	v.y *= math.Sqrt(b.stretch)
	return v.length() - 1 + b.rough*b.n.fractal(1.7*v.x, 1.7*v.y, 3)
}

// reach bounds the blob: beyond it nothing needs to be worked out.
func (b blob) reach() float64 { return b.r * b.stretch * (1 + b.rough) * 1.1 }

func (b blob) far(q vec) bool { return q.sub(b.centre).length() > b.reach() }

// curve draws a line that bends at random, of the given length.
func curve(rng *rand.Rand, from vec, angle, length, bend float64, pieces int) []vec {
	chain := []vec{from}
	turn := bend * rng.NormFloat64()
	for range pieces {
		angle += turn/float64(pieces) + 0.4*bend*rng.NormFloat64()/math.Sqrt(float64(pieces))
		from = from.add(polar(length/float64(pieces), angle))
		chain = append(chain, from)
	}
	return chain
}

// scratch is a bundle of grooves about centre, with bare material at their
// bottom.
func scratch(rng *rand.Rand, centre vec, bare [3]float64) marker {
	angle := span(rng, 0, 2*math.Pi)
	length := span(rng, 45, 100)
	depth := span(rng, 0.5, 1.0)
	strength := span(rng, 0.45, 0.9)
	from := centre.sub(polar(length*span(rng, 0.2, 0.5), angle))
	var strands [][]vec
	for range 1 + rng.IntN(3) {
		start := from.add(vec{5 * rng.NormFloat64(), 5 * rng.NormFloat64()})
		strands = append(strands, curve(rng, start, angle+0.06*rng.NormFloat64(), length*span(rng, 0.5, 1), 0.25, 8))
	}
	width := span(rng, 0.9, 1.6)
	n := newNoise(rng)
	return func(q vec, d float64, s *surface) bool {
		if d >= 0 || q.sub(from).length() > length+40 {
			return false
		}
		hit := false
		for i, chain := range strands {
			dist, t := polyline(q, chain, 0)
			w := width * (0.35 + 0.65*math.Sqrt(4*t*(1-t))) * (1 + 0.35*n.line(14*t, int32(i)))
			if dist > w {
				continue
			}
			hit = true
			deep := 1 - (dist/w)*(dist/w)
			s.height -= depth * deep
			s.blend(bare, strength*deep)
			s.brush = vec{}
		}
		return hit
	}
}

// stain is a dried liquid: a tint with a darker rim.
func stain(rng *rand.Rand, centre vec, r float64) marker {
	b := newBlob(rng, centre, r, 0.8)
	tints := [][3]float64{{0.72, 0.58, 0.40}, {0.55, 0.58, 0.62}, {0.62, 0.44, 0.34}, {0.78, 0.80, 0.62}}
	c := tints[rng.IntN(len(tints))]
	amount := span(rng, 0.55, 0.9)
	rim := span(rng, 0.1, 0.5)
	soft := span(rng, 0.08, 0.3)
	return func(q vec, d float64, s *surface) bool {
		if d >= 0 || b.far(q) {
			return false
		}
		v := b.at(q)
		if v > soft {
			return false
		}
		a := amount * step(soft, -soft, v)
		a *= 1 + rim*math.Exp(-v*v*60) + 0.25*b.n.fractal(q.x*0.2, q.y*0.2, 3)
		s.tint(c[0], c[1], c[2], clamp01(a))
		s.spec *= 1 - 0.5*a
		return v < 0
	}
}

// oil darkens and shines.
func oil(rng *rand.Rand, centre vec, r float64) marker {
	b := newBlob(rng, centre, r, 0.5)
	amount := span(rng, 0.6, 0.95)
	return func(q vec, d float64, s *surface) bool {
		if d >= 0 || b.far(q) {
			return false
		}
		v := b.at(q)
		a := amount * step(0.12, -0.25, v)
		s.tint(0.50, 0.46, 0.36, a)
		s.spec += 0.05 * a
		s.gloss = mix(s.gloss, 30, a)
		return v < 0
	}
}

// dent is a smooth hollow, seen by its shading alone.
func dent(rng *rand.Rand, centre vec, r float64) marker {
	b := newBlob(rng, centre, r, 0.25)
	depth := r * span(rng, 0.2, 0.36)
	return func(q vec, d float64, s *surface) bool {
		if d >= 0 || b.far(q) {
			return false
		}
		v := clamp01(1 + b.at(q))
		if v >= 1 {
			return false
		}
		s.height -= depth * (1 - v*v) * (1 - v*v)
		return v < 0.9
	}
}

// particle is a chip or crumb that lies on the part.
func particle(rng *rand.Rand, centre vec, r float64) marker {
	b := newBlob(rng, centre, r, 0.9)
	colours := [][3]float64{{0.10, 0.09, 0.08}, {0.45, 0.30, 0.14}, {0.62, 0.60, 0.55}, {0.20, 0.26, 0.16}, {0.40, 0.12, 0.09}}
	c := colours[rng.IntN(len(colours))]
	rise := r * span(rng, 0.4, 0.8)
	return func(q vec, d float64, s *surface) bool {
		if b.far(q) {
			return false
		}
		v := b.at(q)
		if v > 0 {
			s.shade = max(s.shade, 0.5*step(0.5, 0, v))
			return false
		}
		grain := b.n.fractal(q.x*0.5, q.y*0.5, 3)
		*s = surface{height: s.height + rise*math.Sqrt(min(-v, 1)) + 0.8*grain, spec: 0.08, gloss: 20}
		for i := range c {
			s.albedo[i] = c[i] * (1 + 0.5*grain)
		}
		return true
	}
}

// fibre is a hair or lint that lies on the part.
func fibre(rng *rand.Rand, from vec) marker {
	length := span(rng, 40, 90)
	chain := curve(rng, from, span(rng, 0, 2*math.Pi), length, 2.4, 14)
	shadow := make([]vec, len(chain))
	for i, c := range chain {
		shadow[i] = c.add(vec{1.2, 1.5})
	}
	c := [3]float64{0.06, 0.05, 0.05}
	if rng.IntN(2) == 0 {
		c = [3]float64{0.75, 0.72, 0.66}
	}
	width := span(rng, 0.8, 1.3)
	return func(q vec, d float64, s *surface) bool {
		if q.sub(from).length() > length+5 {
			return false
		}
		if dist, _ := polyline(q, shadow, width); dist < 0 {
			s.shade = max(s.shade, 0.4)
		}
		dist, _ := polyline(q, chain, 0)
		if dist > width {
			return false
		}
		s.blend(c, 0.9)
		s.height += width * (1 - (dist/width)*(dist/width))
		s.brush = vec{}
		return true
	}
}

// crack is a jagged dark line that starts at from.
func crack(rng *rand.Rand, from vec, angle float64) marker {
	length := span(rng, 28, 60)
	chain := curve(rng, from, angle, length, 1.6, 11)
	width := span(rng, 1.0, 1.7)
	return func(q vec, d float64, s *surface) bool {
		if d >= 0 || q.sub(from).length() > length+5 {
			return false
		}
		dist, t := polyline(q, chain, 0)
		w := width * (1.15 - 0.8*t)
		if dist > w {
			return false
		}
		s.blend([3]float64{0.03, 0.03, 0.03}, 0.85)
		s.spec *= 0.2
		s.height -= 0.8
		return true
	}
}

// bite removes an irregular piece of the outline around centre.
func bite(rng *rand.Rand, outline func(q vec) float64, centre vec, r float64) func(q vec) float64 {
	b := newBlob(rng, centre, r, 0.6)
	return func(q vec) float64 {
		d := outline(q)
		if q.sub(centre).length() > b.reach()+8 {
			return d
		}
		return max(d, -b.at(q)*r*0.8)
	}
}
