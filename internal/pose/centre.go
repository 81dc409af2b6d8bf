package pose

import "math"

// Side is that of the pictures that angles are estimated from, in pixels.
const Side = 224

const (
	// levels of the search for the middle, each at twice the side of the last.
	levels = 3
	// maxShift is how far from the middle of the picture that of the part may be, as a
	// share of the side.
	maxShift = 0.15
	// rim is the radius of the profile, as a share of half of the side.
	rim = 0.95
	// profileRounds is the number of rounds after which the profile stays.
	profileRounds = 4
)

// point is a place in a picture, in pixels.
type point struct{ x, y float64 }

func (p point) plus(q point) point { return point{p.x + q.x, p.y + q.y} }

// turned is p turned about (0, 0), clockwise as a picture is seen.
func (p point) turned(degrees int) point {
	sin, cos := math.Sincos(2 * math.Pi * float64(degrees) / around)
	return point{cos*p.x - sin*p.y, sin*p.x + cos*p.y}
}

var middle = point{float64(Side-1) / 2, float64(Side-1) / 2}

// field is a square of values.
type field struct {
	side int
	v    []float32 // [side][side]
}

func newField(side int) field { return field{side, make([]float32, side*side)} }

// halved is the field at half of its side, by means of 2 × 2.
func (f field) halved() field {
	h := newField(f.side / 2)
	for y := range h.side {
		for x := range h.side {
			at := 2*y*f.side + 2*x
			h.v[y*h.side+x] = (f.v[at] + f.v[at+1] + f.v[at+f.side] + f.v[at+f.side+1]) / 4
		}
	}
	return h
}

// smooth blurs with binomial weights of standard deviation 1.
func (f field) smooth() field {
	weights := [5]float32{1. / 16, 4. / 16, 6. / 16, 4. / 16, 1. / 16}
	across, out := newField(f.side), newField(f.side)
	for y := range f.side {
		for x := range f.side {
			var sum float32
			for k, w := range weights {
				sum += w * f.v[y*f.side+min(max(x+k-2, 0), f.side-1)]
			}
			across.v[y*f.side+x] = sum
		}
	}
	for y := range f.side {
		for x := range f.side {
			var sum float32
			for k, w := range weights {
				sum += w * across.v[min(max(y+k-2, 0), f.side-1)*f.side+x]
			}
			out.v[y*f.side+x] = sum
		}
	}
	return out
}

// edges is the length of the gradient, less its mean.
func (f field) edges() field {
	out := newField(f.side)
	var sum float64
	for y := range f.side {
		up, down := max(y-1, 0)*f.side, min(y+1, f.side-1)*f.side
		for x := range f.side {
			left, right := max(x-1, 0), min(x+1, f.side-1)
			dx := float64(f.v[y*f.side+right] - f.v[y*f.side+left])
			dy := float64(f.v[down+x] - f.v[up+x])
			d := math.Hypot(dx, dy)
			out.v[y*f.side+x] = float32(d)
			sum += d
		}
	}
	mean := float32(sum / float64(len(out.v)))
	for k := range out.v {
		out.v[k] -= mean
	}
	return out
}

// pyramid is a field at falling sides, the finest first.
type pyramid [levels]field

func newPyramid(f field) (p pyramid) {
	for l := range p {
		p[l] = f
		f = f.halved()
	}
	return p
}

// profile is the mean of a field by the distance from a middle, in pixels.
type profile []float32

// profile returns the profile of f about c.
func (f field) profile(c point) profile {
	sum, count := make([]float64, f.side), make([]int, f.side)
	for y := range f.side {
		for x := range f.side {
			if r := int(math.Hypot(float64(x)-c.x, float64(y)-c.y)); r < f.side {
				sum[r] += float64(f.v[y*f.side+x])
				count[r]++
			}
		}
	}
	p := make(profile, f.side)
	for r := range p {
		if count[r] > 0 {
			p[r] = float32(sum[r] / float64(count[r]))
		}
	}
	return p
}

func (p profile) at(r float64) float32 {
	r -= 0.5
	k := min(max(int(math.Floor(r)), 0), len(p)-2)
	t := float32(min(max(r-float64(k), 0), 1))
	return (1-t)*p[k] + t*p[k+1]
}

// rings is the round field of a profile.
func (p profile) rings() field {
	f := newField(Side)
	for k := range f.v {
		f.v[k] = p.at(math.Hypot(float64(k%Side)-middle.x, float64(k/Side)-middle.y))
	}
	return f
}

// target is what fields are correlated with: of mean 0 inside of the rim and 0 beyond.
type target pyramid

func (f field) target() *target {
	s := target(newPyramid(f))
	for l := range s {
		f, c, n := newField(s[l].side), float64(s[l].side-1)/2, 0
		var sum float64
		inside := make([]bool, len(f.v))
		for k, v := range s[l].v {
			if inside[k] = math.Hypot(float64(k%f.side)-c, float64(k/f.side)-c) <= rim*float64(f.side)/2; inside[k] {
				sum += float64(v)
				n++
			}
		}
		for k, v := range s[l].v {
			if inside[k] {
				f.v[k] = v - float32(sum/float64(n))
			}
		}
		s[l] = f
	}
	return &s
}

// shift is how far p correlates best with s from where it is. The coarsest level is
// searched whole, each finer one about what was found.
func (p *pyramid) shift(s *target) point {
	var x, y int // from the middle of the picture
	for l := levels - 1; l >= 0; l-- {
		reach, most := 2, int(maxShift*float64(p[l].side))
		if l == levels-1 {
			reach = most
		}
		x, y = p[l].search(s[l], 2*x, 2*y, reach, most)
	}
	return point{float64(x), float64(y)}
}

// search returns the shift of the best correlation within reach of (x0, y0).
func (f field) search(t field, x0, y0, reach, most int) (x, y int) {
	best := float32(math.Inf(-1))
	for v := max(-most, y0-reach); v <= min(most, y0+reach); v++ {
		for u := max(-most, x0-reach); u <= min(most, x0+reach); u++ {
			if c := f.correlation(t, u, v); c > best {
				best, x, y = c, u, v
			}
		}
	}
	return x, y
}

// correlation of t shifted by (dx, dy) with what of the field it lies on.
func (f field) correlation(t field, dx, dy int) (sum float32) {
	n := f.side
	width := n - max(dx, -dx)
	for y := max(0, -dy); y < min(n, n-dy); y++ {
		a, b := y*n+max(0, -dx), (y+dy)*n+max(0, dx)
		sum += dot(t.v[a:a+width], f.v[b:b+width])
	}
	return sum
}

// turned is f turned about c, which comes to the middle.
func (f field) turned(c point, degrees int) field {
	out := newField(f.side)
	across, down := point{1, 0}.turned(-degrees), point{0, 1}.turned(-degrees)
	for y := range f.side {
		for x := range f.side {
			u, v := float64(x)-middle.x, float64(y)-middle.y
			out.v[y*f.side+x] = f.bilinear(c.x+u*across.x+v*down.x, c.y+u*across.y+v*down.y)
		}
	}
	return out
}
