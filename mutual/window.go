package mutual

import (
	"context"

	"codegraph/internal/kernel"
	"codegraph/internal/parallel"
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
	self       *kernel.Rows
	everywhere kernel.Searcher
}

func (s *searcher) load(self *kernel.Rows) {
	s.self = self
	if s.window.Radius == 0 {
		s.everywhere.Load(self)
	}
}

func (s *searcher) search(other *kernel.Rows, forward, backward []kernel.Match) {
	if s.window.Radius == 0 {
		s.everywhere.Search(other, forward, backward)
		return
	}
	kernel.Window(s.window).Search(s.self, other, nil, nil, forward, backward)
}

// maskVariant is the function of that name for matches within w.
func (w Window) maskVariant(ctx context.Context, s Source, v int, t *Table, kept map[int][]int, o Options, progress *counter) error {
	rows, gone := make([]*kernel.Rows, t.N), make([][]bool, t.N)
	if err := arrange(ctx, s, v, rows, o); err != nil {
		return err
	}
	for j, keep := range kept {
		gone[j] = make([]bool, t.P)
		for _, p := range complement(t.P, keep) {
			gone[j][p] = true
		}
	}
	weight := 1 / float32(s.Variants())
	return parallel.ForEach(ctx, t.N, o.Threads, func() func(i int) {
		found := make([]kernel.Match, t.P)
		add := func(i, j int) { // what the patches of i find in j
			kernel.Window(w).Search(rows[i], rows[j], nil, gone[j], found, nil)
			for p, m := range found {
				t.Row(i, p)[j] += weight * m.Distance
			}
		}
		return func(i int) {
			for j := range t.N {
				if j != i && gone[j] != nil && ctx.Err() == nil {
					add(i, j)
				}
			}
			progress.add(1)
		}
	})
}
