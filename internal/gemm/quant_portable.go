package gemm

import (
	"math"
	"unsafe"
)

// quantImpl is an implementation of the inner loops of MulQuant.
type quantImpl struct {
	name string
	fast bool // faster than what it stands in for
	// tile multiplies 12 rows of k words by a panel of 32 columns and scales
	// the sums by rows and cols. If add is -1, and not 0, they are added to
	// what is in dst.
	tile      func(k int, a *int32, lda int, b *int32, rows, cols *float32, add int, dst *float32, ldd int)
	magnitude func(n int, x, part *float32)                      // lane-wise maxima of |x|
	round     func(n int, x *float32, scale float32, out *int32) // x·scale as 16-bit numbers
	// blocks, if not nil, is of words in bfloat16: it multiplies blocks of 32
	// rows of k times 16 words by a panel of 32 columns and, if add is not 0,
	// adds what is in dst. bf16 stores x in bfloat16.
	blocks func(k, blocks int, a *int32, lda int, b *int32, add int, dst *float32, ldd int)
	bf16   func(n int, x *float32, out *int32)
}

var quant = quantImpls()[0]

var portableQuant = quantImpl{name: "portable", tile: tileQuantPortable, magnitude: magnitudePortable, round: roundPortable}

func tileQuantPortable(k int, pa *int32, lda int, pb *int32, prows, pcols *float32, add int, pdst *float32, ldd int) {
	a, b := unsafe.Slice(pa, (wordMR-1)*lda+k), unsafe.Slice(pb, k*wordNR)
	rows, cols := unsafe.Slice(prows, wordMR), unsafe.Slice(pcols, wordNR)
	dst := unsafe.Slice(pdst, (wordMR-1)*ldd+wordNR)
	for r, scale := range rows {
		var sums [wordNR]int32
		for i, x := range a[r*lda:][:k] {
			low, high := int32(int16(x)), x>>16
			for c, y := range b[i*wordNR:][:wordNR] {
				sums[c] += low*int32(int16(y)) + high*(y>>16)
			}
		}
		out := dst[r*ldd:][:wordNR]
		for c, s := range sums {
			v := float32(s) * scale
			if add == 0 {
				out[c] = 0
			}
			out[c] = float32(math.FMA(float64(v), float64(cols[c]), float64(out[c])))
		}
	}
}

func magnitudePortable(n int, x, part *float32) {
	*part = magnitude(unsafe.Slice(x, n))
}

func roundPortable(n int, px *float32, scale float32, pout *int32) {
	x, out := unsafe.Slice(px, n), unsafe.Slice(pout, n/2)
	number := func(v float32) int32 {
		return nearest(min(max(v*scale, math.MinInt16), math.MaxInt16))
	}
	for i := range out {
		out[i] = number(x[2*i])&0xffff | number(x[2*i+1])<<16
	}
}
