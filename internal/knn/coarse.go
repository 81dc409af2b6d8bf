package knn

import (
	"math"
	"math/bits"
)

// The search over integers has one layout everywhere, so that it finds the
// same candidates on every machine.
const (
	coarseMR, coarseNR, coarseLanes = 12, 32, 16
	// coarseGroups is how many maxima each row keeps per lane and each column
	// per row of a tile: panels take turns.
	coarseGroups = 2
	rowClasses   = coarseGroups * coarseLanes
	colClasses   = coarseGroups * coarseMR
)

// integers is an implementation of the inner loops of the search over
// integers.
type integers struct {
	name string
	// searchBytes and searchPairs fold the 12 × 32 product of two panels of
	// depth k, which begin with what its sums start from, into rowMax
	// [12][16] and colMax [12][32]: the bits of a sum that low has are
	// replaced by those of rowTag for its left half, rowTag+1 for its right
	// half and by colTag for colMax. The words of searchBytes hold four
	// bytes, signed in a and unsigned in b, those of searchPairs two signed
	// 16-bit numbers.
	searchBytes, searchPairs func(k int, a, b, rowMax, colMax *int32, rowTag, colTag, low int32)
	// sweepBytes does what searchBytes does for n left panels of k blocks of
	// words, laid out as tiles, whose maxima follow each other as a search
	// has them. colTag is that of the first two panels, and one more for every
	// two. sums is scratch memory [2][12][32]. nil: there are no tiles.
	sweepBytes func(k, n int, a, b, rowMax, colMax, sums *int32, rowTag, colTag, low int32)
	// rowTops stores the maxima of [2][12][16] over groups and lanes at top
	// [12], colTops those of [2][12][32] over groups and rows at top [32].
	rowTops, colTops func(maxima, top *int32)
	// rowAbove and colAbove tell which of the same maxima are at least least,
	// [12] and [32]: masks [12] has bit g·16+lane and [24], of g·12+row, bit
	// column.
	rowAbove, colAbove func(maxima, least *int32, masks *uint32)
	// scoresAbove tells which of the scores [12][32] of a tile are at least least
	// [12]: masks [12] has bit column.
	scoresAbove func(scores, least *int32, masks *uint32)
	// peakBytes and peakPairs do bytesOps and pairsOps operations n times, in
	// registers.
	peakBytes, peakPairs func(n int)
	bytesOps, pairsOps   int
}

// coarse finds candidates for nearest rows among integers. Scores are minus half
// the squared distances, in units of the squared step.
type coarse struct {
	a              []int32 // left operand, [⌈N/12⌉][1+words][12], or in tiles
	rowMax, colMax []int32 // [⌈N/12⌉][2][12][16], [⌈N/32⌉][2][12][32]
	low            int32   // the bits of a maximum that hold a tag
	tops           []int32 // best scores found of the rows of one side
	pairs          []pair  // candidates, to be measured
	squares        [measured]float32
	overfull       []int32 // rows to search again
	panel, scores  []int32 // of some of these
	sums           [2 * coarseMR * coarseNR]int32
}

// load packs the left operand.
func (s *coarse) load(r *Rows) {
	size, pack := coarseMR*(r.words()+1), r.packLeft
	if r.tiled() {
		size, pack = tiledPanel(r.words()), r.packTiles
	}
	s.a = grow(s.a, (r.N+coarseMR-1)/coarseMR*size)
	var group [coarseMR]int32
	for i := 0; i < r.N; i += coarseMR {
		n := min(coarseMR, r.N-i)
		for l := range n {
			group[l] = int32(i + l)
		}
		pack(s.a[i/coarseMR*size:][:size], group[:n])
	}
}

