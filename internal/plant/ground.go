package plant

import (
	"image"
	"math"
	"math/rand/v2"

	"codegraph/internal/stats"
)

// ground is where one copy of a defect goes.
type ground struct {
	part     *Part
	centre   vec // pixels
	half     float64
	angle    float64
	strength float64
	bright   bool       // ink is
	dark     bool       // the part is
	rng      *rand.Rand // jitter of this copy
	mean     colour     // of the part around
	grain    float64    // standard deviation of the pixel noise, brightness
}

// widest is how far a painter may reach, in units of half the defect's size.
const widest = 1.7

// measure finds the mean colour of the part around the place, and its noise.
func (g *ground) measure() {
	var sum colour
	var steps []float64
	n := 0.0
	r := 1.5*g.half + 4
	for y := int(g.centre.y - r); y <= int(g.centre.y+r); y++ {
		for x := int(g.centre.x - r); x <= int(g.centre.x+r); x++ {
			if !g.part.inside(x, y) {
				continue
			}
			c := g.part.at(x, y)
			sum = sum.plus(c, 1)
			n++
			steps = append(steps, math.Abs(c.luma()-0.5*(g.part.at(x-1, y).luma()+g.part.at(x+1, y).luma())))
		}
	}
	g.mean = sum.scale(1 / max(n, 1))
	// Of x less the mean of two neighbours: variance 1.5 σ²; the median of its
	// size is 0.6745 standard deviations.
	g.grain = stats.Median(steps) / 0.6745 / math.Sqrt(1.5)
}

// cover is how much of a pixel lies inside an outline at a distance of d
// pixels (negative inside), as sharp as a photograph is.
func cover(d float64) float64 { return smooth(1.1, -1.1, d) }

// paint paints the copy and returns what it may have changed. Unless beyond,
// the paint fades out over the two pixels at the outline of the part.
func (g *ground) paint(img *image.NRGBA, painter painter, beyond bool) image.Rectangle {
	r := widest*g.half + 3
	bounds := image.Rect(int(g.centre.x-r), int(g.centre.y-r), int(g.centre.x+r)+1, int(g.centre.y+r)+1).Intersect(img.Rect)
	w := img.Rect.Dx()
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			on := 1.0
			if !beyond && !g.part.Whole {
				if on = min(float64(g.part.Depth[y*w+x])/2, 1); on == 0 {
					continue
				}
			}
			q := vec{float64(x) + 0.5, float64(y) + 0.5}.sub(g.centre).turn(-g.angle).mul(1 / g.half)
			if q.length() > widest {
				continue
			}
			in := g.part.at(x, y)
			out := in.mix(painter(q, x, y, in), on)
			if g.part.Grey {
				out = out.grey()
			}
			set(img, x, y, out)
		}
	}
	return bounds
}

func set(img *image.NRGBA, x, y int, c colour) {
	v := img.Pix[y*img.Stride+4*x:]
	for k := range c {
		v[k] = uint8(min(max(math.Round(255*c[k]), 0), 255))
	}
}

// noticeable is the smallest difference of a colour, of 255, that is seen.
const noticeable = 5

// visible marks where two pictures differ noticeably, with the small
// gaps between such pixels.
func visible(before, after *image.NRGBA, bounds image.Rectangle) *image.Gray {
	mask := image.NewGray(before.Rect)
	for y := bounds.Min.Y; y < bounds.Max.Y; y++ {
		for x := bounds.Min.X; x < bounds.Max.X; x++ {
			i := before.PixOffset(x, y)
			for k := range 3 {
				if d := int(before.Pix[i+k]) - int(after.Pix[i+k]); d >= noticeable || d <= -noticeable {
					mask.Pix[mask.PixOffset(x, y)] = 255
				}
			}
		}
	}
	fill(mask, bounds)
	return mask
}

// largestGap is the largest hole, in pixels, that a mask does not keep.
const largestGap = 12

// fill fills the small holes of a mask within bounds.
func fill(m *image.Gray, bounds image.Rectangle) {
	w, h := bounds.Dx(), bounds.Dy()
	in := make([]bool, w*h)
	for i := range in {
		in[i] = m.GrayAt(bounds.Min.X+i%w, bounds.Min.Y+i/w).Y > 0
	}
	for _, hole := range components(in, w, h, false) {
		if len(hole) > largestGap {
			continue
		}
		for _, i := range hole {
			m.Pix[m.PixOffset(bounds.Min.X+i%w, bounds.Min.Y+i/w)] = 255
		}
	}
}
