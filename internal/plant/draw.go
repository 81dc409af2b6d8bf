package plant

import (
	"image"
	"math"
	"math/rand/v2"
)

// ink returns what stands out from the part: dark on bright, bright on dark.
// It is the same for all copies.
func (g *ground) ink() colour {
	if g.bright {
		return colour{0.93, 0.92, 0.89}
	}
	return colour{0.05, 0.045, 0.04}
}

// bright says whether ink is, on a ground of a mean colour. toss decides where
// both would do.
func bright(mean colour, toss float64) bool {
	l := mean.luma()
	return l < 0.3 || l < 0.62 && toss > 0.6
}

// drawSpot is a small opaque blob.
func drawSpot(rng *rand.Rand) drawer {
	b, n, inner := newBlob(rng, 0.35), newNoise(rng), span(rng, 0.1, 0.3)
	hue := colour{span(rng, -0.04, 0.12), span(rng, -0.04, 0.05), span(rng, -0.04, 0.03)}
	return func(g *ground) painter {
		ink := g.ink().plus(hue, 1)
		return func(q vec, _, _ int, in colour) colour {
			d := b.at(q)
			a := cover(d*g.half) * (0.35 + 0.65*g.strength)
			shade := 1 - inner*(n.fractal(3*q.x, 3*q.y, 2)-0.5) - 0.15*d
			return in.mix(ink.mix(g.mean, 0.12).scale(shade).plus(grainOf(in, g), 1), a)
		}
	}
}

// grainOf is the noise of the photograph at a pixel, so that paint has it, too.
func grainOf(in colour, g *ground) colour {
	d := in.luma() - g.mean.luma()
	d = min(max(d, -2*g.grain), 2*g.grain) * 0.7
	return colour{d, d, d}
}

// drawStain is a translucent, soft blob whose rim is darker, as of a dried
// liquid.
func drawStain(rng *rand.Rand) drawer {
	b, n := newBlob(rng, 0.4), newNoise(rng)
	soft, rim := span(rng, 0.1, 0.3), span(rng, 0.15, 0.5)
	tints := []colour{{0.72, 0.56, 0.36}, {0.52, 0.50, 0.46}, {0.45, 0.52, 0.42}, {0.66, 0.46, 0.42}}
	tint := tints[rng.IntN(len(tints))]
	return func(g *ground) painter {
		return func(q vec, _, _ int, in colour) colour {
			d := b.at(q) + 0.12*(n.fractal(2*q.x+9, 2*q.y, 3)-0.5)
			a := smooth(soft, -soft, d) * (0.7 + 0.6*(n.fractal(1.7*q.x, 1.7*q.y, 3)-0.5))
			a += rim * math.Exp(-d*d/(soft*soft)) * 0.6
			a = min(max(a*g.strength, 0), 1)
			if g.dark { // liquid on a dark part is seen by its haze
				return in.mix(colour{0.55, 0.54, 0.5}.mix(tint, 0.3), 0.6*a)
			}
			return colour{in[0] * mix(1, tint[0], a), in[1] * mix(1, tint[1], a), in[2] * mix(1, tint[2], a)}
		}
	}
}

// drawScratch is a thin, slightly bent line: a groove, dark on one side and
// bright on the other.
func drawScratch(rng *rand.Rand) drawer {
	bend, wave, phase := span(rng, -0.3, 0.3), span(rng, 0, 0.05), span(rng, 0, 2*math.Pi)
	n := newNoise(rng)
	thick := span(rng, 1.1, 2.3)
	taper := span(rng, 0.15, 0.5)
	return func(g *ground) painter {
		core, edge := g.ink(), colour{0.93, 0.92, 0.89}
		if g.bright {
			edge = colour{0.05, 0.045, 0.04}
		}
		width := thick * max(g.part.unit()*800/512, 0.6)
		return func(q vec, _, _ int, in colour) colour {
			if math.Abs(q.x) > 1 {
				return in
			}
			v := q.y - bend*(q.x*q.x-0.4) - wave*math.Sin(5*q.x+phase)
			pressure := smooth(1, 1-taper, math.Abs(q.x)) * (0.55 + 0.6*n.fractal(4*q.x, 0.5, 3))
			d := v * g.half
			half := width * (0.35 + 0.4*pressure)
			a := smooth(half+0.9, half-0.7, math.Abs(d)) * min(pressure, 1) * (0.25 + 0.75*g.strength)
			side := math.Exp(-(d-half-0.8)*(d-half-0.8)/1.1) * 0.35 * min(pressure, 1) * g.strength
			return in.mix(core.mix(g.mean, 0.25), a).mix(edge, side)
		}
	}
}

