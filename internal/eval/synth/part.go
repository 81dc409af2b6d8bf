package synth

import (
	"math"
	"math/rand/v2"
)

// pose places a part in the image.
type pose struct {
	centre   vec
	cos, sin float64
	scale    float64
}

func newPose(rng *rand.Rand, shift, angle float64) pose {
	s, c := math.Sincos(angle)
	at := vec{160 + span(rng, -shift, shift), 160 + span(rng, -shift, shift)}
	return pose{centre: at, cos: c, sin: s, scale: 1 + 0.004*rng.NormFloat64()}
}

// local maps a point of the image to the part's own coordinates.
func (o pose) local(p vec) vec {
	return p.sub(o.centre).turn(o.cos, -o.sin).mul(1 / o.scale)
}

// global turns a direction of the part into one of the image.
func (o pose) global(v vec) vec { return v.turn(o.cos, o.sin) }

// part is a flat workpiece that lies on some ground.
type part struct {
	pose
	outline func(q vec) float64 // of a sound part
	damage  damage
	finish  func(q vec, d float64, s *surface)
	ground  func(p vec, s *surface)
	bevel   float64 // width of the rounded edge
	height  float64
}

// damage is what a defect does to a part. Fields that are nil do nothing.
type damage struct {
	// outline replaces the sound part's.
	outline func(q vec) float64
	// mark changes the surface at q, d inside (negative) or outside the
	// part, and reports whether the defect shows there.
	mark func(q vec, d float64, s *surface) bool
}

func (t *part) at(p, light vec, s *surface) (defect bool) {
	q := t.local(p)
	d := t.outline(q)
	now := t.outline
	if t.damage.outline != nil {
		now = t.damage.outline
		was := d
		d = now(q)
		defect = (was < 0) != (d < 0)
	}
	if d >= 0 {
		t.ground(p, s)
		s.shade = t.shadow(p, d, light, now)
	} else {
		t.finish(q, d, s)
		edge := 1 - clamp01(-d/t.bevel)
		s.height += t.height * (1 - edge*edge)
		s.brush = t.global(s.brush)
	}
	if t.damage.mark != nil && t.damage.mark(q, d, s) {
		defect = true
	}
	return defect
}

// shadow is how much of the light the part keeps from the ground at p: what
// it blocks of the lamp and of the surroundings.
func (t *part) shadow(p vec, d float64, light vec, outline func(q vec) float64) float64 {
	if d > 24 {
		return 0
	}
	cast := step(3, -3, outline(t.local(p.add(light.mul(11)))))
	return 1 - (1-0.72*cast)*(1-0.35*math.Exp(-d/5))
}

// pointIn draws a point for which ok holds, of the square of the given half
// side around the origin; the origin if there seems to be none.
func pointIn(rng *rand.Rand, half float64, ok func(q vec) bool) vec {
	for range 4000 {
		if q := (vec{span(rng, -half, half), span(rng, -half, half)}); ok(q) {
			return q
		}
	}
	return vec{}
}
