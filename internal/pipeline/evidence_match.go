package pipeline

import (
	"cmp"
	"context"
	"slices"

	"codegraph/internal/kernel"
	"codegraph/internal/parallel"
)

// mostMatched bounds the patches, over all images, whose matches are looked
// for: it takes time, and people ask about what scores high.
const mostMatched = 1 << 13

// matcher finds which patches of the nearest images a patch matches. The
// table holds distances only, of which each is a mean over variants: the match
// is that of the deepest layer with the first neighbourhood.
type matcher struct {
	g              *gatherer
	variant, width int
	asked          [][]question // by the image asked about
}

// question is which patch matches a patch of an image.
type question struct {
	image, vector, patch int
	nearest              int // which of the vector's nearest images is asked about
}

// match fills in the matches of the highest-scoring vectors of each image. It
// goes through the images asked about one by one, since laying out all takes
// the memory of the comparison.
func (g *gatherer) match(ctx context.Context, e *Evidence) error {
	n := len(e.Vectors)
	m := &matcher{g: g, variant: g.b.Tokens.Variants() - len(g.b.Tokens.Radii), asked: make([][]question, n)}
	m.width = g.b.Tokens.Width(m.variant)
	for i, vectors := range e.Vectors {
		m.ask(i, vectors, max(1, mostMatched/n))
	}
	own, err := m.tokens(ctx)
	if err != nil {
		return err
	}
	return parallel.Do(ctx, n, g.opts.Threads, func(j int) error {
		for k, patch := range m.find(j, own) {
			q := m.asked[j][k]
			e.Vectors[q.image][q.vector].Matches[q.nearest] = int32(g.toOriginal(j, patch))
		}
		return ctx.Err()
	}, nil)
}

// ask asks about most vectors of image i.
func (m *matcher) ask(i int, vectors []Vector, most int) {
	order := make([]int, len(vectors))
	for k := range order {
		order[k] = k
	}
	row := func(k int) int { return m.g.toRotated(i, vectors[k].Patch) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.g.d.MuSc[i][row(b)], m.g.d.MuSc[i][row(a)]) })
	for _, k := range order[:min(most, len(order))] {
		vectors[k].Matches = make([]int32, len(vectors[k].Nearest))
		for at, j := range vectors[k].Nearest {
			m.asked[j] = append(m.asked[j], question{i, k, row(k), at})
		}
	}
}

// tokens returns those of the patches that are asked for, by image and patch.
func (m *matcher) tokens(ctx context.Context) ([]map[int][]float32, error) {
	own := make([]map[int][]float32, len(m.asked))
	for i := range own {
		own[i] = make(map[int][]float32)
	}
	for _, questions := range m.asked {
		for _, q := range questions {
			own[q.image][q.patch] = nil
		}
	}
	err := parallel.Do(ctx, len(own), m.g.opts.Threads, func(i int) error {
		buf := make([]float32, m.g.b.Tokens.P()*m.width)
		m.g.b.Tokens.Tokens(buf, m.variant, i)
		for p := range own[i] {
			own[i][p] = slices.Clone(buf[p*m.width : (p+1)*m.width])
		}
		return ctx.Err()
	}, nil)
	return own, err
}

// find answers the questions about image j.
func (m *matcher) find(j int, own []map[int][]float32) []int {
	questions := m.asked[j]
	if len(questions) == 0 {
		return nil
	}
	p := m.g.b.Tokens.P()
	buf := make([]float32, p*m.width)
	m.g.b.Tokens.Tokens(buf, m.variant, j)
	few := make([]float32, 0, len(questions)*m.width)
	for _, q := range questions {
		few = append(few, own[q.image][q.patch]...)
	}
	asking, rows := kernel.NewRows(few, len(questions), m.width), kernel.NewRows(buf, p, m.width)
	found := make([]kernel.Match, len(questions))
	if m.g.opts.MatchRadius > 0 {
		for k, q := range questions {
			found[k] = kernel.Window(Window(m.g.b.Tokens.H, m.g.b.Tokens.W, m.g.opts)).Near(asking, k, q.patch, rows)
		}
	} else {
		var search kernel.Searcher
		search.Load(asking)
		search.Search(rows, found, nil)
	}
	patches := make([]int, len(questions))
	for k := range questions {
		patches[k] = int(found[k].Index)
	}
	return patches
}
