package plant

import (
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"slices"

	"codegraph/internal/parallel"
)

// Part is a photograph of a part: where in the picture the part is, and how
// it lies. It is read-only.
type Part struct {
	Image *image.NRGBA // origin (0, 0), opaque
	// Inside marks the pixels of the part, [H][W]. Where the batch shows no
	// background the part fills the picture.
	Inside []bool
	// Depth is about how many pixels a pixel is from the outline of the part
	// or from the picture's border, 0 off the part, [H][W].
	Depth []float32
	// Whole says that the part fills the picture.
	Whole bool
	// Grey says that the photograph has no colour.
	Grey  bool
	frame frame
	// open marks the background that reaches the picture's border, [H][W].
	open []bool
}

// frame maps places on the part to pixels: p = centre + R(angle)·(sx·u, sy·v).
type frame struct {
	centre vec
	angle  float64
	sx, sy float64
}

func (f frame) pixel(u vec) vec { return f.centre.add(vec{f.sx * u.x, f.sy * u.y}.turn(f.angle)) }

func (f frame) place(p vec) vec {
	q := p.sub(f.centre).turn(-f.angle)
	return vec{q.x / f.sx, q.y / f.sy}
}

// Scale is the side of a square of the part's area, in pixels.
func (p *Part) Scale() float64 {
	n := 0
	for _, in := range p.Inside {
		if in {
			n++
		}
	}
	return math.Sqrt(float64(n))
}

// unit is how many pixels one pixel of a photograph of 800 pixels a side is.
func (p *Part) unit() float64 {
	return math.Sqrt(float64(p.Image.Rect.Dx()*p.Image.Rect.Dy())) / 800
}

// ErrImage is wrapped by errors about photographs that nothing can be planted on.
var ErrImage = errors.New("nothing can be planted on this photograph")

// smallest is the shortest side of a photograph that is planted on.
const smallest = 32

// NewParts finds the part in each photograph of a batch. masks[i], [H][W], if
// not nil, marks the pixels of part i; masks may be nil. Angles are measured
// against the first photograph.
func NewParts(ctx context.Context, images []*image.NRGBA, masks [][]bool, threads int) ([]*Part, error) {
	parts := make([]*Part, len(images))
	found := make([]foreground, len(images))
	polar := make([]*profile, len(images))
	err := parallel.Do(ctx, len(images), threads, func(i int) error {
		size := images[i].Rect.Size()
		if size.X < smallest || size.Y < smallest {
			return fmt.Errorf("photograph %d: %w: it has %d × %d pixels, at least %d a side are needed", i, ErrImage, size.X, size.Y, smallest)
		}
		parts[i] = &Part{Image: images[i], Grey: colourless(images[i])}
		if len(masks) > 0 && masks[i] != nil {
			if len(masks[i]) != size.X*size.Y || !slices.Contains(masks[i], true) {
				return fmt.Errorf("photograph %d: %w: its mask is empty or of another size", i, ErrImage)
			}
			found[i] = foreground{inside: masks[i], clear: true}
			return nil
		}
		found[i] = findForeground(images[i])
		return nil
	}, nil)
	if err != nil {
		return nil, err
	}
	whole := !mostClear(found)
	err = parallel.Do(ctx, len(images), threads, func(i int) error {
		parts[i].lie(found[i], whole)
		if !whole {
			polar[i] = newProfile(parts[i])
		}
		return nil
	}, nil)
	if err != nil || whole {
		return parts, err
	}
	return parts, turnParts(ctx, parts, polar, threads)
}

