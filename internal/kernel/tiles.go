package kernel

// Tiles hold 16 words of each row of a left panel, and as many of each column
// of a right one.
const (
	tileWords  = 16
	tileStarts = 16 // words before the first tile: what sums start from
)

// tiledPanel is the size of a left panel of k words in tiles.
func tiledPanel(k int) int { return tileStarts + (k+tileWords-1)/tileWords*tileWords*coarseMR }

// packTiles is packLeft for tiles: [16], then [⌈words/16⌉][12][16], zero beyond
// the words.
func (r *Rows) packTiles(panel []int32, group []int32) {
	k := r.words()
	clear(panel)
	for l := range coarseMR {
		if l >= len(group) {
			panel[l] = beyond
			continue
		}
		p := int(group[l])
		panel[l] = r.ints.start[p]
		from := r.ints.panels[p/coarseNR*coarseNR*(k+1)+p%coarseNR:]
		for w := range k {
			panel[tileStarts+(w/tileWords*coarseMR+l)*tileWords+w%tileWords] = from[(w+1)*coarseNR] ^ signBits
		}
	}
}

// sweep fills the maxima by tiles: see search.
func (s *coarse) sweep(b *Rows, k, np, nq, block int) {
	size := tiledPanel(k)
	for from := 0; from < np; from += block {
		for q := range nq {
			row := (from*coarseGroups + q%coarseGroups) * coarseMR * coarseLanes
			col := q * coarseGroups * coarseMR * coarseNR
			active.ints.sweepBytes((k+tileWords-1)/tileWords, min(block, np-from), &s.a[from*size], &b.ints.panels[q*coarseNR*(k+1)],
				&s.rowMax[row], &s.colMax[col], &s.sums[0], int32(q/coarseGroups*2), int32(from/coarseGroups), s.low)
		}
	}
}
