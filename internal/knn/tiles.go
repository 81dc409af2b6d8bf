package knn

// Tiles hold 16 words of each row of a left panel, and as many of each column
// of a right one.
const (
	tileWords  = 16
	tileStarts = 16 // words before the first tile: what sums start from
)

// tiled says whether a search has r's left panels in tiles.
func (r *Rows) tiled() bool { return r.quantizer.format == Int8 && active.ints.sweepBytes != nil }

// tiledPanel is the size of a left panel of k words in tiles.
func tiledPanel(k int) int { return tileStarts + (k+tileWords-1)/tileWords*tileWords*coarseMR }

// packTiles is packLeft for tiles: [16], then [⌈words/16⌉][12][16], zero beyond
// the words.
func (r *Rows) packTiles(panel []int32, group []int32) {
	k := r.words()
	clear(panel)
	for l := range coarseMR {
		if l >= len(group) {
			panel[l] = minScore
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

// sweepTiles is sweep for tiles; from is even.
func (s *coarse) sweepTiles(b *Rows, q, from, to int) {
	k := b.words()
	row, col := s.maxima(from, q)
	active.ints.sweepBytes((k+tileWords-1)/tileWords, to-from, &s.a[from*tiledPanel(k)], &b.ints.panels[q*coarseNR*(k+1)],
		row, col, &s.sums[0], int32(q/coarseGroups*2), int32(from/coarseGroups), s.low)
}
