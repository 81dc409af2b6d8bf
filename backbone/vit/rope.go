package vit

import "math"

// rotation is DINOv3's position embedding for one grid: the angles by which
// the channels of queries and keys are rotated, in pairs (i, i + d/2).
type rotation struct {
	first    int       // row of the first patch; those before are not rotated
	half     int       // d/2
	cos, sin []float32 // [h·w][half]
}

// newRotation takes the centres of patches, scaled to −1…1, times 2π/θ^(4i/d)
// for i below d/4, of y and then of x.
func newRotation(a *Arch, h, w int) *rotation {
	quarter := a.Width / a.Heads / 4
	r := &rotation{first: a.prefix(), half: 2 * quarter}
	r.cos, r.sin = make([]float32, h*w*r.half), make([]float32, h*w*r.half)
	for p := range h * w {
		at := [2]float64{2*(float64(p/w)+0.5)/float64(h) - 1, 2*(float64(p%w)+0.5)/float64(w) - 1}
		for axis, x := range at {
			for i := range quarter {
				angle := 2 * math.Pi * x / math.Pow(a.Theta, float64(i)/float64(quarter))
				j := p*r.half + axis*quarter + i
				r.cos[j], r.sin[j] = float32(math.Cos(angle)), float32(math.Sin(angle))
			}
		}
	}
	return r
}

// apply rotates queries and keys of all heads.
func (r *rotation) apply(s *state) {
	for row := r.first; row < s.rows; row++ {
		at := (row - r.first) * r.half
		cos, sin := r.cos[at:][:r.half], r.sin[at:][:r.half]
		qk := s.qkv[row*s.wide:][:2*s.c]
		for ; len(qk) >= 2*r.half; qk = qk[2*r.half:] {
			lo, hi := qk[:r.half], qk[r.half:2*r.half]
			for i, c := range cos {
				x, y := lo[i], hi[i]
				lo[i], hi[i] = x*c-y*sin[i], y*c+x*sin[i]
			}
		}
	}
}