// drawPit is a small hollow in a surface: dark, lit at the far rim.
func drawPit(rng *rand.Rand) drawer {
	b, n := newBlob(rng, 0.45), newNoise(rng)
	light := direction(span(rng, 0, 2*math.Pi))
	return func(g *ground) painter {
		return func(q vec, _, _ int, in colour) colour {
			d := b.at(q)
			a := cover(d * g.half)
			depth := smooth(0, -0.7, d)
			shade := 1 - g.strength*(0.25+0.55*depth) + 0.25*(n.fractal(2.5*q.x, 2.5*q.y, 3)-0.5)
			shade += 0.3 * g.strength * (1 - depth) * q.dot(light)
			rim := math.Exp(-(d-0.05)*(d-0.05)*g.half*g.half/3) * max(q.dot(light), 0) * 0.3 * g.strength
			return in.mix(in.mix(g.mean, 0.5).scale(shade), a).plus(colour{1, 1, 1}, rim)
		}
	}
}

// drawMissing is a piece broken off: the background, mirrored at the outline,
// where the piece was, and a narrow face of the break.
func drawMissing(rng *rand.Rand) drawer {
	b, n := newBlob(rng, 0.5), newNoise(rng)
	face, tone := span(rng, 1.5, 3.5), span(rng, 0.6, 1.25)
	return func(g *ground) painter {
		out := g.part.outward(g.centre, g.half)
		along := vec{-out.y, out.x}
		width := face * max(g.part.unit()*800/512, 0.6)
		blur := 12 * g.part.unit() // of the outline of the part, pixels
		return func(_ vec, x, y int, in colour) colour {
			at := vec{float64(x) + 0.5, float64(y) + 0.5}
			depth := float64(g.part.Depth[y*g.part.Image.Rect.Dx()+x])
			if back := at.sub(out.mul(blur)); depth == 0 && !g.part.inside(int(back.x), int(back.y)) {
				return in // only the blur of the outline is not of the part
			}
			// By the depth below the outline, nothing is left outside the break.
			t := at.sub(g.centre).dot(along) / g.half
			d := (b.at(vec{t, depth / g.half}) + 0.15*(n.fractal(3*t, 3*depth/g.half, 2)-0.5)) * g.half
			at = at.add(out.mul(2*depth + blur + 2))
			for k := 0; k < 40 && g.part.inside(int(at.x), int(at.y)); k++ {
				at = at.add(out.mul(3))
			}
			broken := g.mean.scale(tone * (0.9 + 0.3*(n.fractal(6*t, 6*depth/g.half, 2)-0.5)))
			surface := in
			if depth > 0 {
				surface = in.mix(broken, cover(d-width)*(0.5+0.5*g.strength))
			}
			return surface.mix(between(g.part.Image, at), cover(d))
		}
	}
}

// outward is the direction away from the part at a point of its outline.
func (p *Part) outward(at vec, r float64) vec {
	var sum vec
	r = max(r, 4)
	for y := int(at.y - r); y <= int(at.y+r); y++ {
		for x := int(at.x - r); x <= int(at.x+r); x++ {
			if p.inside(x, y) {
				sum = sum.sub(vec{float64(x) + 0.5, float64(y) + 0.5}.sub(at))
			}
		}
	}
	if sum.length() == 0 {
		return vec{1, 0}
	}
	return sum.mul(1 / sum.length())
}

