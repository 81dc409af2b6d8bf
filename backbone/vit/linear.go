package vit

import (
	"math"

	"codegraph/internal/gemm"
)

// linear is y = W·x + b. It has either weights in single precision or words.
type linear struct {
	in, out int
	w       *gemm.Packed
	words   *gemm.QuantWeights
	bias    []float32
}

func newLinear(w, bias []float32, in, out int) linear {
	p := new(gemm.Packed)
	p.Columns(w, in, out, in)
	return linear{in: in, out: out, w: p, bias: bias}
}

func newWords(w, bias []float32, in, out int) linear {
	return linear{in: in, out: out, words: gemm.NewQuantWeights(w, out, in), bias: bias}
}

// mul computes the rows of dst without the bias; r is scratch memory.
func (l *linear) mul(dst []float32, ldd int, x []float32, ldx, rows int, r *gemm.Rounded) {
	if l.words != nil {
		gemm.MulQuant(dst, ldd, x, ldx, rows, l.words, r)
		return
	}
	gemm.Mul(dst, ldd, x, ldx, rows, l.w)
}

// add adds src and the bias b to dst.
func add(dst, src, b []float32) {
	src, b = src[:len(dst)], b[:len(dst)]
	for i := range dst {
		dst[i] += src[i] + b[i]
	}
}

// norm is a LayerNorm.
type norm struct {
	weight, bias []float32
	eps          float32
}

// apply normalises rows rows of x into dst.
func (n *norm) apply(dst []float32, ldd int, x []float32, ldx, rows int) {
	c := len(n.weight)
	for r := range rows {
		row := x[r*ldx:][:c]
		mean := sum(row) / float32(c)
		scale := float32(1 / math.Sqrt(float64(deviation(row, mean)/float32(c)+n.eps)))
		out, w, b := dst[r*ldd:][:c], n.weight[:c], n.bias[:c]
		for i, v := range row {
			out[i] = (v-mean)*scale*w[i] + b[i]
		}
	}
}

// sum adds up x in four chains, which is faster and more exact than one.
func sum(x []float32) float32 {
	var s0, s1, s2, s3 float32
	for len(x) >= 4 {
		s0, s1, s2, s3 = s0+x[0], s1+x[1], s2+x[2], s3+x[3]
		x = x[4:]
	}
	for _, v := range x {
		s0 += v
	}
	return (s0 + s1) + (s2 + s3)
}

// deviation is the sum of squared deviations from mean.
func deviation(x []float32, mean float32) float32 {
	var s0, s1, s2, s3 float32
	for len(x) >= 4 {
		d0, d1, d2, d3 := x[0]-mean, x[1]-mean, x[2]-mean, x[3]-mean
		s0, s1, s2, s3 = s0+d0*d0, s1+d1*d1, s2+d2*d2, s3+d3*d3
		x = x[4:]
	}
	for _, v := range x {
		s0 += (v - mean) * (v - mean)
	}
	return (s0 + s1) + (s2 + s3)
}
