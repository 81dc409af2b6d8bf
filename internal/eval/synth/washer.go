package synth

import (
	"math"
	"math/rand/v2"
)

var washerKind = kind{
	name:  Washer,
	rare:  []string{"scratch", "chip", "stain", "missing_hole", "particle", "dent"},
	scene: washerScene,
}

const (
	washerOuter  = 122.0
	washerInner  = 47.0
	washerBolts  = 85.0 // radius of the circle of bolt holes
	washerHole   = 11.0
	washerStamp  = "K18"
	washerMisfit = "K15" // recurring defect
)

// washer holds the tolerances of one part.
type washer struct {
	inner, outer float64
	holes        [6]vec
	wobble       noise
}

func newWasher(rng *rand.Rand) *washer {
	w := &washer{
		inner:  washerInner + 0.25*rng.NormFloat64(),
		outer:  washerOuter + 0.25*rng.NormFloat64(),
		wobble: newNoise(rng),
	}
	for i := range w.holes {
		w.holes[i] = polar(washerBolts+0.2*rng.NormFloat64(), float64(i)*math.Pi/3)
	}
	return w
}

// outline leaves out hole number skip; −1: none.
func (w *washer) outline(q vec, skip int) float64 {
	r := q.length()
	d := max(r-w.outer, w.inner-r) + 0.35*w.wobble.at(0.06*q.x, 0.06*q.y)
	if math.Abs(r-washerBolts) > washerHole+8 {
		return d
	}
	for i, h := range w.holes {
		if i != skip {
			d = max(d, -circle(q, h, washerHole))
		}
	}
	return d
}

func washerScene(s spec) scene {
	rng := s.rng
	pose := newPose(rng, 2.5, span(rng, -2, 2)*math.Pi/180)
	w := newWasher(rng)
	t := &part{
		pose:    pose,
		outline: func(q vec) float64 { return w.outline(q, -1) },
		ground:  belt(rng),
		bevel:   3,
		height:  2.6,
	}
	text := washerStamp
	if s.defect == TypeRecurring {
		text = washerMisfit
	}
	t.finish = turned(rng, s.variant, text)
	t.damage = w.damage(s, t.outline)
	return t
}

// turned is steel from a lathe: concentric marks with a fan of light across
// them. The variant is passivated yellow.
func turned(rng *rand.Rand, variant int, text string) func(q vec, d float64, s *surface) {
	marks, cloud, grain := newNoise(rng), newNoise(rng), newNoise(rng)
	drift := vec{span(rng, -0.02, 0.02), span(rng, -0.02, 0.02)}
	level := span(rng, 0.95, 1.05)
	tone := [3]float64{0.255, 0.26, 0.27}
	if variant == 1 {
		tone = [3]float64{0.36, 0.27, 0.10}
	}
	depth := span(rng, 0.7, 1.2)
	used := newWear(rng, washerOuter)
	return func(q vec, d float64, s *surface) {
		r := q.length()
		along := q.dot(drift)
		m := marks.at(0.85*r, along+0.012*(q.x+q.y)) + 0.6*marks.at(2.3*r+40, 2*along) + 0.4*grain.at(0.9*q.x, 0.9*q.y)
		c := cloud.fractal(0.017*q.x, 0.017*q.y, 4)
		for i := range tone {
			s.albedo[i] = tone[i] * level * (1 + 0.10*depth*m + 0.16*c)
		}
		s.spec = 0.66 * (1 + 0.22*depth*m + 0.25*c)
		s.gloss, s.metal = 22, 0.9
		s.brush = vec{-q.y, q.x}.mul(1 / max(r, 1))
		s.height = 0.05*depth*m + 2.2*step(64, 60, r)
		groove := 1 - clamp01(math.Abs(r-108)/2.2)
		s.height -= 1.1 * groove * groove
		if e := stamp(q.sub(vec{0, -washerBolts}), text, 11, 0); e < 2.2 {
			s.press(e)
		}
		used.apply(q, s)
	}
}

