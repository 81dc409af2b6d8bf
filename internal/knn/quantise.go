package knn

import "math"

// quantised is a set of rows in integers.
type quantised struct {
	panels        []int32 // right operand, [⌈N/32⌉][1+words][32]: minus half the squared length, then the columns
	start         []int32 // [N], what the sums of a left row start from
	unquantisable []int32 // rows that integers say little about: they are measured against all and found by no search
	steps         []int32 // scratch: a row
}

// words is how many words c columns take.
func words(c int, format Format) int {
	n := format.perWord()
	return (c + n - 1) / n
}

func (r *Rows) words() int { return words(r.C, r.quantizer.format) }

// quantise writes r in steps of its quantizer.
func (r *Rows) quantise() {
	q, k, f := &r.ints, r.words(), r.quantizer
	// A tile of the last panel reads up to tileWords − 1 words too many of each
	// column, which meet zeros of the left side.
	q.panels = grow(q.panels, (r.N+coarseNR-1)/coarseNR*coarseNR*(k+1)+(tileWords-1)*coarseNR)
	q.start = grow(q.start, r.N)
	q.steps = grow(q.steps, k*f.format.perWord())
	clear(q.steps[r.C:])
	q.unquantisable = q.unquantisable[:0]
	for i := range r.N {
		half, sum, ok := f.round(q.steps, r.data[i*r.stride:][:r.C])
		q.start[i] = -half
		if f.format == Int8 {
			q.start[i] -= sum << 7 // the right side's bytes are greater by 128
		}
		if !ok {
			q.unquantisable = append(q.unquantisable, int32(i))
			clear(q.steps)
			q.start[i], half = minScore, -minScore
		}
		panel := q.panels[i/coarseNR*coarseNR*(k+1):][:coarseNR*(k+1)]
		q.pack(panel, i%coarseNR, half, f.format)
		if i == r.N-1 {
			fillUp(panel, i%coarseNR+1, f.format)
		}
	}
}

// round writes row in steps to dst and returns half the squared length of
// that, its sum, and whether it is as near the row as rounding makes it.
func (f *Quantizer) round(dst []int32, row []float32) (half, sum int32, ok bool) {
	const whole = 3 << 22 // a float32 so great has no fraction
	limit := float32(maxByte)
	if f.format == Int16 {
		limit = math.MaxInt16
	}
	scale := 1 / f.step
	var square int64
	var lost float32
	dst = dst[:len(row)]
	for l, v := range row {
		x := float32(v * scale)
		y := x
		if y > limit {
			y = limit
		} else if y < -limit {
			y = -limit
		}
		n := int32(math.Float32bits(y+whole)) - int32(math.Float32bits(whole))
		e := x - float32(n)
		lost += float32(e * e)
		sum += n
		square += int64(n) * int64(n)
		dst[l] = n
	}
	// Rounding loses 1/12 per column on average, with a deviation of 0.07.
	c := float64(len(row))
	ok = float64(lost) < c/8+math.Sqrt(c)/2
	return int32((square + 1) / 2), sum, ok && square <= maxSquare
}

// pack writes a row to column l of a right panel.
func (q *quantised) pack(panel []int32, l int, half int32, format Format) {
	panel[l] = -half
	out := panel[coarseNR+l:]
	if format == Int16 {
		for w := 0; 2*w < len(q.steps); w++ {
			s := q.steps[2*w:][:2]
			out[w*coarseNR] = s[0]&0xffff | s[1]<<16
		}
		return
	}
	for w := 0; 4*w < len(q.steps); w++ {
		s := q.steps[4*w:][:4]
		out[w*coarseNR] = (s[0]&0xff | s[1]&0xff<<8 | s[2]&0xff<<16 | s[3]<<24) ^ signBits
	}
}

// fillUp makes columns l and after of a right panel such that none is found.
func fillUp(panel []int32, l int, format Format) {
	zero := int32(0)
	if format == Int8 {
		zero = signBits
	}
	for m := l; m < coarseNR; m++ {
		panel[m] = minScore
		for at := coarseNR + m; at < len(panel); at += coarseNR {
			panel[at] = zero
		}
	}
}
