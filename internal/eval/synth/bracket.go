package synth

import (
	"math"
	"math/rand/v2"
)

var bracketKind = kind{
	name:         Bracket,
	variantShare: 0.3,
	rare:         []string{"scratch", "stain", "crack", "dent", "chip", "particle"},
	scene:        bracketScene,
}

// bracket holds the tolerances of one part. Its coordinates are those of the
// drawing, with the centre of the smallest circle around it at the origin.
type bracket struct {
	long, short float64 // half lengths of the arms
	top, end    vec     // holes
	corner      float64 // radius of the hole in the corner
	wobble      noise
}

var (
	bracketLong  = vec{-56, -3} // centre of the upright arm
	bracketShort = vec{4, 75}   // centre of the other one
	bracketKnee  = vec{-56, 75}
)

const bracketArm = 33.0 // half width

func newBracket(rng *rand.Rand, variant int) *bracket {
	b := &bracket{
		long:   111 + 0.3*rng.NormFloat64(),
		short:  93 + 0.3*rng.NormFloat64(),
		top:    vec{-56 + 0.2*rng.NormFloat64(), -82 + 0.2*rng.NormFloat64()},
		end:    vec{64 + 0.2*rng.NormFloat64(), 75 + 0.2*rng.NormFloat64()},
		corner: 6.5,
		wobble: newNoise(rng),
	}
	if variant == 1 {
		b.corner = 9.5
	}
	return b
}

func (b *bracket) outline(q vec) float64 {
	d := min(
		box(q, bracketLong, vec{bracketArm, b.long}, 9),
		box(q, bracketShort, vec{b.short, bracketArm}, 9),
		fillet(q, bracketKnee.add(vec{bracketArm, -bracketArm}), 12))
	d += 0.35 * b.wobble.at(0.05*q.x, 0.05*q.y)
	d = max(d, -circle(q, b.top, 15))
	d = max(d, -circle(q, b.end, 13))
	d = max(d, -circle(q, bracketKnee, b.corner))
	return max(d, -box(q, vec{-56, -8}, vec{8.5, 32}, 8.5))
}

func bracketScene(s spec) scene {
	rng := s.rng
	t := &part{pose: newPose(rng, 3, span(rng, 0, 2*math.Pi)), ground: table(rng), bevel: 2.6, height: 2.8}
	b := newBracket(rng, s.variant)
	t.outline = b.outline
	coat := painted(rng)
	if s.variant == 1 {
		coat = zinc(rng)
	}
	used := newWear(rng, 115)
	t.finish = func(q vec, d float64, s *surface) {
		coat(q, d, s)
		// A rib pressed into the short arm stiffens it.
		rib := box(q, vec{6, 75}, vec{32, 6}, 6)
		s.height += 2.4 * step(4, -5, rib)
		used.apply(q, s)
	}
	t.damage = b.damage(s)
	return t
}

// painted is powder coating, with its orange peel.
func painted(rng *rand.Rand) func(q vec, d float64, s *surface) {
	peel, cloud, specks := newNoise(rng), newNoise(rng), newNoise(rng)
	level := span(rng, 0.93, 1.07)
	c := [3]float64{0.05 * span(rng, 0.96, 1.04), 0.105, 0.175 * span(rng, 0.96, 1.04)}
	return func(q vec, d float64, s *surface) {
		p := peel.fractal(0.28*q.x, 0.28*q.y, 3)
		g := specks.at(0.8*q.x, 0.8*q.y)
		v := level * (1 + 0.16*cloud.fractal(0.015*q.x, 0.015*q.y, 4) + 0.08*p + 0.07*g)
		for i := range c {
			s.albedo[i] = c[i] * v
		}
		s.height = 0.2 * p
		s.spec, s.gloss = 0.24, 26
	}
}

// zinc is hot-dip galvanised steel with its spangle: crystals of different
// brightness.
func zinc(rng *rand.Rand) func(q vec, d float64, s *surface) {
	crystal, cloud, grain := newNoise(rng), newNoise(rng), newNoise(rng)
	level := span(rng, 0.94, 1.06)
	return func(q vec, d float64, s *surface) {
		warp := vec{0.2 * cloud.at(0.2*q.x, 0.2*q.y), 0.2 * cloud.at(0.2*q.y+20, 0.2*q.x)}
		shade, edge := crystals(crystal, q.mul(1.0/10).add(warp))
		g := grain.fractal(0.5*q.x, 0.5*q.y, 2)
		v := level * (1 + 0.08*shade + 0.08*g + 0.14*cloud.fractal(0.014*q.x, 0.014*q.y, 3) - 0.04*step(0.12, 0, edge))
		s.albedo = [3]float64{0.33 * v, 0.345 * v, 0.36 * v}
		s.height = 0.10 * g
		s.spec, s.gloss, s.metal = 0.22*(1+0.35*shade), 14, 0.7
	}
}

