package plant

import (
	"errors"
	"fmt"
	"image"
	"math"

	"codegraph/internal/stats"
)

// ErrCut is wrapped by errors about defects that cannot be cut out.
var ErrCut = errors.New("the defect cannot be cut out")

// Lengths of the cut, in pixels of a photograph of 800 pixels a side.
const (
	cutDilation = 3.0
	cutFeather  = 2.0
	ringInner   = 4.0
	ringOuter   = 12.0
	cutLowpass  = 15.0
)

// largestCut is the largest share of the part that a defect may cover: beyond,
// what is cut out is a part of its own.
const largestCut = 0.15

// Cut takes a real defect out of a defective photograph: the largest piece of
// mask, [H][W]. It is planted where it was on the part.
func Cut(p *Part, mask []bool, label string) (*Defect, error) {
	w, h := p.Image.Rect.Dx(), p.Image.Rect.Dy()
	if len(mask) != w*h {
		return nil, fmt.Errorf("%s: %w: the mask has another size than its image", label, ErrCut)
	}
	var piece []int
	for _, c := range components(mask, w, h, true) {
		if len(c) > len(piece) {
			piece = c
		}
	}
	part := p.Scale() * p.Scale()
	switch {
	case len(piece) < 4:
		return nil, fmt.Errorf("%s: %w: the mask marks %d connected pixels", label, ErrCut, len(piece))
	case float64(len(piece)) > largestCut*part:
		return nil, fmt.Errorf("%s: %w: it covers %.0f %% of the part, at most %.0f %% can be planted", label, ErrCut, 100*float64(len(piece))/part, 100*largestCut)
	}
	c := newCut(p, piece)
	return &Defect{
		Kind: Real, Label: label, Size: 2 * c.half / cutWidth, cover: float64(len(piece)), strength: 0.9,
		place: p.frame.place(c.centre), angle: -p.frame.angle, draw: c.draw,
	}, nil
}

// cutWidth is how much larger than the defect its cut may be: the feather.
const cutWidth = 1.25

// cut is a real defect as it is planted: weight w and residual r of the
// package's formula.
type cut struct {
	bounds   image.Rectangle
	centre   vec
	half     float64
	weight   []float64
	residual []colour
}

func newCut(p *Part, piece []int) *cut {
	w := p.Image.Rect.Dx()
	u := max(p.unit(), 0.35)
	var box image.Rectangle
	for _, i := range piece {
		box = box.Union(image.Rect(i%w, i/w, i%w+1, i/w+1))
	}
	c := &cut{bounds: box.Inset(-int(math.Ceil(ringOuter*u + 2))).Intersect(p.Image.Rect)}
	bw, bh := c.bounds.Dx(), c.bounds.Dy()
	in := make([]bool, bw*bh)
	for _, i := range piece {
		in[(i/w-c.bounds.Min.Y)*bw+i%w-c.bounds.Min.X] = true
	}
	away := distances(in, bw, bh)
	var ring [3][]float64
	weight := make([]float64, bw*bh)
	for i, d := range away {
		x, y := c.bounds.Min.X+i%bw, c.bounds.Min.Y+i/bw
		if d <= cutDilation*u {
			weight[i] = 1
		}
		if d >= ringInner*u && d <= ringOuter*u && p.inside(x, y) {
			for k, v := range p.at(x, y) {
				ring[k] = append(ring[k], v)
			}
		}
	}
	c.weight = blurPlane(weight, bw, bh, cutFeather*u)
	base := colour{stats.Median(ring[0]), stats.Median(ring[1]), stats.Median(ring[2])}
	c.residual = make([]colour, bw*bh)
	for i := range c.residual {
		c.residual[i] = p.at(c.bounds.Min.X+i%bw, c.bounds.Min.Y+i/bw).plus(base, -1)
	}
	c.centre = vec{float64(box.Min.X+box.Max.X) / 2, float64(box.Min.Y+box.Max.Y) / 2}
	c.half = cutWidth * (math.Hypot(float64(box.Dx()), float64(box.Dy()))/2 + cutDilation*u)
	return c
}

// distances is about the distance of each pixel to the nearest that is in.
func distances(in []bool, w, h int) []float64 {
	out := make([]float64, len(in))
	for i := range out {
		out[i] = math.Inf(1)
		if in[i] {
			out[i] = 0
		}
	}
	relax := func(i, x, y int, step float64) {
		if x >= 0 && y >= 0 && x < w && y < h {
			out[i] = min(out[i], out[y*w+x]+step)
		}
	}
	for i := range out {
		x, y := i%w, i/w
		relax(i, x-1, y, 1)
		relax(i, x, y-1, 1)
		relax(i, x-1, y-1, math.Sqrt2)
		relax(i, x+1, y-1, math.Sqrt2)
	}
	for i := len(out) - 1; i >= 0; i-- {
		x, y := i%w, i/w
		relax(i, x+1, y, 1)
		relax(i, x, y+1, 1)
		relax(i, x+1, y+1, math.Sqrt2)
		relax(i, x-1, y+1, math.Sqrt2)
	}
	return out
}

// draw is the drawer of a real defect. Its pixels keep their size: the jitter
// of size scales them.
func (c *cut) draw(g *ground) painter {
	gain := about(g.rng, 0.05)
	mean := g.part.lowpass(g.bounds(0), cutLowpass*g.part.unit())
	return func(q vec, x, y int, in colour) colour {
		at := q.mul(c.half / cutWidth).add(c.centre)
		w, r := c.at(at)
		if w == 0 {
			return in
		}
		return in.mix(mean.at(x, y).plus(r, gain), w)
	}
}

// at interpolates weight and residual at a point of the source.
func (c *cut) at(p vec) (weight float64, r colour) {
	u, v := p.x-0.5-float64(c.bounds.Min.X), p.y-0.5-float64(c.bounds.Min.Y)
	fx, fy := math.Floor(u), math.Floor(v)
	w, h := c.bounds.Dx(), c.bounds.Dy()
	if fx < 0 || fy < 0 || int(fx)+1 >= w || int(fy)+1 >= h {
		return 0, r
	}
	i := int(fy)*w + int(fx)
	bilinear := [4]struct {
		i int
		t float64
	}{{i, (1 - u + fx) * (1 - v + fy)}, {i + 1, (u - fx) * (1 - v + fy)}, {i + w, (1 - u + fx) * (v - fy)}, {i + w + 1, (u - fx) * (v - fy)}}
	for _, b := range bilinear {
		weight += b.t * c.weight[b.i]
		r = r.plus(c.residual[b.i], b.t)
	}
	return weight, r
}

// Covers is how many pixels a real defect covers; of a drawn one, those of a
// disc of its size.
func (d *Defect) Covers() float64 {
	if d.cover > 0 {
		return d.cover
	}
	return math.Pi / 4 * d.Size * d.Size
}

// Anywhere is the same defect, each copy at another place of the part.
func (d *Defect) Anywhere() *Defect {
	other := *d
	other.anywhere, other.need = true, max(d.need, d.Size/3)
	return &other
}
