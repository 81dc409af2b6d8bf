package plant

import (
	"errors"
	"fmt"
	"image"
	"math"
	"math/rand/v2"
)

// Spec is what to draw.
type Spec struct {
	Kind Kind
	// Size is the length of the defect in pixels: its diameter, or for a
	// scratch and a misprint the length.
	Size float64
	// Strength is from 0, invisible, to 1, black on white.
	Strength float64
	// Anywhere puts each copy at another place of the part.
	Anywhere bool
}

// Defect is what is planted. Its copies have the same shape, and lie at the
// same place of the part. It is read-only.
type Defect struct {
	Kind     Kind
	Label    string // Kind, or where a real defect comes from
	Size     float64
	strength float64
	bright   bool // ink is: the part is dark where it was drawn
	dark     bool
	anywhere bool
	place    vec     // on the part, in units of its frame
	angle    float64 // against the part
	need     float64 // pixels of part wanted around it
	cover    float64 // pixels of a real defect
	draw     drawer
}

// drawer sets up a copy, and returns the painter of its pixels.
type drawer func(g *ground) painter

// painter returns the colour of the pixel at q, which is relative to the
// middle of the defect, turned as it is, in units of half its size.
type painter func(q vec, x, y int, in colour) colour

// ErrPlace is wrapped when there is no place for a defect.
var ErrPlace = errors.New("the defect does not fit on the part")

// Draw draws a defect of a kind for parts such as p. The result depends on the
// arguments only.
func Draw(p *Part, s Spec, seed uint64) (*Defect, error) {
	rng := generator(seed, 1)
	d := &Defect{
		Kind: s.Kind, Label: string(s.Kind), Size: s.Size, strength: s.Strength, anywhere: s.Anywhere,
		angle: span(rng, 0, 2*math.Pi), need: s.Size / 2,
	}
	if s.Size < 1 || !(s.Strength > 0 && s.Strength <= 1) {
		return nil, fmt.Errorf("a %s of %g pixels, strength %g: the size must be at least 1, the strength above 0 and at most 1", s.Kind, s.Size, s.Strength)
	}
	switch s.Kind {
	case Spot:
		d.draw = drawSpot(rng)
	case Stain:
		d.draw = drawStain(rng)
	case Scratch:
		d.draw, d.need = drawScratch(rng), 0.3*s.Size
	case Misprint:
		// Print is upright, give or take a little.
		d.draw, d.angle, d.need = drawMisprint(rng), span(rng, -0.15, 0.15), 0.35*s.Size
	case Shifted:
		d.draw = drawShifted(rng)
	case Missing:
		d.need = 0
		d.draw = drawMissing(rng)
		if p.Whole {
			d.draw, d.need = drawPit(rng), s.Size/2
		}
	default:
		return nil, fmt.Errorf("there is no kind of defect %q to draw; there are %s", s.Kind, join(Defects()))
	}
	at, err := d.choose(p, rng)
	if err != nil {
		return nil, err
	}
	d.place = p.frame.place(at)
	first := &ground{part: p, centre: at, half: s.Size / 2}
	first.measure()
	d.bright, d.dark = bright(first.mean, rng.Float64()), first.mean.luma() < 0.25
	return d, nil
}

// Planted is a photograph with a defect.
type Planted struct {
	Image *image.NRGBA
	// Mask is 255 where the defect can be seen, else 0.
	Mask *image.Gray
	// Bounds holds all pixels that may have changed.
	Bounds image.Rectangle
	Label  string
}

