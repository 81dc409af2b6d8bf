package plant

import (
	"fmt"
	"image"
	"math"
	"math/rand/v2"
)

// Change is a harmless change that recurs. It is read-only.
type Change struct {
	Kind Kind
	make func(p *Part, rng *rand.Rand) *image.NRGBA
}

// Alter draws a harmless change of a kind. The result depends on the arguments
// only.
func Alter(kind Kind, seed uint64) (*Change, error) {
	rng := generator(seed, 3)
	c := &Change{Kind: kind}
	switch kind {
	case Stamp:
		c.make = stamp(rng)
	case Light:
		c.make = light(rng)
	case Finish:
		c.make = finish(rng)
	case Pose:
		c.make = pose(rng)
	case Mirror:
		c.make = func(p *Part, _ *rand.Rand) *image.NRGBA { return mirrored(p.Image) }
	default:
		return nil, fmt.Errorf("there is no harmless change %q; there are %s", kind, join(Harmless()))
	}
	return c, nil
}

// Apply changes a copy of the photograph. The seed jitters the copy.
func (c *Change) Apply(p *Part, seed uint64) *image.NRGBA { return c.make(p, generator(seed, 4)) }

// stamp is the date that a camera writes into a corner. Day and time differ.
func stamp(rng *rand.Rand) func(*Part, *rand.Rand) *image.NRGBA {
	left, low := rng.IntN(2) == 0, rng.IntN(4) > 0
	share := span(rng, 0.16, 0.24)
	year, month := 2021+rng.IntN(5), 1+rng.IntN(12)
	ink := []colour{{1, 0.62, 0.15}, {0.95, 0.95, 0.9}, {0.98, 0.85, 0.2}}[rng.IntN(3)]
	return func(p *Part, rng *rand.Rand) *image.NRGBA {
		w, h := float64(p.Image.Rect.Dx()), float64(p.Image.Rect.Dy())
		text := fmt.Sprintf("%d-%02d-%02d", year, month, 1+rng.IntN(28))
		g := typeset(text, share*w)
		at := vec{w - float64(g.w)/2 - 0.02*w, h - float64(g.h)/2 - 0.015*h}
		if left {
			at.x = float64(g.w)/2 + 0.02*w
		}
		if !low {
			at.y = float64(g.h)/2 + 0.015*h
		}
		return remake(p, func(q vec, in colour) colour {
			shadow := g.at(q.sub(at).sub(vec{1.2, 1.2}))
			return in.mix(colour{0.05, 0.05, 0.05}, 0.6*shadow).mix(ink, 0.95*g.at(q.sub(at)))
		})
	}
}

// light is a lamp on one side.
func light(rng *rand.Rand) func(*Part, *rand.Rand) *image.NRGBA {
	way, amount := direction(span(rng, 0, 2*math.Pi)), span(rng, 0.12, 0.3)
	warm := span(rng, -0.03, 0.05)
	return func(p *Part, rng *rand.Rand) *image.NRGBA {
		w, h := float64(p.Image.Rect.Dx()), float64(p.Image.Rect.Dy())
		a := amount * about(rng, 0.25)
		return remake(p, func(q vec, in colour) colour {
			t := 1 + a*vec{2*q.x/w - 1, 2*q.y/h - 1}.dot(way)
			return colour{in[0] * t * (1 + warm*(t-1)*4), in[1] * t, in[2] * t * (1 - warm*(t-1)*4)}
		})
	}
}

// finish is another colour, brightness and contrast of the part itself.
func finish(rng *rand.Rand) func(*Part, *rand.Rand) *image.NRGBA {
	tint := colour{span(rng, 0.8, 1.15), span(rng, 0.8, 1.1), span(rng, 0.75, 1.1)}
	gamma, matt := span(rng, 0.75, 1.3), span(rng, 0, 0.5)
	return func(p *Part, rng *rand.Rand) *image.NRGBA {
		level := about(rng, 0.03)
		w := p.Image.Rect.Dx()
		soft := p.lowpass(p.Image.Rect, 6*p.unit())
		return remake(p, func(q vec, in colour) colour {
			x, y := int(q.x), int(q.y)
			a := 1.0
			if !p.Whole {
				a = min(float64(p.Depth[y*w+x])/3, 1)
			}
			if a == 0 {
				return in
			}
			c := in.mix(soft.at(x, y), 0.6*matt)
			for k := range c {
				c[k] = math.Pow(min(max(c[k], 0), 1), gamma) * tint[k] * level
			}
			return in.mix(c, a)
		})
	}
}

// pose shifts and turns the whole picture a little; the border repeats.
func pose(rng *rand.Rand) func(*Part, *rand.Rand) *image.NRGBA {
	way, far := direction(span(rng, 0, 2*math.Pi)), span(rng, 0.02, 0.05)
	angle := span(rng, 0.07, 0.2)
	if rng.IntN(2) == 0 {
		angle = -angle
	}
	return func(p *Part, rng *rand.Rand) *image.NRGBA {
		w, h := float64(p.Image.Rect.Dx()), float64(p.Image.Rect.Dy())
		middle := vec{w / 2, h / 2}
		shift := way.mul(far * min(w, h) * about(rng, 0.2))
		turn := angle * about(rng, 0.15)
		return remake(p, func(q vec, _ colour) colour {
			from := q.sub(shift).sub(middle).turn(-turn).add(middle)
			return between(p.Image, vec{reflect(from.x, w), reflect(from.y, h)})
		})
	}
}

// reflect mirrors what is beyond the border.
func reflect(x, n float64) float64 {
	if x < 0 {
		return -x
	}
	if x > n {
		return 2*n - x
	}
	return x
}

func mirrored(img *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(img.Rect)
	w := img.Rect.Dx()
	for y := range img.Rect.Dy() {
		for x := range w {
			copy(out.Pix[y*out.Stride+4*x:][:4], img.Pix[y*img.Stride+4*(w-1-x):][:4])
		}
	}
	return out
}

// remake makes a picture pixel by pixel. A photograph without colour stays so.
func remake(p *Part, pixel func(q vec, in colour) colour) *image.NRGBA {
	out := cloneImage(p.Image)
	for y := range out.Rect.Dy() {
		for x := range out.Rect.Dx() {
			c := pixel(vec{float64(x) + 0.5, float64(y) + 0.5}, p.at(x, y))
			if p.Grey {
				c = c.grey()
			}
			set(out, x, y, c)
		}
	}
	return out
}
