package explain

import (
	"context"
	"math"

	"codegraph/internal/token"
)

// match fills in which patches of the nearest images patch row of x's image
// matches. Distances are means over variants, each with a match of its own;
// the patch that is nearest in the mean stands for them.
func (e *Explainer) match(ctx context.Context, x *Explanation, row, nearest int) error {
	if nearest = min(nearest, len(x.Vector)); nearest <= 0 {
		return nil
	}
	s := e.res.Intermediates.Tokens
	total := make([][]float64, nearest)
	for k := range total {
		total[k] = make([]float64, s.P())
	}
	for v := range s.Variants() {
		if err := ctx.Err(); err != nil {
			return err
		}
		addDistances(total, s, v, x, row)
	}
	for k, sums := range total {
		best := -1
		for y, d := range sums {
			if e.within(row, y) && (best < 0 || d < sums[best]) {
				best = y
			}
		}
		x.Vector[k].Patch = e.shown(x.Vector[k].Image, best)
	}
	return nil
}

// addDistances adds to total, by neighbour and patch, the distances of variant
// v.
func addDistances(total [][]float64, s *token.Store, v int, x *Explanation, row int) {
	c := s.Width(v)
	from, to := make([]float32, s.P()*c), make([]float32, s.P()*c)
	s.Tokens(from, v, x.Image)
	own := from[row*c : (row+1)*c]
	for k, sums := range total {
		s.Tokens(to, v, x.Vector[k].Image)
		for y := range sums {
			var sum float32
			for j, a := range own {
				d := a - to[y*c+j]
				sum += d * d
			}
			sums[y] += math.Sqrt(float64(sum))
		}
	}
}

// within says whether patches a and b of the grid may match.
func (e *Explainer) within(a, b int) bool {
	r, w := e.res.Options.MatchRadius, e.res.GridW
	return r == 0 || max(abs(a%w-b%w), abs(a/w-b/w)) <= r
}

func abs(a int) int { return max(a, -a) }
