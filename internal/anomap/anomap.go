package anomap

import (
	"iter"

	"codegraph/internal/pose"
)

// Map is a grid of scores, [H][W].
type Map struct {
	H, W int
	Data []float32
}

// New returns the map of data, [h][w].
func New(data []float32, h, w int) Map { return Map{h, w, data} }

// Float is what a place is worked out in.
type Float interface{ float32 | float64 }

// Tap is a place along one axis of a map: Part of the way from patch Lo to
// patch Hi.
type Tap[T Float] struct {
	Lo, Hi int
	Part   T
}

// Between returns the place at, in patches from the centre of the first; it is
// moved to the nearest of m patches where it lies outside of all.
func Between[T Float](at float64, m int) Tap[T] {
	at = min(max(at, 0), float64(m-1))
	lo := int(at)
	return Tap[T]{lo, min(lo+1, m-1), T(at - float64(lo))}
}

// corner returns the place of pixel i of n among m patches.
func corner(i, n, m int) Tap[float32] {
	if n == 1 || m == 1 {
		return Tap[float32]{}
	}
	at := i * (m - 1)
	lo := at / (n - 1)
	return Tap[float32]{lo, min(lo+1, m-1), float32(float64(at%(n-1)) / float64(n-1))}
}

// At reads a map between four patches.
func At[T Float](m Map, y, x Tap[T]) T {
	top, bottom := m.Data[y.Lo*m.W:(y.Lo+1)*m.W], m.Data[y.Hi*m.W:(y.Hi+1)*m.W]
	a := lerp(T(top[x.Lo]), T(top[x.Hi]), x.Part)
	b := lerp(T(bottom[x.Lo]), T(bottom[x.Hi]), x.Part)
	return lerp(a, b, y.Part)
}

func lerp[T Float](a, b, part T) T { return a + part*(b-a) }

// Rows reads a map at the pixels of an image of h × w, row by row: it yields
// y and the scores along that row, [w], which are valid until the next.
func (m Map) Rows(h, w int) iter.Seq2[int, []float32] {
	return func(yield func(int, []float32) bool) {
		columns := make([]Tap[float32], w)
		for x := range columns {
			columns[x] = corner(x, w, m.W)
		}
		line, out := make([]float32, m.W), make([]float32, w)
		for y := range h {
			t := corner(y, h, m.H)
			top, bottom := m.Data[t.Lo*m.W:(t.Lo+1)*m.W], m.Data[t.Hi*m.W:(t.Hi+1)*m.W]
			for x := range line {
				line[x] = lerp(top[x], bottom[x], t.Part)
			}
			for x, c := range columns {
				out[x] = lerp(line[c.Lo], line[c.Hi], c.Part)
			}
			if !yield(y, out) {
				return
			}
		}
	}
}

// Upsample reads a map at the pixels of an image of h × w. The result is
// [h][w].
func (m Map) Upsample(h, w int) []float32 {
	out := make([]float32, h*w)
	for y, row := range m.Rows(h, w) {
		copy(out[y*w:], row)
	}
	return out
}

// Max is the maximum of Upsample(h, w). It can be a little below the highest
// patch, between two pixels.
func (m Map) Max(h, w int) float32 {
	var most float32
	for y, row := range m.Rows(h, w) {
		if y == 0 {
			most = row[0]
		}
		for _, v := range row {
			most = max(most, v)
		}
	}
	return most
}

// Unrotate takes a map of an image that was rotated by angle, in radians, to
// the patches of the image as it was. Between the centres of patches it is
// bilinear; what lies outside of the rotated image has the score of the
// nearest patch there.
func (m Map) Unrotate(angle float64) Map {
	out := Map{m.H, m.W, make([]float32, len(m.Data))}
	for p := range out.Data {
		x, y := pose.Place(p, m.H, m.W, angle)
		out.Data[p] = At(m, Between[float32](y, m.H), Between[float32](x, m.W))
	}
	return out
}

// ScaleMask scales a mask, [h0][w0], to [h][w] by nearest neighbour, as PIL
// does.
func ScaleMask(mask []bool, h0, w0, h, w int) []bool {
	if w0 == w && h0 == h {
		return mask
	}
	out := make([]bool, w*h)
	for y := range h {
		row := mask[(2*y+1)*h0/(2*h)*w0:]
		for x := range w {
			out[y*w+x] = row[(2*x+1)*w0/(2*w)]
		}
	}
	return out
}