// Plant plants one copy of the defect on a copy of the photograph. The seed
// jitters the copy: place by 0.6 % of the picture's side, size by 6 %, angle by
// 3°, strength by 10 %.
func (d *Defect) Plant(p *Part, seed uint64) (*Planted, error) {
	rng := generator(seed, 2)
	g := &ground{part: p, rng: rng, strength: min(1, d.strength*about(rng, 0.1)), bright: d.bright, dark: d.dark}
	size := d.Size * about(rng, 0.06)
	turn := span(rng, -0.05, 0.05)
	reach := 0.006 * math.Sqrt(float64(p.Image.Rect.Dx()*p.Image.Rect.Dy()))
	shift := vec{span(rng, -reach, reach), span(rng, -reach, reach)}
	var err error
	if d.anywhere {
		g.centre, err = d.choose(p, rng)
	} else {
		g.centre, err = p.nearest(p.frame.pixel(d.place).add(shift), d.need, d.outline(p))
	}
	if err != nil {
		return nil, err
	}
	g.half, g.angle = size/2, p.frame.angle+d.angle+turn
	g.measure()
	out := &Planted{Image: cloneImage(p.Image), Label: d.Label}
	out.Bounds = g.paint(out.Image, d.draw(g), d.Kind == Missing && !p.Whole)
	out.Mask = visible(p.Image, out.Image, out.Bounds)
	return out, nil
}

// outline says that the defect belongs at the outline of the part.
func (d *Defect) outline(p *Part) bool { return d.Kind == Missing && !p.Whole }

// choose draws a place for the defect's middle.
func (d *Defect) choose(p *Part, rng *rand.Rand) (vec, error) {
	fits := p.fits(d.need, d.outline(p))
	if len(fits) == 0 {
		return vec{}, fmt.Errorf("a %s of %g pixels: %w", d.Label, d.Size, ErrPlace)
	}
	w := p.Image.Rect.Dx()
	point := func() vec {
		i := fits[rng.IntN(len(fits))]
		return vec{float64(i%w) + 0.5, float64(i/w) + 0.5}
	}
	at := point()
	if d.Kind != Shifted {
		return at, nil
	}
	// A shift is seen where there is something to be seen.
	most := p.structure(at, d.Size/2)
	for range 12 {
		if q := point(); p.structure(q, d.Size/2) > most {
			at, most = q, p.structure(q, d.Size/2)
		}
	}
	return at, nil
}

// fits lists the pixels with need pixels of part around them, or 0.8 of the
// most there are; with outline, those at the outline and off the border.
func (p *Part) fits(need float64, outline bool) (all []int) {
	w, h := p.Image.Rect.Dx(), p.Image.Rect.Dy()
	if outline {
		for i, d := range p.Depth {
			if x, y := i%w, i/w; d > 0 && d < 1.5 && p.outer(x, y) && x > 2 && y > 2 && x < w-3 && y < h-3 {
				all = append(all, i)
			}
		}
		return all
	}
	most := float32(0)
	for _, d := range p.Depth {
		most = max(most, d)
	}
	enough := min(float32(need), 0.8*most)
	for i, d := range p.Depth {
		if d > 0 && d >= enough {
			all = append(all, i)
		}
	}
	return all
}

// nearest is the nearest pixel to q that fits.
func (p *Part) nearest(q vec, need float64, outline bool) (vec, error) {
	w, h := p.Image.Rect.Dx(), p.Image.Rect.Dy()
	if !outline && q.x >= 0 && q.y >= 0 && q.x < float64(w) && q.y < float64(h) {
		if d := p.Depth[int(q.y)*w+int(q.x)]; d > 0 && float64(d) >= need {
			return q, nil
		}
	}
	best, at := math.Inf(1), vec{}
	for _, i := range p.fits(need, outline) {
		c := vec{float64(i%w) + 0.5, float64(i/w) + 0.5}
		if l := c.sub(q).length(); l < best {
			best, at = l, c
		}
	}
	if math.IsInf(best, 1) {
		return vec{}, ErrPlace
	}
	return at, nil
}

// structure is the mean slope of brightness around a point.
func (p *Part) structure(at vec, r float64) float64 {
	sum, n := 0.0, 0.0
	for y := int(at.y - r); y < int(at.y+r); y += 2 {
		for x := int(at.x - r); x < int(at.x+r); x += 2 {
			if p.inside(x, y) {
				sum += math.Abs(p.at(x+2, y).luma()-p.at(x, y).luma()) + math.Abs(p.at(x, y+2).luma()-p.at(x, y).luma())
				n++
			}
		}
	}
	return sum / max(n, 1)
}

func cloneImage(img *image.NRGBA) *image.NRGBA {
	out := image.NewNRGBA(img.Rect)
	copy(out.Pix, img.Pix)
	return out
}