// lie sets where the part is.
func (p *Part) lie(f foreground, whole bool) {
	w, h := p.Image.Rect.Dx(), p.Image.Rect.Dy()
	if whole || !f.clear && f.share() < 0.02 {
		p.Whole, p.Inside = true, slices.Repeat([]bool{true}, w*h)
		p.frame = frame{centre: vec{float64(w) / 2, float64(h) / 2}, sx: float64(w) / 2, sy: float64(h) / 2}
		p.Depth = depths(p.Inside, w, h)
		return
	}
	p.Inside = f.inside
	p.Depth = depths(p.Inside, w, h)
	p.open = make([]bool, w*h)
	for _, c := range components(p.Inside, w, h, false) {
		if slices.ContainsFunc(c, func(i int) bool { x, y := i%w, i/w; return x == 0 || y == 0 || x == w-1 || y == h-1 }) {
			for _, i := range c {
				p.open[i] = true
			}
		}
	}
	var sum vec
	n := 0.0
	for i, in := range p.Inside {
		if in {
			sum = sum.add(vec{float64(i%w) + 0.5, float64(i/w) + 0.5})
			n++
		}
	}
	s := math.Sqrt(n) / 2
	p.frame = frame{centre: sum.mul(1 / n), sx: s, sy: s}
}

// turnParts measures how each part is turned against the first. Parts that
// look the same at any angle, and parts that all lie alike, are left: turning
// must raise the mean correlation by a tenth.
func turnParts(ctx context.Context, parts []*Part, polar []*profile, threads int) error {
	angles, gains := make([]float64, len(parts)), make([]float64, len(parts))
	err := parallel.Do(ctx, len(parts), threads, func(i int) error {
		angles[i], gains[i] = polar[i].angle(polar[0])
		return nil
	}, nil)
	if err != nil {
		return err
	}
	sum := 0.0
	for _, g := range gains {
		sum += g
	}
	if sum < 0.1*float64(len(parts)) {
		return nil
	}
	for i, p := range parts {
		p.frame.angle = angles[i]
	}
	return nil
}

func colourless(img *image.NRGBA) bool {
	for i := 0; i < len(img.Pix); i += 4 {
		if img.Pix[i] != img.Pix[i+1] || img.Pix[i] != img.Pix[i+2] {
			return false
		}
	}
	return true
}

// at returns the colour of a pixel; beyond the border, that of the border.
func (p *Part) at(x, y int) colour { return colourAt(p.Image, x, y) }

func colourAt(img *image.NRGBA, x, y int) colour {
	x, y = min(max(x, 0), img.Rect.Dx()-1), min(max(y, 0), img.Rect.Dy()-1)
	v := img.Pix[y*img.Stride+4*x:]
	return colour{float64(v[0]) / 255, float64(v[1]) / 255, float64(v[2]) / 255}
}

// between returns the colour at a point between pixels (bilinear).
func between(img *image.NRGBA, q vec) colour {
	x, y := q.x-0.5, q.y-0.5
	fx, fy := math.Floor(x), math.Floor(y)
	i, j := int(fx), int(fy)
	top := colourAt(img, i, j).mix(colourAt(img, i+1, j), x-fx)
	return top.mix(colourAt(img, i, j+1).mix(colourAt(img, i+1, j+1), x-fx), y-fy)
}

func (p *Part) inside(x, y int) bool {
	w, h := p.Image.Rect.Dx(), p.Image.Rect.Dy()
	return x >= 0 && y >= 0 && x < w && y < h && p.Inside[y*w+x]
}

// depth is Depth, 0 beyond the border.
func (p *Part) depth(x, y int) float32 {
	if !p.inside(x, y) {
		return 0
	}
	return p.Depth[y*p.Image.Rect.Dx()+x]
}

// outer reports whether a pixel lies beside the background around the part.
func (p *Part) outer(x, y int) bool {
	w := p.Image.Rect.Dx()
	return x > 0 && y > 0 && x < w-1 && y < p.Image.Rect.Dy()-1 &&
		(p.open[y*w+x-1] || p.open[y*w+x+1] || p.open[(y-1)*w+x] || p.open[(y+1)*w+x])
}

// With is the part in another photograph of it, in which it lies the same.
func (p *Part) With(img *image.NRGBA) *Part {
	q := *p
	q.Image = img
	return &q
}
