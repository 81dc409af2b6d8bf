package knn

import "unsafe"

const portableMR, portableNR = 4, 4

var portable = impl{
	name: "portable", mr: portableMR, nr: portableNR, lanes: 1, cache: 128 << 10,
	tile: tilePortable, search: searchPortable, reduce: reducePortable, sqdist: sqdistPortable,
	peak: peakPortable, peakFlop: 12 * 2,
	ints: portableInts,
}

// productPortable returns the 4 × 4 product of two panels of depth k.
func productPortable(k int, pa, pb *float32) (t [portableMR * portableNR]float32) {
	a := unsafe.Slice(pa, k*portableMR)
	b := unsafe.Slice(pb, k*portableNR)
	// Two rows at a time: eight sums and six operands fit the registers.
	for r := 0; r < portableMR; r += 2 {
		var s00, s01, s02, s03, s10, s11, s12, s13 float32
		for i := 0; i+4 <= len(a) && i+4 <= len(b); i += 4 {
			x := a[i : i+4 : i+4]
			y := b[i : i+4 : i+4]
			a0, a1 := x[r&3], x[(r+1)&3]
			b0, b1, b2, b3 := y[0], y[1], y[2], y[3]
			s00 += a0 * b0
			s01 += a0 * b1
			s02 += a0 * b2
			s03 += a0 * b3
			s10 += a1 * b0
			s11 += a1 * b1
			s12 += a1 * b2
			s13 += a1 * b3
		}
		copy(t[r*portableNR:], []float32{s00, s01, s02, s03, s10, s11, s12, s13})
	}
	return t
}

func tilePortable(k int, a, b, dst *float32) {
	t := productPortable(k, a, b)
	copy(unsafe.Slice(dst, len(t)), t[:])
}

func searchPortable(k int, a, b, rowMax *float32, rowIdx *int32, colMax *float32, colIdx *int32, row, block int32) {
	t := productPortable(k, a, b)
	x, y := unsafe.Slice(behind(a, k*portableMR), portableMR), unsafe.Slice(behind(b, k*portableNR), portableNR)
	rm, ri := unsafe.Slice(rowMax, portableMR), unsafe.Slice(rowIdx, portableMR)
	cm, ci := unsafe.Slice(colMax, portableNR), unsafe.Slice(colIdx, portableNR)
	for r := range portableMR {
		for c := range portableNR {
			v := t[r*portableNR+c] + (x[r] + y[c])
			if v > rm[r] {
				rm[r], ri[r] = v, block+int32(c)
			}
			if v > cm[c] {
				cm[c], ci[c] = v, row+int32(r)
			}
		}
	}
}

// reducePortable has but one lane to choose from.
func reducePortable(n int, _ *float32, rowIdx, col *int32) {
	copy(unsafe.Slice(col, n), unsafe.Slice(rowIdx, n))
}

func sqdistPortable(n int, pa, pb *float32) float32 {
	a, b := unsafe.Slice(pa, n), unsafe.Slice(pb, n)
	var s0, s1, s2, s3 float32
	for i := 0; i+4 <= len(a) && i+4 <= len(b); i += 4 {
		x, y := a[i:i+4:i+4], b[i:i+4:i+4]
		d0, d1, d2, d3 := x[0]-y[0], x[1]-y[1], x[2]-y[2], x[3]-y[3]
		s0 += d0 * d0
		s1 += d1 * d1
		s2 += d2 * d2
		s3 += d3 * d3
	}
	return (s0 + s1) + (s2 + s3)
}

// behind is the address n elements after p.
func behind(p *float32, n int) *float32 {
	return (*float32)(unsafe.Add(unsafe.Pointer(p), 4*n))
}

// peakSink keeps peakPortable's work from being left out.
var peakSink float32

func peakPortable(n int) {
	x, y := peakSink, peakSink
	var s0, s1, s2, s3, s4, s5, s6, s7, s8, s9, s10, s11 float32
	for range n {
		s0 = s0*x + y
		s1 = s1*x + y
		s2 = s2*x + y
		s3 = s3*x + y
		s4 = s4*x + y
		s5 = s5*x + y
		s6 = s6*x + y
		s7 = s7*x + y
		s8 = s8*x + y
		s9 = s9*x + y
		s10 = s10*x + y
		s11 = s11*x + y
	}
	if s := s0 + s1 + s2 + s3 + s4 + s5 + s6 + s7 + s8 + s9 + s10 + s11; s != 0 {
		peakSink = s
	}
}
