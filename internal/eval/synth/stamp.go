package synth

// strokes of the characters that stamps use, in a box 1 wide and 1.6 high.
var strokes = map[byte][][]vec{
	'K': {{{0, 0}, {0, 1.6}}, {{0.95, 0}, {0, 0.95}}, {{0.3, 0.7}, {1, 1.6}}},
	'1': {{{0.15, 0.35}, {0.55, 0}, {0.55, 1.6}}},
	'8': {{{0.5, 0.75}, {0.1, 0.45}, {0.25, 0.05}, {0.75, 0.05}, {0.9, 0.45}, {0.5, 0.75}, {0, 1.15}, {0.2, 1.55}, {0.8, 1.55}, {1, 1.15}, {0.5, 0.75}}},
	'3': {{{0.1, 0.15}, {0.5, 0}, {0.9, 0.2}, {0.85, 0.55}, {0.4, 0.75}, {0.95, 1}, {0.95, 1.4}, {0.5, 1.6}, {0.05, 1.4}}},
	'5': {{{0.9, 0}, {0.15, 0}, {0.1, 0.7}, {0.6, 0.65}, {1, 0.95}, {0.9, 1.4}, {0.5, 1.6}, {0.05, 1.4}}},
	'7': {{{0, 0}, {1, 0}, {0.4, 1.6}}},
	'4': {{{0.7, 1.6}, {0.7, 0}, {0, 1.1}, {1, 1.1}}},
}

// stamp is the distance to a text of the given character width, centred on
// the origin, in lines of width 2r.
func stamp(q vec, text string, width, r float64) float64 {
	pitch := 1.45 * width
	left := -(pitch*float64(len(text)-1) + width) / 2
	best := 1e9
	for i := range len(text) {
		o := vec{left + pitch*float64(i), -0.8 * width}
		v := q.sub(o).mul(1 / width)
		if v.x < -0.5 || v.x > 1.5 || v.y < -0.5 || v.y > 2.1 {
			continue
		}
		for _, chain := range strokes[text[i]] {
			d, _ := polyline(v, chain, r/width)
			best = min(best, d*width)
		}
	}
	return best
}
