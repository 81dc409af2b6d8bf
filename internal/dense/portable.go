package dense

import (
	"math"
	"unsafe"
)

const portableMR, portableNR = 4, 4

var portable = impl{"portable", portableMR, portableNR, 1, tilePortable, maxPortable, expSumPortable, geluPortable, sigmoidPortable}

func tilePortable(k int, pa *float32, lda int, pb, dst *float32, ldd int) {
	a := unsafe.Slice(pa, (portableMR-1)*lda+k)
	b := unsafe.Slice(pb, k*portableNR)
	d := unsafe.Slice(dst, (portableMR-1)*ldd+portableNR)
	// Two rows at a time: eight sums and six operands fit the registers.
	for r := 0; r < portableMR; r += 2 {
		x0, x1 := a[r*lda:][:k], a[(r+1)*lda:][:k]
		var s00, s01, s02, s03, s10, s11, s12, s13 float32
		for i, a0 := range x0 {
			a1 := x1[i]
			y := b[4*i : 4*i+4 : 4*i+4]
			s00 += a0 * y[0]
			s01 += a0 * y[1]
			s02 += a0 * y[2]
			s03 += a0 * y[3]
			s10 += a1 * y[0]
			s11 += a1 * y[1]
			s12 += a1 * y[2]
			s13 += a1 * y[3]
		}
		d0, d1 := d[r*ldd:], d[(r+1)*ldd:]
		d0[0], d0[1], d0[2], d0[3] = s00, s01, s02, s03
		d1[0], d1[1], d1[2], d1[3] = s10, s11, s12, s13
	}
}

func maxPortable(n int, x, part *float32) {
	for _, v := range unsafe.Slice(x, n) {
		*part = max(*part, v)
	}
}

func expSumPortable(n int, px *float32, shift float32, part *float32) {
	x := unsafe.Slice(px, n)
	for i, v := range x {
		x[i] = exp(v - shift)
		*part += x[i]
	}
}

// exp is Cephes' expf, without its special cases.
func exp(v float32) float32 {
	v = min(max(v, -87), 88)
	n := float32(math.RoundToEven(float64(v * math.Log2E)))
	v -= n * 0.693359375
	v -= n * -2.12194440e-4
	p := float32(1.9875691500e-4)
	p = p*v + 1.3981999507e-3
	p = p*v + 8.3334519073e-3
	p = p*v + 4.1665795894e-2
	p = p*v + 1.6666665459e-1
	p = p*v + 5.0000001201e-1
	p = p*v*v + v + 1
	return math.Float32frombits(math.Float32bits(p) + uint32(int32(n))<<23)
}

func geluPortable(n int, px, pbias *float32) {
	x, bias := unsafe.Slice(px, n), unsafe.Slice(pbias, n)
	for i := range x {
		v := x[i] + bias[i]
		a := max(v, -v)
		t := 1 / (1 + 0.3275911/math.Sqrt2*a)
		q := float32(1.061405429 / 2)
		q = q*t - 1.453152027/2
		q = q*t + 1.421413741/2
		q = q*t - 0.284496736/2
		q = q*t + 0.254829592/2
		x[i] = max(v, 0) - a*q*t*exp(-0.5*a*a)
	}
}

func sigmoidPortable(n int, px, pbias *float32, c1, c3 float32) {
	x, bias := unsafe.Slice(px, n), unsafe.Slice(pbias, n)
	for i := range x {
		v := x[i] + bias[i]
		x[i] = v / (1 + exp(-v*(c1+c3*v*v)))
	}
}
