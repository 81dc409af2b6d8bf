package knn

import (
	"math"
	"math/bits"
	"slices"
)

// maxCandidates is how many classes of a row whose best score is top may hold
// candidates. With more, some may be hidden behind another of their class, and
// the row is searched again. That matters little where a row is so far from its
// match that rounding changes the distance by less than 0.3 %.
func maxCandidates(top int32) int {
	if top > -20_000 {
		return 1
	}
	return 3
}

// pair is a row of one side and a row of the other that may be its nearest.
type pair struct{ p, q int32 }

// nearest is Searcher.Search for rows in integers. The best match of each row in each
// class is known; those that may be the best of all are measured.
func (s *coarse) nearest(a, b *Rows, rows, cols []Match) {
	s.search(a, b)
	reset(rows)
	reset(cols)
	if rows != nil {
		s.rowCandidates(a, b)
		s.refine(a, b, rows)
	}
	if cols != nil {
		s.colCandidates(a, b, rows, cols)
		s.refine(b, a, cols)
	}
	s.scan(a, b, a.ints.unquantisable, rows, cols)
	s.scan(b, a, b.ints.unquantisable, cols, rows)
	roots(rows)
	roots(cols)
}

// refine measures the candidates of rows of x among those of y, those of
// overfull rows last. A row that in integers equals its match, or nearly so, but
// does not is overfull too: an identical one may be hidden.
func (s *coarse) refine(x, y *Rows, matches []Match) {
	s.measure(x, y, matches)
	for p, m := range matches {
		if s.tops[p] >= ^s.low && m.Distance != 0 && m.Index >= 0 {
			s.overfull = append(s.overfull, int32(p))
		}
	}
	s.rescan(x, y, matches)
}

// rescan searches all of y for the overfull rows of x and measures whatever may be
// nearest.
func (s *coarse) rescan(x, y *Rows, matches []Match) {
	k := x.words()
	inner := x.quantizer.inner()
	stride := (y.N + coarseNR - 1) / coarseNR * coarseNR
	s.panel, s.scores = grow(s.panel, coarseMR*(k+1)), grow(s.scores, coarseMR*stride)
	var rowMax [coarseMR * coarseLanes]int32
	for rows := s.overfull; len(rows) > 0; rows = rows[min(coarseMR, len(rows)):] {
		group := rows[:min(coarseMR, len(rows))]
		x.packLeft(s.panel, group)
		// With no bit for tags and a maximum for each sum, maxima are the sums.
		fill(rowMax[:], math.MinInt32)
		scores := fill(s.scores, math.MinInt32)
		for q := 0; q < y.N; q += coarseNR {
			inner(k, &s.panel[0], &y.ints.panels[q*(k+1)], &rowMax[0], &scores[q*coarseMR], 0, 0, 0)
		}
		s.within(group, rowMax[:], y.N, x.C)
		s.measure(x, y, matches)
	}
}

// within lists for the rows of group, whose maxima are [12][16] at rowMax, the
// columns among n that may be nearest.
func (s *coarse) within(group, rowMax []int32, n, c int) {
	var limit [coarseMR]int32
	var masks [coarseMR]uint32
	for r := range group {
		limit[r] = least(slices.Max(rowMax[r*coarseLanes:][:coarseLanes]), c, 0)
	}
	s.pairs = s.pairs[:0]
	for q := 0; q < n; q += coarseNR {
		active.ints.scoresAbove(&s.scores[q*coarseMR], &limit[0], &masks[0])
		valid := uint32(1<<min(coarseNR, n-q) - 1)
		for r, p := range group {
			for mask := masks[r] & valid; mask != 0; mask &= mask - 1 {
				s.pairs = append(s.pairs, pair{p, int32(q + bits.TrailingZeros32(mask))})
			}
		}
	}
}

// measured is how many distances are measured at a time, a multiple of 4.
const measured = 256

// measure takes the distances of s.pairs.
func (s *coarse) measure(x, y *Rows, matches []Match) {
	n := len(s.pairs)
	for n > 0 && len(s.pairs)%4 != 0 {
		s.pairs = append(s.pairs, s.pairs[n-1])
	}
	for pairs := range slices.Chunk(s.pairs, measured) {
		squares := s.squares[:len(pairs)]
		squareDistances(x, y, pairs, squares)
		for i, c := range pairs {
			matches[c.p].take(c.q, squares[i])
		}
	}
}