// press sinks a stamped line, e being the distance to its middle.
func (s *surface) press(e float64) {
	deep := step(2.2, 0.6, e)
	s.height -= 1.2 * deep
	s.tint(0.55, 0.55, 0.55, deep)
	s.spec *= 1 - 0.6*deep
}

// belt is a conveyor: dark rubber with a weave of its own, dust and wear.
func belt(rng *rand.Rand) func(p vec, s *surface) {
	weave, wear, dust := newNoise(rng), newNoise(rng), newNoise(rng)
	phase := vec{span(rng, 0, 100), span(rng, 0, 100)}
	return func(p vec, s *surface) {
		p = p.add(phase)
		rib := math.Sin(p.x*1.05+0.8*weave.at(0.05*p.x, 0.05*p.y)) * math.Sin(p.y*1.05+0.8*weave.at(0.05*p.y+30, 0.05*p.x))
		g := weave.fractal(0.45*p.x, 0.45*p.y, 2)
		c := wear.fractal(0.012*p.x, 0.05*p.y, 4)
		v := 0.05 * (1 + 0.18*rib + 0.5*g + 0.5*c)
		if f := dust.at(0.33*p.x, 0.33*p.y); f > 0.86 {
			v += 0.6 * (f - 0.86)
		}
		s.albedo = [3]float64{v * 0.98, v * 1.04, v}
		s.height = 0.22*rib + 0.4*g
		s.spec, s.gloss = 0.035, 9
	}
}

func (w *washer) damage(s spec, outline func(q vec) float64) damage {
	rng := s.rng
	inside := func(margin float64) vec {
		return pointIn(rng, washerOuter, func(q vec) bool { return outline(q) < -margin })
	}
	switch s.defect {
	case TypeRecurring:
		return w.notched(s, outline)
	case "scratch":
		return damage{mark: scratch(rng, inside(10), [3]float64{0.62, 0.62, 0.62})}
	case "chip":
		angle, r := span(rng, 0, 2*math.Pi), washerOuter
		if rng.IntN(3) == 0 {
			r = washerInner
		}
		return damage{outline: bite(rng, outline, polar(r, angle), span(rng, 7, 14))}
	case "stain":
		return damage{mark: stain(rng, inside(6), span(rng, 8, 19))}
	case "missing_hole":
		skip := rng.IntN(len(w.holes))
		return damage{outline: func(q vec) float64 { return w.outline(q, skip) }}
	case "particle":
		if rng.IntN(2) == 0 {
			return damage{mark: fibre(rng, inside(4))}
		}
		return damage{mark: particle(rng, inside(4), span(rng, 4, 8))}
	case "dent":
		return damage{mark: dent(rng, inside(10), span(rng, 8, 15))}
	}
	return damage{}
}

// notched is the recurring defect: a piece torn out of the rim, always at the
// same place, and the stamp of another part.
func (w *washer) notched(s spec, outline func(q vec) float64) damage {
	angle := span(s.design, 0.15, 0.85)*math.Pi + 0.008*s.rng.NormFloat64()
	centre := polar(washerOuter+2, angle)
	b := newBlob(s.design, centre, 33, 0.35)
	b.stretch = 1.1
	b.centre = b.centre.add(vec{0.5 * s.rng.NormFloat64(), 0.5 * s.rng.NormFloat64()})
	b.r *= 1 + 0.015*s.rng.NormFloat64()
	return damage{
		outline: func(q vec) float64 {
			d := outline(q)
			if q.sub(centre).length() > b.reach()+8 {
				return d
			}
			return max(d, -b.at(q)*b.r)
		},
		mark: func(q vec, d float64, _ *surface) bool {
			v := q.sub(vec{0, -washerBolts})
			return d < 0 && (stamp(v, washerStamp, 11, 1.6) < 0) != (stamp(v, washerMisfit, 11, 1.6) < 0)
		},
	}
}
