package imageset

import "math"

// Turn returns the tensor [3][side][side] turned about its centre by angle,
// in radians, clockwise as the image is seen: bicubic interpolation (Catmull
// and Rom), mirrored at the edge: repeated pixels would be streaks, which images that
// are turned by like angles share. Quarter turns are exact.
func Turn(tensor []float32, side int, angle float64) []float32 {
	out := make([]float32, len(tensor))
	sin, cos := math.Sincos(angle)
	sin, cos = exact(sin), exact(cos)
	centre := float64(side-1) / 2
	plane := side * side
	for y := range side {
		for x := range side {
			dx, dy := float64(x)-centre, float64(y)-centre
			sampleCubic(out[y*side+x:], tensor, side, plane, cos*dx+sin*dy+centre, cos*dy-sin*dx+centre)
		}
	}
	return out
}

// exact rounds what should be a whole number.
func exact(v float64) float64 {
	if r := math.Round(v); math.Abs(v-r) < 1e-12 {
		return r
	}
	return v
}

// sampleCubic writes the three channels at (x, y) to dst[0], dst[plane] and
// dst[2·plane].
func sampleCubic(dst, src []float32, side, plane int, x, y float64) {
	x0, y0 := math.Floor(x), math.Floor(y)
	wx, wy := catmullRom(x-x0), catmullRom(y-y0)
	if left, top := int(x0)-1, int(y0)-1; left >= 0 && top >= 0 && left+4 <= side && top+4 <= side {
		dst[0], dst[plane], dst[2*plane] = cubicInside(src[top*side+left:], side, plane, &wx, &wy)
		return
	}
	var sum [3]float32
	for j, b := range wy {
		row := mirrored(int(y0)+j-1, side) * side
		for i, a := range wx {
			at, w := row+mirrored(int(x0)+i-1, side), a*b
			for c := range sum {
				sum[c] += w * src[c*plane+at]
			}
		}
	}
	for c, v := range sum {
		dst[c*plane] = v
	}
}

// cubicInside is the value of the three channels where all 4 × 4 samples, from
// src[0] on, are inside. Its sums are in the order of those at the edges.
func cubicInside(src []float32, side, plane int, wx, wy *[4]float32) (s0, s1, s2 float32) {
	for j, b := range wy {
		w0, w1, w2, w3 := wx[0]*b, wx[1]*b, wx[2]*b, wx[3]*b
		r0, r1, r2 := src[j*side:][:4], src[plane+j*side:][:4], src[2*plane+j*side:][:4]
		s0 = s0 + w0*r0[0] + w1*r0[1] + w2*r0[2] + w3*r0[3]
		s1 = s1 + w0*r1[0] + w1*r1[1] + w2*r1[2] + w3*r1[3]
		s2 = s2 + w0*r2[0] + w1*r2[1] + w2*r2[2] + w3*r2[3]
	}
	return s0, s1, s2
}

// mirrored is where a place beyond the edge is seen in a mirror that stands on it.
func mirrored(v, n int) int {
	for v < 0 || v >= n {
		if v < 0 {
			v = -1 - v
		}
		if v >= n {
			v = 2*n - 1 - v
		}
	}
	return v
}

// catmullRom returns the weights of the samples at −1, 0, 1 and 2 for a point
// at t in [0, 1).
func catmullRom(t float64) [4]float32 {
	t2, t3 := t*t, t*t*t
	return [4]float32{
		float32(-t3/2 + t2 - t/2),
		float32(1.5*t3 - 2.5*t2 + 1),
		float32(-1.5*t3 + 2*t2 + t/2),
		float32(t3/2 - t2/2),
	}
}
