package kernel

import "math"

// Rows is a set of token rows laid out for Searcher.
type Rows struct {
	N, C   int
	stride int       // C rounded up to a multiple of 16
	data   []float32 // [N][stride], zero beyond C
	half   []float32 // [N], |row|²/2
	panels []float32 // right operand, [⌈N/nr⌉][C+2][nr]
}

// NewRows copies the row-major [n][c] tokens data; n and c are at least 1.
func NewRows(data []float32, n, c int) *Rows {
	r := new(Rows)
	r.Set(data, n, c, nil)
	return r
}

// Set refills r from the row-major [n][c] tokens data, reusing its memory.
// If keep is not nil only the rows it lists are taken.
func (r *Rows) Set(data []float32, n, c int, keep []int) {
	if keep != nil {
		n = len(keep)
	}
	r.N, r.C, r.stride = n, c, (c+15)&^15
	r.data = grow(r.data, n*r.stride)
	r.half = grow(r.half, n)
	for i := range n {
		from := i
		if keep != nil {
			from = keep[i]
		}
		row := r.data[i*r.stride : (i+1)*r.stride]
		copy(row, data[from*c:(from+1)*c])
		clear(row[c:])
		var sum float64
		for _, v := range row {
			sum += float64(v) * float64(v)
		}
		r.half[i] = float32(sum / 2)
	}
	r.packPanels()
}

func (r *Rows) packPanels() {
	nr, k := active.nr, r.C+2
	r.panels = grow(r.panels, (r.N+nr-1)/nr*nr*k)
	for j := 0; j < r.N; j += nr {
		panel := r.panels[j*k:][:nr*k]
		for l := range nr {
			q := min(j+l, r.N-1)
			row := r.data[q*r.stride:][:r.C]
			for i, v := range row {
				panel[i*nr+l] = v
			}
			panel[r.C*nr+l] = -r.half[q]
			panel[(r.C+1)*nr+l] = 1
		}
	}
}

// Bytes is the memory that n rows of c values take in this layout.
func Bytes(n, c int) int64 {
	nr := active.nr
	return 4 * (int64(n)*int64((c+15)&^15+1) + int64((n+nr-1)/nr*nr)*int64(c+2))
}

// Searcher finds nearest rows. It is scratch space for one goroutine; the
// zero value is ready to use.
type Searcher struct {
	left   *Rows
	a      []float32 // left operand, [⌈N/mr⌉][C+2][mr]
	rowMax []float32
	rowIdx []int32
	colMax []float32
	colIdx []int32
}

// Load makes a the left side of the searches that follow.
func (s *Searcher) Load(a *Rows) {
	mr, k := active.mr, a.C+2
	s.left = a
	s.a = grow(s.a, (a.N+mr-1)/mr*mr*k)
	for i := 0; i < a.N; i += mr {
		panel := s.a[i*k:][:mr*k]
		for l := range mr {
			p := min(i+l, a.N-1)
			row := a.data[p*a.stride:][:a.C]
			for c, v := range row {
				panel[c*mr+l] = v
			}
			panel[a.C*mr+l] = 1
			panel[(a.C+1)*mr+l] = -a.half[p]
		}
	}
}

// Match is a nearest row and its Euclidean distance.
type Match struct {
	Index    int32
	Distance float32
}

// Search finds for each row of the loaded side its nearest row of b, and for
// each row of b its nearest loaded row: rows has length left.N, cols b.N;
// either may be nil. Both sides must have the same C.
func (s *Searcher) Search(b *Rows, rows, cols []Match) {
	a, im := s.left, &active
	if a.C != b.C {
		panic("kernel: Search over rows of different width")
	}
	k := a.C + 2
	np := (a.N + im.mr - 1) / im.mr
	s.rowMax = fill(grow(s.rowMax, np*im.mr*im.lanes))
	s.rowIdx = grow(s.rowIdx, np*im.mr*im.lanes)
	nq := (b.N + im.nr - 1) / im.nr
	s.colMax = fill(grow(s.colMax, nq*im.nr))
	s.colIdx = grow(s.colIdx, nq*im.nr)
	for q := range nq {
		panel := &b.panels[q*im.nr*k]
		block := int32(q * im.nr / im.lanes)
		for p := range np {
			at := p * im.mr * im.lanes
			im.search(k, &s.a[p*im.mr*k], panel, &s.rowMax[at], &s.rowIdx[at],
				&s.colMax[q*im.nr], &s.colIdx[q*im.nr], int32(p*im.mr), block)
		}
	}
	s.finish(b, rows, cols)
}

// fill sets every element of s below any score.
func fill(s []float32) []float32 {
	for i := range s {
		s[i] = -math.MaxFloat32
	}
	return s
}

// finish reduces the lanes of the row maxima and replaces scores by exact
// distances.
func (s *Searcher) finish(b *Rows, rows, cols []Match) {
	a, lanes := s.left, active.lanes
	for p := range rows {
		best, at := float32(-math.MaxFloat32), int32(0)
		for l := range lanes {
			v, q := s.rowMax[p*lanes+l], s.rowIdx[p*lanes+l]*int32(lanes)+int32(l)
			if v > best || v == best && q < at {
				best, at = v, q
			}
		}
		rows[p] = closest(a, p, b, min(at, int32(b.N-1)))
	}
	for q := range cols {
		cols[q] = closest(b, q, a, min(s.colIdx[q], int32(a.N-1)))
	}
}

// resolution is the squared distance, relative to the squared lengths, below
// which rounding can hide from the search which of two rows is nearer.
const resolution = 4e-6

// closest returns the match of row p of a with the row the search found; among
// rows too close for the search it looks again, one by one.
func closest(a *Rows, p int, b *Rows, at int32) Match {
	best := Match{at, distance(a, p, b, int(at))}
	if d := best.Distance; d == 0 || d*d > resolution*(a.half[p]+b.half[at]) {
		return best
	}
	for q := range b.N {
		if d := distance(a, p, b, q); d < best.Distance {
			best = Match{int32(q), d}
		}
	}
	return best
}

func distance(a *Rows, p int, b *Rows, q int) float32 {
	d := active.sqdist(a.stride, &a.data[p*a.stride], &b.data[q*b.stride])
	return float32(math.Sqrt(float64(d)))
}
