package effnet

import (
	"codegraph/backbone"
	"codegraph/internal/gemm"
)

// mbconv is an inverted bottleneck with packed weights.
type mbconv struct {
	blockSpec
	mid         int          // channels between the 1×1 convolutions
	expand      *gemm.Packed // [In][mid], nil if the factor is 1
	expandBias  []float32
	depth       []float32 // [k·k][mid]
	depthBias   []float32
	project     *gemm.Packed // [mid][Out]
	projectBias []float32
}

func newMBConv(spec blockSpec, expand, depth, project conv) mbconv {
	b := mbconv{blockSpec: spec, mid: spec.In * spec.Expand}
	if spec.Expand != 1 {
		b.expand = packed(expand.weight, b.In, b.mid)
		b.expandBias = expand.bias
	}
	b.depth, b.depthBias = depth.weight, depth.bias
	b.project = packed(project.weight, b.mid, b.Out)
	b.projectBias = project.bias
	return b
}

// bandRows returns how many output rows of the given width are computed
// together: enough for the products to be efficient, few enough for the
// expanded rows to stay in the cache. It is a multiple of three because the
// widths usually are of four and the fastest product works on 12 positions.
func bandRows(width int) int {
	const positions = 64
	return (positions + 3*width - 1) / (3 * width) * 3
}

// forward writes the block's output for in to out.
func (b *mbconv) forward(out, in backbone.Map, s *scratch) {
	step := min(bandRows(out.W), out.H)
	w := newBand(b, in, step, s)
	line := out.W * b.mid
	middle := resize(&s.middle, step*line)
	for y0 := 0; y0 < out.H; y0 += step {
		rows := min(step, out.H-y0)
		w.advance(b, in, y0, rows, s)
		for r := range rows {
			depthwise(middle[r*line:][:line], w.rows[r*b.Stride:][:b.Kernel], b)
		}
		at := y0 * out.W * b.Out
		n := rows * out.W * b.Out
		multiply(out.Data[at:at+n], middle, rows*out.W, b.project)
		if b.Residual {
			addBiasResidual(out.Data[at:at+n], in.Data[at:at+n], b.projectBias)
		} else {
			addBias(out.Data[at:at+n], b.projectBias)
		}
	}
}

// band is the window of expanded input rows that a few output rows depend
// on. Each row is padded with zeros on both sides and rows outside the image
// are zero, so the depthwise convolution has no borders.
type band struct {
	rows      [][]float32
	top, left int // padding
	filled    int // padded input rows seen so far
}

// newBand returns an empty band for step output rows of block b.
func newBand(b *mbconv, in backbone.Map, step int, s *scratch) band {
	width := ((outSize(in.W, b.Stride)-1)*b.Stride + b.Kernel) * b.mid
	n := (step-1)*b.Stride + b.Kernel
	buf := resize(&s.window, n*width)
	clear(buf)
	rows := resize(&s.rows, n)
	for i := range rows {
		rows[i] = buf[i*width:][:width]
	}
	return band{rows, padBefore(in.H, b.Kernel, b.Stride), padBefore(in.W, b.Kernel, b.Stride), 0}
}

// advance makes rows[0] the first padded input row of output row y0 and
// fills what count output rows need. Rows that two bands share are kept.
func (w *band) advance(b *mbconv, in backbone.Map, y0, count int, s *scratch) {
	first := y0 * b.Stride // in padded rows
	end := first + (count-1)*b.Stride + b.Kernel
	kept := w.filled - first
	if y0 > 0 {
		rotate(w.rows, len(w.rows)-kept)
	}
	from, to := max(w.filled-w.top, 0), min(end-w.top, in.H) // in image rows
	for p := w.filled; p < end; p++ {
		if y := p - w.top; y < 0 || y >= in.H {
			clear(w.rows[p-first])
		}
	}
	w.filled = end
	if from >= to {
		return
	}
	src := in.Data[from*in.W*in.C : to*in.W*in.C]
	if b.expand != nil {
		product := resize(&s.product, (to-from)*in.W*b.mid)
		multiply(product, src, (to-from)*in.W, b.expand)
		src = product
	}
	line := in.W * b.mid
	for y := from; y < to; y++ {
		dst := w.rows[y+w.top-first][w.left*b.mid:][:line]
		row := src[(y-from)*line:][:line]
		if b.expand != nil {
			biasReLU6(dst, row, b.expandBias)
		} else {
			copy(dst, row)
		}
	}
}

// rotate moves the first n rows to the end.
func rotate(rows [][]float32, n int) {
	reverse(rows[:n])
	reverse(rows[n:])
	reverse(rows)
}

func reverse(rows [][]float32) {
	for i, j := 0, len(rows)-1; i < j; i, j = i+1, j-1 {
		rows[i], rows[j] = rows[j], rows[i]
	}
}

// packed is a matrix of weights, [k][n], laid out for products.
func packed(weight []float32, k, n int) *gemm.Packed {
	p := new(gemm.Packed)
	p.Rows(weight, n, k, n)
	return p
}

// multiply computes dst = a·b for the m rows of a, without gaps between rows.
func multiply(dst, a []float32, m int, b *gemm.Packed) { gemm.Mul(dst, b.N, a, b.K, m, b) }