// packLeft packs the rows of group, at most 12, as a left panel. Rows that
// are missing are found by no search.
func (r *Rows) packLeft(panel []int32, group []int32) {
	k, flip := r.words(), int32(0)
	if r.quantizer.format == Int8 {
		flip = signBits
	}
	for l, p := range group {
		panel[l] = r.ints.start[p]
		from := r.ints.panels[int(p)/coarseNR*coarseNR*(k+1)+int(p)%coarseNR:]
		for w := 1; w <= k; w++ {
			panel[w*coarseMR+l] = from[w*coarseNR] ^ flip
		}
	}
	for l := len(group); l < coarseMR; l++ {
		panel[l] = minScore
		for w := 1; w <= k; w++ {
			panel[w*coarseMR+l] = 0
		}
	}
}

// minScore is what the sums of rows and columns start from that only fill a
// panel: it is below any score.
const minScore = -3 << 29

// signBits turn signed bytes into bytes that are greater by 128.
const signBits = -0x7f7f7f80 // 0x80808080

// search fills the maxima.
func (s *coarse) search(a, b *Rows) {
	k := a.words()
	np, nq := (a.N+coarseMR-1)/coarseMR, (b.N+coarseNR-1)/coarseNR
	s.low = 1<<bits.Len(uint(max((nq-1)/coarseGroups*2+1, (np-1)/coarseGroups))) - 1
	s.rowMax = fill(grow(s.rowMax, np*coarseMR*rowClasses), math.MinInt32)
	s.colMax = fill(grow(s.colMax, nq*coarseNR*colClasses), math.MinInt32)
	block, sweep := coarseBlock(k), s.sweep
	if a.tiled() {
		sweep = s.sweepTiles
	}
	for from := 0; from < np; from += block {
		for q := range nq {
			sweep(b, q, from, min(np, from+block))
		}
	}
}

// sweep passes right panel q over the left panels from from to to.
func (s *coarse) sweep(b *Rows, q, from, to int) {
	k, inner := b.words(), b.quantizer.inner()
	right := &b.ints.panels[q*coarseNR*(k+1)]
	for p := from; p < to; p++ {
		row, col := s.maxima(p, q)
		inner(k, &s.a[p*coarseMR*(k+1)], right, row, col, int32(q/coarseGroups*2), int32(p/coarseGroups), s.low)
	}
}

// maxima is where those of left panel p and right panel q begin.
func (s *coarse) maxima(p, q int) (row, col *int32) {
	return &s.rowMax[(p*coarseGroups+q%coarseGroups)*coarseMR*coarseLanes], &s.colMax[(q*coarseGroups+p%coarseGroups)*coarseMR*coarseNR]
}

// inner is the inner loop for f's format.
func (f *Quantizer) inner() func(k int, a, b, rowMax, colMax *int32, rowTag, colTag, low int32) {
	if f.format == Int8 {
		return active.ints.searchBytes
	}
	return active.ints.searchPairs
}

// coarseBlock is how many left panels of k words a search passes over for one
// right panel after the other: they should stay in the second-level cache.
func coarseBlock(k int) int {
	return max(coarseGroups, (512<<10)/(4*coarseMR*(k+1+rowClasses))/coarseGroups*coarseGroups)
}

// column is the column of class c of a row whose maximum is v.
func (s *coarse) column(c int, v int32) int32 {
	tag := v & s.low
	return (tag/2*coarseGroups+int32(c/coarseLanes))*coarseNR + tag%2*coarseLanes + int32(c%coarseLanes)
}

// row is the row of class c of a column whose maximum is v.
func (s *coarse) row(c int, v int32) int32 {
	return ((v&s.low)*coarseGroups+int32(c/coarseMR))*coarseMR + int32(c%coarseMR)
}

// least is the least score that may belong to the nearest row where the best
// found is top, known but for the bits in low. Rounding to steps, whose errors
// are spread evenly over ±1/2, changes half a squared distance s over c columns
// by a random amount of variance s/3 + c·7/720, minScore a constant.
func least(top int32, c int, low int32) int32 {
	const deviations = 3
	variance := 2 * (max(0, -float64(top))/3 + float64(c)*(7.0/720)) // of a difference
	return int32(max(math.MinInt32, float64(top)-deviations*math.Sqrt(variance)-float64(low)))
}