// drawMisprint is a few letters, printed with uneven ink.
func drawMisprint(rng *rand.Rand) drawer {
	text := misprints[rng.IntN(len(misprints))]
	n := newNoise(rng)
	inks := []colour{{0.08, 0.08, 0.1}, {0.1, 0.14, 0.4}, {0.45, 0.1, 0.1}}
	ink := inks[rng.IntN(len(inks))]
	return func(g *ground) painter {
		glyphs := typeset(text, 2*g.half)
		paint := ink
		if g.bright {
			paint = colour{0.9, 0.9, 0.88}
		}
		return func(q vec, x, y int, in colour) colour {
			a := glyphs.at(q.mul(g.half)) * (0.75 + 0.5*(n.fractal(float64(x)*0.35, float64(y)*0.35, 2)-0.5))
			return in.mix(paint.plus(grainOf(in, g), 1), min(max(a, 0), 1)*(0.3+0.65*g.strength))
		}
	}
}

// drawShifted shows a piece of the part beside where it belongs: its detail,
// on the brightness of the place.
func drawShifted(rng *rand.Rand) drawer {
	b, way := newBlob(rng, 0.2), direction(span(rng, 0, 2*math.Pi))
	far := span(rng, 0.45, 0.8)
	return func(g *ground) painter {
		shift := way.mul(far * 2 * g.half).turn(g.part.frame.angle)
		// The piece must come from the part.
		for range 4 {
			if from := g.centre.sub(shift); g.part.inside(int(from.x), int(from.y)) {
				break
			}
			shift = shift.turn(math.Pi / 2)
		}
		sigma := 15 * g.part.unit()
		here := g.part.lowpass(g.bounds(0), sigma)
		there := g.part.lowpass(g.bounds(shift.length()+2), sigma)
		return func(q vec, x, y int, in colour) colour {
			d := b.at(q) * g.half
			a := smooth(1.5, -2.5, d) * (0.6 + 0.4*g.strength)
			if a == 0 {
				return in
			}
			from := vec{float64(x) + 0.5, float64(y) + 0.5}.sub(shift)
			if a *= min(float64(g.part.depth(int(from.x), int(from.y)))/4, 1); a == 0 {
				return in
			}
			moved := between(g.part.Image, from).plus(there.at(int(from.x), int(from.y)), -1).plus(here.at(x, y), 1)
			return in.mix(moved, a)
		}
	}
}

// bounds is what the copy may cover, and so many pixels more.
func (g *ground) bounds(more float64) image.Rectangle {
	r := widest*g.half + 3 + more
	return image.Rect(int(g.centre.x-r), int(g.centre.y-r), int(g.centre.x+r)+2, int(g.centre.y+r)+2).Intersect(g.part.Image.Rect)
}

// means is the mean colour of a part around each pixel of a rectangle.
type means struct {
	r image.Rectangle
	c [3][]float64
}

func (m *means) at(x, y int) colour {
	x = min(max(x, m.r.Min.X), m.r.Max.X-1) - m.r.Min.X
	y = min(max(y, m.r.Min.Y), m.r.Max.Y-1) - m.r.Min.Y
	i := y*m.r.Dx() + x
	return colour{m.c[0][i], m.c[1][i], m.c[2][i]}
}

// lowpass is the mean colour over σ pixels, of pixels of the part only.
func (p *Part) lowpass(r image.Rectangle, sigma float64) *means {
	wide := r.Inset(-int(3 * sigma)).Intersect(p.Image.Rect)
	w, h := wide.Dx(), wide.Dy()
	weight := make([]float64, w*h)
	var planes [3][]float64
	for k := range planes {
		planes[k] = make([]float64, w*h)
	}
	for y := range h {
		for x := range w {
			if p.inside(wide.Min.X+x, wide.Min.Y+y) {
				weight[y*w+x] = 1
				for k, v := range p.at(wide.Min.X+x, wide.Min.Y+y) {
					planes[k][y*w+x] = v
				}
			}
		}
	}
	weight = blurPlane(weight, w, h, sigma)
	m := &means{r: wide}
	for k := range planes {
		m.c[k] = blurPlane(planes[k], w, h, sigma)
		for i := range m.c[k] {
			m.c[k][i] /= max(weight[i], 1e-6)
		}
	}
	return m
}
