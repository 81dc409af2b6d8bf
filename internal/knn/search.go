package knn

import "math"

// Rows is a set of token rows laid out for Searcher.
type Rows struct {
	N, C      int
	quantizer *Quantizer
	stride    int       // C rounded up to a multiple of 16
	data      []float32 // [N][stride], zero beyond C
	half      []float32 // [N], |row|²/2
	panels    []float32 // right operand, [⌈N/nr⌉][C+1][nr], of Float32 rows
	ints      quantised // of others
}

// NewRows copies the row-major [n][c] tokens data; n and c are at least 1.
func NewRows(data []float32, n, c int) *Rows {
	r := new(Rows)
	r.Set(data, n, nil, Plain(c))
	return r
}

// Set refills r from the row-major [n][c] tokens data, reusing its memory.
// If keep is not nil only the rows it lists are taken. Rows can be searched
// against each other if they have the same quantizer.
func (r *Rows) Set(data []float32, n int, keep []int, quantizer *Quantizer) {
	if keep != nil {
		n = len(keep)
	}
	c := quantizer.c
	r.N, r.C, r.quantizer, r.stride = n, c, quantizer, (c+15)&^15
	r.data = grow(r.data, n*r.stride)
	for i := range n {
		from := i
		if keep != nil {
			from = keep[i]
		}
		row := r.data[i*r.stride : (i+1)*r.stride]
		copy(row, data[from*c:(from+1)*c])
		clear(row[c:])
		for l, v := range quantizer.centre {
			row[l] -= v
		}
	}
	if quantizer.format == Float32 {
		r.packPanels()
	} else {
		r.quantise()
	}
}

func (r *Rows) packPanels() {
	r.half = grow(r.half, r.N)
	for i := range r.N {
		var sum float64
		for _, v := range r.data[i*r.stride:][:r.C] {
			sum += float64(v) * float64(v)
		}
		r.half[i] = float32(sum / 2)
	}
	nr, k := active.nr, r.C+1
	r.panels = grow(r.panels, (r.N+nr-1)/nr*nr*k)
	r.interleave(r.panels, nr)
}

// interleave writes panels of n rows, [⌈N/n⌉][C+1][n], and behind each row the
// negative half of its squared length. Missing rows repeat the last.
func (r *Rows) interleave(panels []float32, n int) {
	for i := 0; i < r.N; i += n {
		panel := panels[i*(r.C+1):][:n*(r.C+1)]
		for l := range n {
			p := min(i+l, r.N-1)
			for c, v := range r.data[p*r.stride:][:r.C] {
				panel[c*n+l] = v
			}
			panel[r.C*n+l] = -r.half[p]
		}
	}
}

// Bytes is the memory that n rows of c values take in this layout.
func Bytes(n, c int, format Format) int64 {
	rows := 4 * int64(n) * int64((c+15)&^15+1)
	if format == Float32 {
		nr := active.nr
		return rows + 4*int64((n+nr-1)/nr*nr)*int64(c+1)
	}
	return rows + 4*int64((n+coarseNR-1)/coarseNR*coarseNR)*int64(words(c, format)+1) + 5*int64(n) + 4*(tileWords-1)*coarseNR
}

// Searcher finds nearest rows. It is scratch space for one goroutine; the
// zero value is ready to use.
type Searcher struct {
	left    *Rows
	a       []float32 // left operand, [⌈N/mr⌉][C+1][mr]
	rowMax  []float32
	rowIdx  []int32
	rowCol  []int32
	colMax  []float32
	colIdx  []int32
	refiner refiner
	coarse  coarse
}

// Load makes a the left side of the searches that follow.
func (s *Searcher) Load(a *Rows) {
	s.left = a
	if a.quantizer.format != Float32 {
		s.coarse.load(a)
		return
	}
	mr, k := active.mr, a.C+1
	s.a = grow(s.a, (a.N+mr-1)/mr*mr*k)
	a.interleave(s.a, mr)
}

