package nn

import (
	"math"
	"unsafe"

	"codegraph/internal/cpu"
)

var portable = impl{cpu.Portable, 1, maxPortable, expSumPortable, geluPortable, sigmoidPortable}

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
