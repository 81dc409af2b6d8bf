package gemm

import "math"

// Fast says whether products of words are faster here than those of numbers
// in single precision.
func Fast() bool { return quant.fast }

// FastFormat names the numbers that words hold here.
func FastFormat() string {
	if quant.blocks != nil {
		return "bfloat16"
	}
	return "int16"
}

// The layout of words is the same everywhere, and so are the sums.
const (
	wordMR, wordNR = 12, 32
	// wordDepth is how many words of a row and a column are summed up as
	// integers before the sum is rounded to single precision.
	wordDepth = 128
	// maxWeight is the magnitude of a column's largest weight.
	maxWeight = 1<<11 - 1
)

// QuantWeights is the right operand of MulQuant: weights rounded to 12 bits, in units
// of their column, two in a word; or to bfloat16.
type QuantWeights struct {
	K, N   int       // the matrix is K × N
	bf16   bool      // it holds bfloat16
	limit  float32   // how great left values may be for no sum to overflow
	scales []float32 // [⌈N/32⌉·32], the unit of each column
	panels []int32   // [⌈N/32⌉][⌈K/2⌉][32], zero beyond N and K
}

// NewQuantWeights packs the transpose of w, n × k, row-major: the weights of a linear
// layer as checkpoints hold them.
func NewQuantWeights(w []float32, n, k int) *QuantWeights {
	if quant.blocks != nil {
		return newBF16(w, n, k)
	}
	depth, padded := (k+1)/2, (n+wordNR-1)/wordNR*wordNR
	p := &QuantWeights{K: k, N: n, scales: make([]float32, padded), panels: make([]int32, padded*depth)}
	steps, most := make([]int32, 2*depth), int64(1)
	for c := range n {
		row := w[c*k:][:k]
		p.scales[c] = roundTo(steps, row)
		most = max(most, maxAbsSum(steps))
		panel := p.panels[c/wordNR*wordNR*depth+c%wordNR:]
		for i := range depth {
			panel[i*wordNR] = steps[2*i]&0xffff | steps[2*i+1]<<16
		}
	}
	p.limit = float32(min(math.MaxInt16, math.MaxInt32/most))
	return p
}

// roundTo writes row in steps of its greatest value's share to steps, and
// returns the size of a step.
func roundTo(steps []int32, row []float32) float32 {
	top := magnitude(row)
	if top < negligible {
		clear(steps)
		return 0
	}
	scale := maxWeight / top
	steps = steps[:len(row)]
	for i, v := range row {
		steps[i] = nearest(v * scale)
	}
	return top / maxWeight
}

// negligible is what columns and rows are taken for zero below: a step of
// theirs would have no reciprocal.
const negligible = 1e-30

// magnitude is the greatest of |x|, and NaN if there is one.
func magnitude(x []float32) float32 {
	var top uint32
	for _, v := range x {
		top = max(top, math.Float32bits(v)&^(1<<31))
	}
	return math.Float32frombits(top)
}

// nearest rounds v, of a magnitude below 2²², to the nearest integer.
func nearest(v float32) int32 {
	const whole = 3 << 22 // a float32 so great has no fraction
	return int32(math.Float32bits(v+whole)) - int32(math.Float32bits(whole))
}

// maxAbsSum is the greatest sum of magnitudes that is added up as integers.
func maxAbsSum(steps []int32) (most int64) {
	for i := 0; i < len(steps); i += 2 * wordDepth {
		var sum int64
		for _, s := range steps[i:min(i+2*wordDepth, len(steps))] {
			sum += int64(max(s, -s))
		}
		most = max(most, sum)
	}
	return most
}

// Rounded is the left operand of MulQuant: rows rounded to 13 to 16 bits, in
// units of their row, or to bfloat16. The zero value is empty; its memory is
// reused.
type Rounded struct {
	words  []int32   // [≥ 12][ld], two numbers in a word
	scales []float32 // [≥ 12]
	ld     int
}

// round rounds m rows of w.K values. A row that is not finite gets a scale
// that is not.
func (r *Rounded) round(a []float32, lda, m int, w *QuantWeights) {
	depth, whole := (w.K+1)/2, w.K/wordLanes*wordLanes
	r.ld = Stride(depth)
	r.words, r.scales = resize(r.words, max(m, wordMR)*r.ld), resize(r.scales, max(m, wordMR))
	clear(r.scales)
	for i := range m {
		row, out := a[i*lda:][:w.K], r.words[i*r.ld:][:depth]
		var part [wordLanes]float32
		if whole > 0 {
			quant.magnitude(whole, &row[0], &part[0])
		}
		top := max(magnitude(part[:]), magnitude(row[whole:]))
		r.scales[i] = top / w.limit
		if top < negligible {
			clear(out)
			continue
		}
		scale := w.limit / top
		if whole > 0 {
			quant.round(whole, &row[0], scale, &out[0])
		}
		for l := whole; l < w.K; l += 2 {
			word := nearest(row[l]*scale) & 0xffff
			if l+1 < w.K {
				word |= nearest(row[l+1]*scale) << 16
			}
			out[l/2] = word
		}
	}
}

// wordLanes is what lengths that implementations are given are multiples of.
const wordLanes = 16

// MulQuant computes dst = a·w like Mul, from rounded numbers: a's rows are
// rounded into r first. Among integers an error is about 1/4000 of the product
// of the greatest values of a row and a column, times the root of K.
func MulQuant(dst []float32, ldd int, a []float32, lda, m int, w *QuantWeights, r *Rounded) {
	if m == 0 || w.N == 0 {
		return
	}
	_, _ = a[(m-1)*lda+w.K-1], dst[(m-1)*ldd+w.N-1]
	if w.bf16 {
		r.bf16(a, lda, m, w)
		r.multiply(dst, ldd, m, w)
		return
	}
	r.round(a, lda, m, w)
	depth := (w.K + 1) / 2
	for j := 0; j < w.N; j += wordNR {
		panel, cols, width := w.panels[j*depth:][:wordNR*depth], w.scales[j:], min(wordNR, w.N-j)
		full := 0
		if width == wordNR {
			full = m / wordMR * wordMR
			r.tiles(full, panel, cols, dst[j:], ldd)
		}
		for i := full; i < m; i += wordMR {
			// The last tile overlaps the one before: the same sums again.
			i := max(0, min(i, m-wordMR))
			var tile [wordMR * wordNR]float32
			for l := 0; l < depth; l += wordDepth {
				r.tile(i, l, panel, cols, tile[:], wordNR)
			}
			store(dst[i*ldd+j:], ldd, tile[:], wordNR, min(wordMR, m-i), width)
		}
	}
}

// tiles multiplies m rows, a multiple of 12, by a panel: a part of the panel
// that stays in the cache at a time.
func (r *Rounded) tiles(m int, panel []int32, cols, dst []float32, ldd int) {
	for l := 0; l < len(panel)/wordNR; l += wordDepth {
		for i := 0; i < m; i += wordMR {
			r.tile(i, l, panel, cols, dst[i*ldd:], ldd)
		}
	}
}

// tile multiplies 12 rows from row i by the part of a panel from word l, on
// top of what the parts before gave.
func (r *Rounded) tile(i, l int, panel []int32, cols, dst []float32, ldd int) {
	add := 0
	if l > 0 {
		add = -1
	}
	quant.tile(min(wordDepth, len(panel)/wordNR-l), &r.words[i*r.ld+l], r.ld, &panel[l*wordNR], &r.scales[i], &cols[0], add, &dst[0], ldd)
}
