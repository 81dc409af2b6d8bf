package knn

import "math"

// refiner looks again where rounding may have hidden from a search which of two
// rows is nearer. That matters for rows so close to each other that the score
// is a small difference of large numbers.
type refiner struct {
	list  []int32   // rows in doubt
	panel []float32 // some of them as a left operand
	tile  []float32
}

// rounding is the error of a score over c columns, relative to the mean of
// the squared lengths: a few roundings at its end, and a sum whose errors add
// up like the steps of a random walk.
func rounding(c int) float32 {
	const unit = 1.0 / (1 << 24)
	return float32((4 + math.Sqrt(float64(c))/2) * unit)
}

// tolerated is the relative error of a distance that need not be looked at. It
// takes a tie to within rounding and the worst of errors to get there; what
// else there is agrees to 1e-5.
const tolerated = 3e-4

// refine replaces matches of rows of x by nearer rows of y. Scores off by e
// make the squared distance d² too great by 4e at most, so that only
// d² < 2e/tolerated is in doubt.
func (w *refiner) refine(x, y *Rows, matches []Match) {
	e := rounding(x.C)
	w.list = w.list[:0]
	for p, m := range matches {
		if d := m.Distance; d > 0 && d*d < 2*e/tolerated*(x.half[p]+y.half[m.Index]) {
			w.list = append(w.list, int32(p))
		}
	}
	mr, nr := active.mr, active.nr
	w.panel, w.tile = grow(w.panel, mr*x.C), grow(w.tile, mr*nr)
	for rows := w.list; len(rows) > 0; rows = rows[min(mr, len(rows)):] {
		group := rows[:min(mr, len(rows))]
		w.pack(x, group)
		for q := 0; q < y.N; q += nr {
			active.tile(x.C, &w.panel[0], &y.panels[q*(x.C+1)], &w.tile[0])
			for r, p := range group {
				improve(&matches[p], x, int(p), y, q, w.tile[r*nr:][:min(nr, y.N-q)], e)
			}
		}
	}
}

func (w *refiner) pack(x *Rows, group []int32) {
	mr := active.mr
	for l := range mr {
		p := int(group[min(l, len(group)-1)])
		for i, v := range x.data[p*x.stride:][:x.C] {
			w.panel[i*mr+l] = v
		}
	}
}

// improve measures the rows of y from q on whose products with row p of x,
// dots, are within e of being better than m.
func improve(m *Match, x *Rows, p int, y *Rows, q int, dots []float32, e float32) {
	near := m.Distance * m.Distance / 2
	for l, dot := range dots {
		if h := x.half[p] + y.half[q+l]; h-dot > near+e*h {
			continue
		}
		if d := distance(x, p, y, q+l); d < m.Distance {
			*m = Match{int32(q + l), d}
			near = d * d / 2
		}
	}
}