// Match is a nearest row and its Euclidean distance.
type Match struct {
	Index    int32
	Distance float32
}

// Search finds for each row of the loaded side its nearest row of b, and for
// each row of b its nearest loaded row: rows has length left.N, cols b.N;
// either may be nil. Both sides must have the same quantizer.
func (s *Searcher) Search(b *Rows, rows, cols []Match) {
	a, im := s.left, &active
	if a.C != b.C || a.quantizer.format != b.quantizer.format {
		panic("knn: Search over rows of different quantizers")
	}
	if a.quantizer.format != Float32 {
		s.coarse.nearest(a, b, rows, cols)
		return
	}
	np := (a.N + im.mr - 1) / im.mr
	s.rowMax = fill(grow(s.rowMax, np*im.mr*im.lanes), -math.MaxFloat32)
	s.rowIdx = grow(s.rowIdx, np*im.mr*im.lanes)
	nq := (b.N + im.nr - 1) / im.nr
	s.colMax = fill(grow(s.colMax, nq*im.nr), -math.MaxFloat32)
	s.colIdx = grow(s.colIdx, nq*im.nr)
	block := im.block(a.C)
	for p := 0; p < np; p += block {
		for q := range nq {
			s.column(b, p, min(np, p+block), q)
		}
	}
	s.finish(b, rows, cols)
}

// block is how many left panels of c columns a search passes over for one
// right panel after the other: as many as the first-level cache holds beside
// a right panel, or as the second-level cache holds where that is too few.
func (im *impl) block(c int) int {
	left := 4 * im.mr * (c + 1 + 2*im.lanes) // with its row maxima
	right := 4 * im.nr * (c + 1)
	if n := (firstLevel - right) / left; n >= 3 {
		return n
	}
	return max(1, im.cache/left)
}

// firstLevel is the size of the first-level data cache, at the least.
const firstLevel = 32 << 10

// column searches the product of left panels from to to and panel q of b.
func (s *Searcher) column(b *Rows, from, to, q int) {
	im, k := &active, b.C
	panel := &b.panels[q*im.nr*(k+1)]
	block := int32(q * im.nr / im.lanes)
	for p := from; p < to; p++ {
		at := p * im.mr * im.lanes
		im.search(k, &s.a[p*im.mr*(k+1)], panel, &s.rowMax[at], &s.rowIdx[at],
			&s.colMax[q*im.nr], &s.colIdx[q*im.nr], int32(p*im.mr), block)
	}
}

// fill sets every element of s to v.
func fill[T any](s []T, v T) []T {
	s[0] = v
	for n := 1; n < len(s); n *= 2 {
		copy(s[n:], s[:n])
	}
	return s
}

// finish reduces the lanes of the row maxima and replaces scores by exact
// distances.
func (s *Searcher) finish(b *Rows, rows, cols []Match) {
	a := s.left
	if len(rows) > 0 {
		s.rowCol = grow(s.rowCol, len(rows))
		active.reduce(len(rows), &s.rowMax[0], &s.rowIdx[0], &s.rowCol[0])
	}
	for p := range rows {
		at := min(s.rowCol[p], int32(b.N-1))
		rows[p] = Match{at, distance(a, p, b, int(at))}
	}
	for q := range cols {
		at := min(s.colIdx[q], int32(a.N-1))
		cols[q] = Match{at, distance(b, q, a, int(at))}
	}
	s.refiner.refine(a, b, rows)
	s.refiner.refine(b, a, cols)
}

func distance(a *Rows, p int, b *Rows, q int) float32 {
	d := active.sqdist(a.stride, &a.data[p*a.stride], &b.data[q*b.stride])
	return float32(math.Sqrt(float64(d)))
}

// grow returns s with length n, reallocated when too short.
func grow[T any](s []T, n int) []T {
	if cap(s) < n {
		return make([]T, n)
	}
	return s[:n]
}
