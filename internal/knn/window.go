package knn

import "math"

// Window limits a search to rows near each other: rows are the cells of an
// H × W grid, y·W+x, and a row may match those at most Radius away along
// either side.
type Window struct {
	H, W, Radius int
}

// Search finds for each row of a its nearest row of b within the window and
// for each row of b its nearest row of a; rows or cols may be nil. All have
// H·W rows. Rows marked in aGone and bGone (nil: none) are matched by nobody.
// Where nothing may be matched the Index is −1 and the Distance +Inf.
//
// Every distance is computed from the rows themselves: a window holds so few
// that a product of whole panels would cost more than it saves.
func (w Window) Search(a, b *Rows, aGone, bGone []bool, rows, cols []Match) {
	if a.C != b.C || a.N != w.H*w.W || b.N != w.H*w.W {
		panic("knn: window search over rows of another grid or width")
	}
	none := Match{-1, float32(math.Inf(1))}
	for p := range rows {
		rows[p] = none
	}
	for q := range cols {
		cols[q] = none
	}
	for p := range a.N {
		y, x := p/w.W, p%w.W
		left, right := max(0, x-w.Radius), min(w.W-1, x+w.Radius)
		for v := max(0, y-w.Radius); v <= min(w.H-1, y+w.Radius); v++ {
			for q := v*w.W + left; q <= v*w.W+right; q++ {
				d := active.sqdist(a.stride, &a.data[p*a.stride], &b.data[q*b.stride])
				if rows != nil && d < rows[p].Distance && (bGone == nil || !bGone[q]) {
					rows[p] = Match{int32(q), d}
				}
				if cols != nil && d < cols[q].Distance && (aGone == nil || !aGone[p]) {
					cols[q] = Match{int32(p), d}
				}
			}
		}
	}
	roots(rows)
	roots(cols)
}

// Near finds for row r of a, which lies at place p, the nearest row of b within
// the window, but for those that gone marks (nil: none).
func (w Window) Near(a *Rows, r, p int, b *Rows, gone []bool) Match {
	best := Match{-1, float32(math.Inf(1))}
	y, x := p/w.W, p%w.W
	for v := max(0, y-w.Radius); v <= min(w.H-1, y+w.Radius); v++ {
		for u := max(0, x-w.Radius); u <= min(w.W-1, x+w.Radius); u++ {
			q := v*w.W + u
			if gone != nil && gone[q] {
				continue
			}
			if d := active.sqdist(a.stride, &a.data[r*a.stride], &b.data[q*b.stride]); d < best.Distance {
				best = Match{int32(q), d}
			}
		}
	}
	best.Distance = float32(math.Sqrt(float64(best.Distance)))
	return best
}

func roots(matches []Match) {
	for i, m := range matches {
		matches[i].Distance = float32(math.Sqrt(float64(m.Distance)))
	}
}
