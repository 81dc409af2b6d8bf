package synth

import (
	"math"
	"math/rand/v2"
)

var fabricKind = kind{
	name:  Fabric,
	rare:  []string{"hole", "stain", "pulled_thread", "cut", "oil", "fibre"},
	scene: fabricScene,
}

// yarn is the distance between neighbouring yarns, in units.
const yarn = 8.0

// fabric is a 2/2 twill: each warp yarn goes over two weft yarns and under
// two, one step later than its neighbour.
type fabric struct {
	pose
	skew       float64
	phase      vec // in yarns
	sag        noise
	uneven     noise
	hairs      noise
	dye        noise
	warp, weft [3]float64
	neps       []vec
	mark       marker
	// pull is how far defects have moved the weft at a point, in yarns.
	pull func(q vec) float64
}

func fabricScene(s spec) scene {
	rng := s.rng
	f := &fabric{
		pose:   newPose(rng, 0, span(rng, -2.5, 2.5)*math.Pi/180),
		skew:   span(rng, -0.03, 0.03),
		phase:  vec{span(rng, 0, 4000), span(rng, 0, 4000)},
		sag:    newNoise(rng),
		uneven: newNoise(rng),
		hairs:  newNoise(rng),
		dye:    newNoise(rng),
		warp:   [3]float64{0.10, 0.125, 0.175},
		weft:   [3]float64{0.20, 0.215, 0.235},
	}
	f.scale *= span(rng, 0.98, 1.02)
	if s.variant == 1 {
		f.warp = [3]float64{0.17, 0.125, 0.075}
		f.weft = [3]float64{0.28, 0.235, 0.165}
	}
	for range rng.IntN(6) {
		f.neps = append(f.neps, vec{span(rng, -160, 160), span(rng, -160, 160)})
	}
	f.damage(s)
	return f
}

func (f *fabric) at(p, _ vec, s *surface) (defect bool) {
	q := f.local(p)
	u := (q.x+f.skew*q.y)/yarn + f.phase.x + 0.5*f.sag.at(0.011*q.x, 0.011*q.y)
	v := q.y/yarn + f.phase.y + 0.5*f.sag.at(0.012*q.x+50, 0.012*q.y)
	if f.pull != nil {
		v += f.pull(q)
	}
	f.weave(u, v, s)
	d := 0.22 * f.dye.fractal(0.008*q.x, 0.008*q.y, 4)
	s.tint(1+d, 1+d, 1+0.9*d, 1)
	// Neps, small knots of fibre, are in every fabric.
	for _, n := range f.neps {
		if r := circle(q, n, 2.2); r < 0 {
			s.height -= 0.4 * r
			s.tint(1-0.09*r, 1-0.09*r, 1-0.09*r, 1)
		}
	}
	if f.mark != nil {
		defect = f.mark(q, -1, s)
	}
	return defect
}

// weave is the surface at (u, v), counted in warp and weft yarns.
func (f *fabric) weave(u, v float64, s *surface) {
	iu, iv := math.Floor(u), math.Floor(v)
	ku, kv := int32(iu), int32(iv)
	warp := f.strand(u-iu-0.5, v, ku, 0)
	weft := f.strand(v-iv-0.5, u, kv, 7919)
	up := math.Sin(math.Pi / 2 * (iu + v))
	over := math.Sin(math.Pi / 2 * (u + iv + 2))
	top, under := warp+0.95*up, weft+0.95*over
	c, cross, along, row := f.warp, u-iu, v, ku
	if under > top {
		top = under
		c, cross, along, row = f.weft, v-iv, u, kv+7919
	}
	// Twisted fibres run askew along the yarn.
	h := f.hairs.at(3.2*cross+1.1*along, 0.9*along+float64(row)*17) + 0.6*f.hairs.at(7*cross-2*along, 2*along+float64(row)*31)
	level := 1 + 0.10*f.uneven.cell(row, 3) + 0.12*f.uneven.line(0.13*along, row) + 0.20*h
	level *= 0.42 + 0.58*step(-1.1, 1.3, top)
	for i := range c {
		s.albedo[i] = c[i] * level
	}
	s.height = 1.25*top + 0.16*h
	s.spec, s.gloss = 0.05, 6
}

// strand is the height of a yarn at the given place across it.
func (f *fabric) strand(across, along float64, row, kind int32) float64 {
	width := 1 + 0.10*f.uneven.line(0.21*along, row+kind+13)
	x := 2 * across / width
	return 1.2 * (1 - x*x)
}

