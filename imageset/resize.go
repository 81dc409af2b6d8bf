package imageset

import (
	"image"
	"math"
)

// Filter is one of PIL's ways of resizing.
type Filter int

const (
	// Bicubic is Keys' cubic with a = −0.5.
	Bicubic Filter = iota
	// Bilinear is a triangle.
	Bilinear
)

// kernel is the filter's weight at a distance, and where it ends.
func (f Filter) kernel() (weight func(float64) float64, reach float64) {
	if f == Bilinear {
		return func(x float64) float64 { return max(0, 1-math.Abs(x)) }, 1
	}
	return cubic, 2
}

// Resize scales an opaque image as PIL does: the filter is widened by the scale
// when shrinking (antialiasing), rows come first, and between the passes it is
// rounded to 8 bits.
func Resize(src *image.NRGBA, w, h int, filter Filter) *image.NRGBA {
	sw, sh := src.Rect.Dx(), src.Rect.Dy()
	mid := image.NewNRGBA(image.Rect(0, 0, w, sh))
	columns := filter.places(sw, w)
	for y := range sh { // along rows: columns of a large image are far apart in memory
		active.alongRow(mid.Pix[y*mid.Stride:][:4*w], src.Pix[y*src.Stride:][:4*sw], columns)
	}
	dst := image.NewNRGBA(image.Rect(0, 0, w, h))
	rows := filter.places(sh, h)
	weights := rows.weights
	for y, span := range rows.spans {
		active.acrossRows(dst.Pix[y*dst.Stride:][:4*w], mid.Pix[span.first*mid.Stride:], mid.Stride, weights[:span.n])
		weights = weights[span.n:]
	}
	return dst
}

// Fixed-point weights as in PIL: 22 fractional bits.
const filterBits = 32 - 8 - 2

// places are where a filter lies over the sources of each place of the result; the
// weights follow each other.
type places struct {
	spans   []span
	weights []int32
}

// span is n sources in a row.
type span struct{ first, n int }

// places lists where the filter lies for each of out places over in sources.
func (f Filter) places(in, out int) places {
	weight, reach := f.kernel()
	scale := float64(in) / float64(out)
	wide := max(scale, 1)
	var all places
	var here []float64
	for o := range out {
		centre := (float64(o) + 0.5) * scale
		lo := max(0, int(centre-reach*wide+0.5))
		hi := min(in, int(centre+reach*wide+0.5))
		sum := 0.0
		here = here[:0]
		for i := lo; i < hi; i++ {
			v := weight((float64(i) - centre + 0.5) / wide)
			here = append(here, v)
			sum += v
		}
		all.spans = append(all.spans, span{lo, hi - lo})
		for _, v := range here {
			all.weights = append(all.weights, int32(math.Round(v/sum*(1<<filterBits))))
		}
	}
	return all
}

func cubic(x float64) float64 {
	const a = -0.5
	switch x = math.Abs(x); {
	case x < 1:
		return ((a+2)*x-(a+3))*x*x + 1
	case x < 2:
		return (((x-5)*x+8)*x - 4) * a
	}
	return 0
}

// Scaled is a picture at the size that a network takes: 8-bit RGB, [H][W][3]. It
// takes a quarter of the memory of the tensor.
type Scaled struct {
	W, H int
	RGB  []uint8
}

// Scale resizes the picture to w × h.
func (p *Picture) Scale(w, h int, filter Filter) *Scaled {
	img := p.Image
	if p.Width != w || p.Height != h {
		img = Resize(img, w, h, filter)
	}
	s := &Scaled{W: w, H: h, RGB: make([]uint8, 3*w*h)}
	for i := range w * h {
		copy(s.RGB[3*i:3*i+3], img.Pix[4*i:4*i+3])
	}
	return s
}

// Tensor is s normalised: [3][H][W], RGB, (v/255 − mean)/std.
func (s *Scaled) Tensor(mean, std [3]float32) []float32 {
	plane := s.W * s.H
	out := make([]float32, 3*plane)
	for c := range 3 {
		var values [256]float32
		for v := range values {
			values[v] = (float32(v)/255 - mean[c]) / std[c]
		}
		for i := range plane {
			out[c*plane+i] = values[s.RGB[3*i+c]]
		}
	}
	return out
}

// Tensor resizes the picture to w × h and normalises it: [3][h][w], RGB,
// (v/255 − mean)/std.
func (p *Picture) Tensor(w, h int, filter Filter, mean, std [3]float32) []float32 {
	return p.Scale(w, h, filter).Tensor(mean, std)
}
