package gemm

import (
	"unsafe"

	"codegraph/internal/cpu"
)

const portableMR, portableNR = 4, 4

var portable = impl{cpu.Portable, portableMR, portableNR, tilePortable}

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