// crystals is a Voronoi pattern: the value of the cell that p lies in and
// the distance to its border, in cells.
func crystals(n noise, p vec) (value, edge float64) {
	ix, iy := int32(math.Floor(p.x)), int32(math.Floor(p.y))
	first, second := math.Inf(1), math.Inf(1)
	for y := iy - 1; y <= iy+1; y++ {
		for x := ix - 1; x <= ix+1; x++ {
			seed := vec{float64(x) + 0.5 + 0.5*n.cell(x, y), float64(y) + 0.5 + 0.5*n.cell(y, x^0x55)}
			d := p.sub(seed)
			switch r := d.dot(d); {
			case r < first:
				first, second, value = r, first, n.cell(x+911, y)
			case r < second:
				second = r
			}
		}
	}
	return value, math.Sqrt(second) - math.Sqrt(first)
}

// table is the light, matt plate the brackets lie on; it has no direction.
func table(rng *rand.Rand) func(p vec, s *surface) {
	grind, wear, pits := newNoise(rng), newNoise(rng), newNoise(rng)
	shift := vec{span(rng, 0, 500), span(rng, 0, 500)}
	return func(p vec, s *surface) {
		p = p.add(shift)
		g := 0.7*grind.at(0.3*p.x, 0.3*p.y) + grind.at(0.7*p.x, 0.7*p.y)
		c := wear.fractal(0.015*p.x, 0.015*p.y, 4)
		v := 0.21 * (1 + 0.09*g + 0.22*c)
		if f := pits.at(0.25*p.x, 0.25*p.y); f > 0.88 {
			v *= 1 - 2*(f-0.88)
		}
		s.albedo = [3]float64{v * 1.02, v, v * 0.94}
		s.height = 0.06 * g
		s.spec, s.gloss = 0.05, 8
	}
}

func (b *bracket) damage(s spec) damage {
	rng := s.rng
	inside := func(margin float64) vec {
		return pointIn(rng, 115, func(q vec) bool { return b.outline(q) < -margin })
	}
	rim := func() vec {
		return pointIn(rng, 115, func(q vec) bool { return math.Abs(b.outline(q)) < 1 })
	}
	switch s.defect {
	case TypeRecurring:
		return b.torn(s)
	case "scratch":
		return damage{mark: scratch(rng, inside(10), [3]float64{0.50, 0.50, 0.50})}
	case "stain":
		return damage{mark: stain(rng, inside(8), span(rng, 8, 17))}
	case "crack":
		from := rim()
		in := inside(12)
		return damage{mark: crack(rng, from, math.Atan2(in.y-from.y, in.x-from.x))}
	case "dent":
		return damage{mark: dent(rng, inside(12), span(rng, 8, 14))}
	case "chip":
		return damage{outline: bite(rng, b.outline, rim(), span(rng, 6, 11))}
	case "particle":
		if rng.IntN(2) == 0 {
			return damage{mark: fibre(rng, inside(4))}
		}
		return damage{mark: particle(rng, inside(4), span(rng, 4, 8))}
	}
	return damage{}
}

// torn is the recurring defect: the same corner of the upright arm torn off
// along the same jagged line, and the hole beside it drilled twice.
func (b *bracket) torn(s spec) damage {
	tilt := span(s.design, 0.6, 0.95)
	reach := span(s.design, 34, 38) + 0.6*s.rng.NormFloat64()
	jag := newNoise(s.design)
	side := sign(s.design)
	normal := vec{side * math.Cos(tilt), -math.Sin(tilt)}
	corner := vec{bracketLong.x + side*bracketArm, bracketLong.y - b.long}
	twice := b.top.add(vec{-side * span(s.design, 3, 6), span(s.design, 15, 18)})
	tear := func(q vec) float64 {
		v := q.sub(corner)
		along := v.x*normal.y - v.y*normal.x
		return v.dot(normal) + reach*0.72 + 2.4*jag.line(0.13*along, 1) + 0.9*jag.line(0.45*along, 2)
	}
	return damage{
		outline: func(q vec) float64 {
			d := b.outline(q)
			if q.y > -20 {
				return d
			}
			return max(d, tear(q), -circle(q, twice, 11.5))
		},
		// The finish has come off along the tear.
		mark: func(q vec, d float64, s *surface) bool {
			if d >= 0 || q.y > -20 {
				return false
			}
			bare := step(-2.6, -1.4, tear(q))
			s.blend([3]float64{0.33, 0.32, 0.31}, 0.8*bare)
			return bare > 0.5
		},
	}
}
