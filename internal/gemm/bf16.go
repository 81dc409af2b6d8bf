package gemm

import (
	"math"
	"unsafe"
)

// Words in bfloat16 are multiplied in tiles, of rows and columns of 16 words.
const (
	blockRows = 32
	tileWords = 16
	// bf16Depth is how many words of a panel stay in the first-level cache
	// for all rows; in between sums are in dst.
	bf16Depth = 256
)

// bf16Words is how many words k values take, in whole tiles.
func bf16Words(k int) int { return ((k+1)/2 + tileWords - 1) / tileWords * tileWords }

// newBF16 is NewQuantWeights for bfloat16: panels are [⌈N/32⌉][bf16Words(K)][32].
func newBF16(w []float32, n, k int) *QuantWeights {
	depth := bf16Words(k)
	p := &QuantWeights{K: k, N: n, bf16: true, panels: make([]int32, (n+wordNR-1)/wordNR*wordNR*depth)}
	for c := range n {
		panel := p.panels[c/wordNR*wordNR*depth+c%wordNR:]
		for i, v := range w[c*k:][:k] {
			panel[i/2*wordNR] |= toBF16(v) << (i % 2 * 16)
		}
	}
	return p
}

// toBF16 rounds v to bfloat16, to even; NaN stays NaN.
func toBF16(v float32) int32 {
	b := math.Float32bits(v)
	if v != v {
		return int32(b>>16 | 0x40)
	}
	return int32((b + 0x7fff + b>>16&1) >> 16)
}

// bf16 rounds m rows of w.K values to bfloat16. Rows up to a whole block are
// undefined.
func (r *Rounded) bf16(a []float32, lda, m int, w *QuantWeights) {
	depth, whole := bf16Words(w.K), w.K/wordLanes*wordLanes
	r.ld = Stride(depth)
	r.words = resize(r.words, (m+blockRows-1)/blockRows*blockRows*r.ld)
	for i := range m {
		row, out := a[i*lda:][:w.K], r.words[i*r.ld:][:depth]
		if whole > 0 {
			quant.bf16(whole, &row[0], &out[0])
		}
		clear(out[whole/2:])
		for l := whole; l < w.K; l++ {
			out[l/2] |= toBF16(row[l]) << (l % 2 * 16)
		}
	}
}

// multiply is MulQuant behind bf16.
func (r *Rounded) multiply(dst []float32, ldd, m int, w *QuantWeights) {
	depth := bf16Words(w.K)
	var block [blockRows * wordNR]float32
	for j := 0; j < w.N; j += wordNR {
		panel, width := w.panels[j*depth:][:wordNR*depth], min(wordNR, w.N-j)
		full := 0
		if width == wordNR && m >= blockRows {
			full = m / blockRows * blockRows
			r.blocks(0, full/blockRows, panel, dst[j:], ldd)
		}
		for i := full; i < m; i += blockRows {
			r.blocks(i, 1, panel, block[:], wordNR)
			store(dst[i*ldd+j:], ldd, block[:], wordNR, min(blockRows, m-i), width)
		}
	}
}

// blocks multiplies n blocks of rows from row i by a panel.
func (r *Rounded) blocks(i, n int, panel []int32, dst []float32, ldd int) {
	depth := len(panel) / wordNR
	for l := 0; l < depth; l += bf16Depth {
		quant.blocks(min(bf16Depth, depth-l)/tileWords, n, &r.words[i*r.ld+l], r.ld, &panel[l*wordNR], l, &dst[0], ldd)
	}
}

// portableBF16 does what tiles do: the sums of an instruction, over 16
// words, begin at 0, those of low and high halves apart.
var portableBF16 = quantImpl{name: "portable bfloat16", blocks: blocksPortable, bf16: bf16Portable}

func blocksPortable(k, blocks int, pa *int32, lda int, pb *int32, add int, pdst *float32, ldd int) {
	rows := blocks * blockRows
	a, b := unsafe.Slice(pa, (rows-1)*lda+k*tileWords), unsafe.Slice(pb, k*tileWords*wordNR)
	dst := unsafe.Slice(pdst, (rows-1)*ldd+wordNR)
	for r := range rows {
		out := dst[r*ldd:][:wordNR]
		if add == 0 {
			clear(out)
		}
		for t := range k {
			x := a[r*lda+t*tileWords:][:tileWords]
			for c := range out {
				var low, high float32
				for i, v := range x {
					y := b[(t*tileWords+i)*wordNR+c]
					low += lower(v) * lower(y)
					high += upper(v) * upper(y)
				}
				out[c] += low + high
			}
		}
	}
}

// lower and upper are the numbers in a word.
func lower(w int32) float32 { return math.Float32frombits(uint32(w) << 16) }
func upper(w int32) float32 { return math.Float32frombits(uint32(w) &^ 0xffff) }

func bf16Portable(n int, px *float32, pout *int32) {
	x, out := unsafe.Slice(px, n), unsafe.Slice(pout, n/2)
	for i := range out {
		out[i] = toBF16(x[2*i]) | toBF16(x[2*i+1])<<16
	}
}
