package mutual

import (
	"context"

	"codegraph/internal/knn"
)

// Window limits matches to patches near each other: parts in a fixture have
// the same thing at the same place, and what is there elsewhere is misplaced.
// The distances become
//
//	d_v(x, I_j) = min over y in I_j within Radius of x of |x − y|
//
// with the positions of x and y on the grid at most Radius patches apart along
// either side. Radius 0 stands for no limit.
type Window struct {
	H, W   int // patch grid
	Radius int // in patches
}

// searcher searches one image after the other for the patches of one.
type searcher struct {
	window            Window
	self              shown
	everywhere        knn.Searcher
	forward, backward []knn.Match // [P]
}

func (s *searcher) load(self shown) {
	s.self = self
	if s.window.Radius == 0 && self.rows != nil {
		s.everywhere.Load(self.rows)
	}
}

// search finds, for each row of the loaded image, its nearest in other, and the
// other way round, each if it is asked for; nil where one of them has no rows.
func (s *searcher) search(other shown, there, back bool) (forward, backward []knn.Match) {
	if s.self.rows == nil || other.rows == nil {
		return nil, nil
	}
	if there {
		forward = s.forward[:s.self.rows.N]
	}
	if back {
		backward = s.backward[:other.rows.N]
	}
	if s.window.Radius == 0 {
		s.everywhere.Search(other.rows, forward, backward)
		return forward, backward
	}
	knn.Window(s.window).Search(s.self.rows, other.rows, s.self.hidden, other.hidden, forward, backward)
	return forward, backward
}

// maskVariant is the function of that name for matches within w.
func (w Window) maskVariant(ctx context.Context, s Source, v int, t *Rows, removed map[int][]int, o Options, progress *counter) error {
	hidden := make([][]bool, t.N)
	for j, excluded := range removed {
		hidden[j] = o.Valid.hidden(j, t.P, excluded)
	}
	f, weight := quantizerOf(s, v, o.Fast), 1/float32(s.Variants())
	pack := func(ctx context.Context, from int, rows []*knn.Rows) error {
		return packRows(ctx, s, v, f, from, rows, o.Threads)
	}
	return inBlocks(ctx, t.N, o.Block, t.block(), o.Threads, pack, func() func(i int, self *knn.Rows, from int, others []*knn.Rows) {
		found := make([]knn.Match, t.P)
		add := func(i int, x *knn.Rows, j int, y *knn.Rows) { // what the patches of i find in j
			if hidden[j] == nil || !t.Has(i) {
				return
			}
			knn.Window(w).Search(x, y, nil, hidden[j], found, nil)
			for p, m := range found {
				if o.Valid.has(i, p) {
					t.Row(i, p)[j] += weight * m.Distance
				}
			}
		}
		return func(i int, self *knn.Rows, from int, others []*knn.Rows) {
			for j := max(from, i+1); j < from+len(others) && ctx.Err() == nil; j++ {
				add(i, self, j, others[j-from])
				add(j, others[j-from], i, self)
				progress.add()
			}
		}
	})
}