func (f *fabric) damage(s spec) {
	rng := s.rng
	place := func(margin float64) vec {
		return vec{span(rng, margin-160, 160-margin), span(rng, margin-160, 160-margin)}
	}
	switch s.defect {
	case TypeRecurring:
		f.mark = f.slub(s, place(56))
	case "hole":
		f.mark = f.hole(rng, place(30), span(rng, 6, 13))
	case "stain":
		f.mark = stain(rng, place(30), span(rng, 12, 26))
	case "oil":
		f.mark = oil(rng, place(30), span(rng, 9, 20))
	case "fibre":
		f.mark = fibre(rng, place(50))
	case "cut":
		f.mark = f.cut(rng, place(50))
	case "pulled_thread":
		f.pulled(rng, place(60))
	}
}

// hole shows the dark table through torn yarns.
func (f *fabric) hole(rng *rand.Rand, centre vec, r float64) marker {
	b := newBlob(rng, centre, r, 0.7)
	return func(q vec, d float64, s *surface) bool {
		if b.far(q) {
			return false
		}
		// Single yarns stick out into the hole.
		v := b.at(q) + 0.5*max(0, f.hairs.at(0.5*q.x, 0.06*q.y)) + 0.5*max(0, f.hairs.at(0.06*q.x, 0.5*q.y+9))
		if v > 0.25 {
			return false
		}
		if v > 0 {
			s.height += 1.5 * (0.25 - v)
			return b.at(q) < 0
		}
		g := f.hairs.fractal(0.3*q.x, 0.3*q.y, 3)
		*s = surface{albedo: [3]float64{0.045, 0.042, 0.04}, height: -3}
		s.tint(1+g, 1+g, 1+g, 1)
		return true
	}
}

// cut is a slit with raised lips.
func (f *fabric) cut(rng *rand.Rand, from vec) marker {
	length := span(rng, 30, 62)
	chain := curve(rng, from, span(rng, 0, 2*math.Pi), length, 0.3, 6)
	width := span(rng, 1.4, 2.4)
	return func(q vec, d float64, s *surface) bool {
		if q.sub(from).length() > length+8 {
			return false
		}
		dist, t := polyline(q, chain, 0)
		w := width * math.Sqrt(max(0, 4*t*(1-t))) * (1 + 0.5*f.hairs.at(0.6*q.x, 0.6*q.y))
		if dist > w+2 {
			return false
		}
		if dist > w {
			s.height += 0.7 * (w + 2 - dist)
			return false
		}
		s.blend([3]float64{0.04, 0.04, 0.04}, 0.9)
		s.height = -2
		return true
	}
}

// pulled is a weft yarn drawn tight: its neighbours close in on it.
func (f *fabric) pulled(rng *rand.Rand, centre vec) {
	length := span(rng, 60, 130)
	amount := span(rng, 0.5, 0.8) * sign(rng)
	fade := func(q vec) (t, y float64) {
		return 1 - (q.x-centre.x)*(q.x-centre.x)/(length*length/4), (q.y - centre.y) / yarn
	}
	f.pull = func(q vec) float64 {
		t, y := fade(q)
		if t <= 0 || math.Abs(y) > 3 {
			return 0
		}
		return amount * t * y * math.Exp(-y*y)
	}
	bright := span(rng, 1.25, 1.6)
	f.mark = func(q vec, d float64, s *surface) bool {
		t, y := fade(q)
		if t <= 0 || math.Abs(y) > 0.55 {
			return math.Abs(f.pull(q)) > 0.15
		}
		x := y / 0.55
		s.height += 1.5 * t * (1 - x*x)
		s.tint(bright, bright, bright, math.Sqrt(t)*(1-x*x))
		return true
	}
}

// slub is the recurring defect: a thick, loosely spun stretch of weft that
// lies on top of the weave. It looks the same wherever it lies.
func (f *fabric) slub(s spec, centre vec) marker {
	length := span(s.design, 66, 82)
	width := span(s.design, 9, 10.5)
	shape := newNoise(s.design)
	ply := span(s.design, 0.35, 0.5)
	length *= 1 + 0.02*s.rng.NormFloat64()
	c := f.weft
	return func(q vec, d float64, s *surface) bool {
		v := q.sub(centre)
		t := 2 * v.x / length
		if math.Abs(t) >= 1 {
			return false
		}
		v.y += 2.5 * shape.line(2.2*t, 1)
		w := width * math.Pow(1-t*t, 0.7) * (1 + 0.3*shape.line(3*t, 2))
		x := v.y / max(w, 0.5)
		if math.Abs(x) >= 1 {
			return false
		}
		round := math.Sqrt(1 - x*x)
		twist := math.Sin(ply*v.x + 1.6*math.Asin(x))
		h := shape.at(0.25*v.x+0.5*v.y, 0.9*v.y)
		*s = surface{height: 1 + 0.55*w*round + 0.5*twist, spec: 0.05, gloss: 6}
		for i := range c {
			s.albedo[i] = c[i] * (1.12 + 0.12*twist + 0.14*h) * (0.6 + 0.4*round)
		}
		return true
	}
}
