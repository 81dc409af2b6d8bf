package vit

import (
	"codegraph/internal/gemm"
	"codegraph/internal/nn"
)

// Rows that are worked on together, so that activations stay in the second
// level cache: of a norm and a linear layer, of an MLP, of attention scores.
const (
	band      = 96
	mlpBand   = 96
	scoreBand = 96
)

// block is one transformer block. LayerScale is part of out and down.
type block struct {
	norm1    norm
	qkv, out linear
	norm2    norm
	up, down linear
	gated    bool
	act      nn.Activation
}

// state is an image on its way through the network, with scratch memory.
type state struct {
	c, rows, heads int
	stride         int       // of rows of c values
	wide           int       // of rows of 3·c values
	x              []float32 // residual stream, [rows][stride]
	qkv            []float32 // [rows][wide]
	context        []float32 // what attention gives, [rows][stride]
	normed         []float32 // [band][stride]
	hidden         []float32 // [mlpBand][…]
	scores         []float32 // [scoreBand][…]
	inverse        []float32 // [scoreBand]
	keys, values   gemm.Packed
	rounded        gemm.Rounded // the left operand of a linear layer of words
}

// forward runs one block on s.
func (b *block) forward(s *state, rope *rotation) {
	for i := 0; i < s.rows; i += band {
		m := min(band, s.rows-i)
		b.norm1.apply(s.normed, s.stride, s.x[i*s.stride:], s.stride, m)
		b.qkv.mul(s.qkv[i*s.wide:], s.wide, s.normed, s.stride, m, &s.rounded)
		for r := i; r < i+m; r++ {
			addBias(s.qkv[r*s.wide:][:3*s.c], b.qkv.bias)
		}
	}
	if rope != nil {
		rope.apply(s)
	}
	for h := range s.heads {
		s.attend(h)
	}
	for i := 0; i < s.rows; i += band {
		m := min(band, s.rows-i)
		b.out.mul(s.normed, s.stride, s.context[i*s.stride:], s.stride, m, &s.rounded)
		s.residual(i, m, b.out.bias)
	}
	for i := 0; i < s.rows; i += mlpBand {
		b.mlp(s, i, min(mlpBand, s.rows-i))
	}
}

func addBias(x, b []float32) {
	b = b[:len(x)]
	for i := range x {
		x[i] += b[i]
	}
}

// residual adds the m rows of s.normed and a bias to the stream from row i.
func (s *state) residual(i, m int, bias []float32) {
	for r := range m {
		add(s.x[(i+r)*s.stride:][:s.c], s.normed[r*s.stride:], bias)
	}
}

// attend computes head h: softmax(Q·Kᵀ)·V, a band of queries at a time.
func (s *state) attend(h int) {
	d := s.c / s.heads
	q, k, v := s.qkv[h*d:], s.qkv[s.c+h*d:], s.qkv[2*s.c+h*d:]
	s.keys.Columns(k, s.wide, s.rows, d)
	s.values.Rows(v, s.wide, s.rows, d)
	ld := gemm.Stride(s.rows)
	s.scores = resize(s.scores, scoreBand*ld)
	s.inverse = resize(s.inverse, scoreBand)
	for i := 0; i < s.rows; i += scoreBand {
		m := min(scoreBand, s.rows-i)
		gemm.Mul(s.scores, ld, q[i*s.wide:], s.wide, m, &s.keys)
		nn.Softmax(s.scores, ld, m, s.rows, s.inverse)
		out := s.context[i*s.stride+h*d:]
		gemm.Mul(out, s.stride, s.scores, ld, m, &s.values)
		for r := range m {
			scale(out[r*s.stride:][:d], s.inverse[r])
		}
	}
}

func scale(x []float32, f float32) {
	for i := range x {
		x[i] *= f
	}
}

// mlp adds the MLP of m rows from row i to the stream.
func (b *block) mlp(s *state, i, m int) {
	n := b.up.out
	ld := gemm.Stride(n)
	s.hidden = resize(s.hidden, mlpBand*ld)
	b.norm2.apply(s.normed, s.stride, s.x[i*s.stride:], s.stride, m)
	b.up.mul(s.hidden, ld, s.normed, s.stride, m, &s.rounded)
	for r := range m {
		row := s.hidden[r*ld:][:n]
		if !b.gated {
			b.act.Apply(row, b.up.bias)
			continue
		}
		gate, up, bias := row[:n/2], row[n/2:], b.up.bias[n/2:]
		b.act.Apply(gate, b.up.bias[:n/2])
		for j := range gate {
			gate[j] *= up[j] + bias[j]
		}
	}
	b.down.mul(s.normed, s.stride, s.hidden, ld, m, &s.rounded)
	s.residual(i, m, b.down.bias)
}

// resize returns x with n elements of undefined content.
func resize(x []float32, n int) []float32 {
	if cap(x) < n {
		return make([]float32, n)
	}
	return x[:n]
}
