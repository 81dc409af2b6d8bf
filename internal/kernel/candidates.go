package kernel

import (
	"math"
	"math/bits"
)

// crowd is how many classes of a row may hold candidates. With more, some will
// be hidden behind another of their class, and the row is measured against
// all.
const crowd = 8

// nearest is Searcher.Search for rows in integers. Of each class of each row
// the best match is known; those that may be the best of all are measured.
func (s *coarse) nearest(a, b *Rows, rows, cols []Match) {
	s.search(a, b)
	reset(rows)
	reset(cols)
	if rows != nil {
		s.rowCandidates(a, b, rows)
		s.scan(a, b, s.crowded, rows, nil)
	}
	if cols != nil {
		s.colCandidates(a, b, rows, cols)
		s.scan(b, a, s.crowded, cols, nil)
	}
	s.scan(a, b, a.ints.loose, rows, cols)
	s.scan(b, a, b.ints.loose, cols, rows)
	roots(rows)
	roots(cols)
}

func reset(matches []Match) {
	for i := range matches {
		matches[i] = Match{-1, math.MaxFloat32}
	}
}

// take makes m the match at, of squared distance d, if that is nearer.
func (m *Match) take(at int32, d float32) {
	if d < m.Distance || d == m.Distance && at < m.Index {
		*m = Match{at, d}
	}
}

func square(a *Rows, p int32, b *Rows, q int32) float32 {
	return active.sqdist(a.stride, &a.data[int(p)*a.stride], &b.data[int(q)*b.stride])
}

// rowCandidates measures the candidates of every row of a and lists the
// crowded ones.
func (s *coarse) rowCandidates(a, b *Rows, rows []Match) {
	s.crowded = s.crowded[:0]
	var top, least [coarseMR]int32
	var masks [coarseMR]uint32
	for from := 0; from < a.N; from += coarseMR {
		maxima := s.rowMax[from*rowClasses:][:coarseMR*rowClasses]
		active.ints.rowTops(&maxima[0], &top[0])
		for r, t := range top {
			least[r] = s.least(t, a.C)
		}
		active.ints.rowAbove(&maxima[0], &least[0], &masks[0])
		for r, mask := range masks[:min(coarseMR, a.N-from)] {
			p := from + r
			if a.ints.start[p] == beyond {
				continue
			}
			if bits.OnesCount32(mask) > crowd {
				s.crowded = append(s.crowded, int32(p))
				continue
			}
			for ; mask != 0; mask &= mask - 1 {
				c := bits.TrailingZeros32(mask)
				q := min(s.column(c, maxima[(c/coarseLanes*coarseMR+r)*coarseLanes+c%coarseLanes]), int32(b.N-1))
				rows[p].take(q, square(a, int32(p), b, q))
			}
			s.suspect(p, top[r], rows[p])
		}
	}
}

// suspect lists p as crowded if its integers equal those of its match, or
// nearly so, and it does not: an identical row may be hidden.
func (s *coarse) suspect(p int, top int32, m Match) {
	if top >= ^s.low && m.Distance != 0 {
		s.crowded = append(s.crowded, int32(p))
	}
}

// colCandidates is rowCandidates for the rows of b. What the rows of a have
// measured already, if they were asked for, is not measured again.
func (s *coarse) colCandidates(a, b *Rows, rows, cols []Match) {
	s.crowded = s.crowded[:0]
	var top, least [coarseNR]int32
	var masks [colClasses]uint32
	for from := 0; from < b.N; from += coarseNR {
		maxima := s.colMax[from*colClasses:][:coarseNR*colClasses]
		active.ints.colTops(&maxima[0], &top[0])
		for l, t := range top {
			least[l] = s.least(t, a.C)
		}
		active.ints.colAbove(&maxima[0], &least[0], &masks[0])
		n := min(coarseNR, b.N-from)
		skip := crowdedColumns(&masks)
		for l := range n {
			if b.ints.start[from+l] == beyond {
				skip |= 1 << l
			}
		}
		for c, mask := range masks {
			for mask &^= skip; mask != 0; mask &= mask - 1 {
				l := bits.TrailingZeros32(mask)
				if l >= n {
					break
				}
				q := int32(from + l)
				p := min(s.row(c, maxima[c*coarseNR+l]), int32(a.N-1))
				if rows != nil && rows[p].Index == q {
					cols[q].take(p, rows[p].Distance)
				} else {
					cols[q].take(p, square(b, q, a, p))
				}
			}
		}
		for l := range n {
			if b.ints.start[from+l] == beyond {
				continue
			}
			if skip>>l&1 != 0 {
				s.crowded = append(s.crowded, int32(from+l))
			} else {
				s.suspect(from+l, top[l], cols[from+l])
			}
		}
	}
}

// crowdedColumns is the set of bits that more than crowd of the masks have.
func crowdedColumns(masks *[colClasses]uint32) (set uint32) {
	var counts [coarseNR]int
	for _, mask := range masks {
		for ; mask != 0; mask &= mask - 1 {
			l := bits.TrailingZeros32(mask)
			if counts[l]++; counts[l] == crowd+1 {
				set |= 1 << l
			}
		}
	}
	return set
}

// scan measures the listed rows of x against all of y.
func (s *coarse) scan(x, y *Rows, list []int32, xs, ys []Match) {
	const together = 8 // rows of x that stay in the first-level cache
	for ; len(list) > 0; list = list[min(together, len(list)):] {
		group := list[:min(together, len(list))]
		for q := range int32(y.N) {
			for _, p := range group {
				d := square(x, p, y, q)
				if xs != nil {
					xs[p].take(q, d)
				}
				if ys != nil {
					ys[q].take(p, d)
				}
			}
		}
	}
}
