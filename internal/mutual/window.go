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
	window     Window
	self       *knn.Rows
	everywhere knn.Searcher
}

func (s *searcher) load(self *knn.Rows) {
	s.self = self
	if s.window.Radius == 0 {
		s.everywhere.Load(self)
	}
}

func (s *searcher) search(other *knn.Rows, forward, backward []knn.Match) {
	if s.window.Radius == 0 {
		s.everywhere.Search(other, forward, backward)
		return
	}
	knn.Window(s.window).Search(s.self, other, nil, nil, forward, backward)
}

// maskVariant is the function of that name for matches within w.
func (w Window) maskVariant(ctx context.Context, s Source, v int, t *Rows, kept map[int][]int, o Options, progress *counter) error {
	gone := make([][]bool, t.N)
	for j, keep := range kept {
		gone[j] = make([]bool, t.P)
		for _, p := range complement(t.P, keep) {
			gone[j][p] = true
		}
	}
	f, weight := frame(s, v, o.Fast), 1/float32(s.Variants())
	layOut := func(ctx context.Context, from int, rows []*knn.Rows) error {
		return arrange(ctx, s, v, f, from, rows, o.Threads)
	}
	return inBlocks(ctx, t.N, o.Block, t.block(), o.Threads, layOut, func() func(i int, self *knn.Rows, from int, others []*knn.Rows) {
		found := make([]knn.Match, t.P)
		add := func(i int, x *knn.Rows, j int, y *knn.Rows) { // what the patches of i find in j
			if gone[j] == nil || !t.Has(i) {
				return
			}
			knn.Window(w).Search(x, y, nil, gone[j], found, nil)
			for p, m := range found {
				t.Row(i, p)[j] += weight * m.Distance
			}
		}
		return func(i int, self *knn.Rows, from int, others []*knn.Rows) {
			for j := max(from, i+1); j < from+len(others) && ctx.Err() == nil; j++ {
				add(i, self, j, others[j-from])
				add(j, others[j-from], i, self)
				progress.add(1)
			}
		}
	})
}