// squareDistances stores those of pairs at to; there are a multiple of 4.
func squareDistances(x, y *Rows, pairs []pair, to []float32) {
	if f := active.sqdistPairs; f != nil {
		f(x.stride, &x.data[0], &y.data[0], &pairs[0].p, len(pairs), &to[0])
		return
	}
	for i, c := range pairs {
		to[i] = square(x, c.p, y, c.q)
	}
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

// rowCandidates lists the candidates of every row of a, or the row as overfull.
func (s *coarse) rowCandidates(a, b *Rows) {
	s.begin(a.N + coarseMR)
	var limit [coarseMR]int32
	var masks [coarseMR]uint32
	for from := 0; from < a.N; from += coarseMR {
		maxima := s.rowMax[from*rowClasses:][:coarseMR*rowClasses]
		top := s.tops[from:][:coarseMR]
		active.ints.rowTops(&maxima[0], &top[0])
		for r, t := range top {
			limit[r] = least(t, a.C, s.low)
		}
		active.ints.rowAbove(&maxima[0], &limit[0], &masks[0])
		for r, mask := range masks[:min(coarseMR, a.N-from)] {
			p := int32(from + r)
			switch {
			case a.ints.start[p] == minScore: // unquantisable
				continue
			case bits.OnesCount32(mask) > maxCandidates(top[r]):
				s.overfull = append(s.overfull, p)
				continue
			}
			for ; mask != 0; mask &= mask - 1 {
				c := bits.TrailingZeros32(mask)
				q := s.column(c, maxima[(c/coarseLanes*coarseMR+r)*coarseLanes+c%coarseLanes])
				s.pairs = append(s.pairs, pair{p, min(q, int32(b.N-1))})
			}
		}
	}
}

// begin makes room for the best scores of n rows.
func (s *coarse) begin(n int) {
	s.overfull, s.pairs, s.tops = s.overfull[:0], s.pairs[:0], grow(s.tops, n)
}

// colCandidates is rowCandidates for the rows of b. What the rows of a have
// measured already, if they were asked for, is taken from there.
func (s *coarse) colCandidates(a, b *Rows, rows, cols []Match) {
	s.begin(b.N + coarseNR)
	var limit [coarseNR]int32
	var masks [colClasses]uint32
	for from := 0; from < b.N; from += coarseNR {
		maxima := s.colMax[from*colClasses:][:coarseNR*colClasses]
		top := s.tops[from:][:coarseNR]
		active.ints.colTops(&maxima[0], &top[0])
		for l, t := range top {
			limit[l] = least(t, a.C, s.low)
		}
		active.ints.colAbove(&maxima[0], &limit[0], &masks[0])
		take := s.takeColumns(b, from, crowdedColumns(&masks, top))
		for c, mask := range masks {
			for mask &= take; mask != 0; mask &= mask - 1 {
				l := bits.TrailingZeros32(mask)
				q, p := int32(from+l), min(s.row(c, maxima[c*coarseNR+l]), int32(a.N-1))
				if rows != nil && rows[p].Index == q {
					cols[q].take(p, rows[p].Distance)
				} else {
					s.pairs = append(s.pairs, pair{q, p})
				}
			}
		}
	}
}

// takeColumns is which columns of the panel at from are neither beyond the
// rows of b, nor unquantisable, nor overfull; it lists those that are.
func (s *coarse) takeColumns(b *Rows, from int, overfull uint32) (take uint32) {
	for l := range min(coarseNR, b.N-from) {
		switch {
		case b.ints.start[from+l] == minScore:
		case overfull>>l&1 != 0:
			s.overfull = append(s.overfull, int32(from+l))
		default:
			take |= 1 << l
		}
	}
	return take
}

// crowdedColumns is the set of columns with candidates in too many classes. It
// counts them for all columns at once, a set of columns for each binary digit.
func crowdedColumns(masks *[colClasses]uint32, top []int32) (set uint32) {
	var ones, twos, fours uint32 // fours: four or more
	for _, mask := range masks {
		carry := ones & mask
		ones ^= mask
		fours |= twos & carry
		twos ^= carry
	}
	set = fours
	for rest := twos &^ fours; rest != 0; rest &= rest - 1 {
		if l := bits.TrailingZeros32(rest); maxCandidates(top[l]) == 1 {
			set |= 1 << l
		}
	}
	return set
}

// crowding is the share of rows of a and b that a search of one for the other
// has to search again.
func crowding(a, b *Rows) float64 {
	var s coarse
	s.load(a)
	s.search(a, b)
	s.rowCandidates(a, b)
	n := len(s.overfull) + len(a.ints.unquantisable)
	s.colCandidates(a, b, nil, nil)
	n += len(s.overfull) + len(b.ints.unquantisable)
	return float64(n) / float64(a.N+b.N)
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
