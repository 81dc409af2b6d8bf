package codegraph

import (
	"cmp"
	"context"
	"slices"

	"codegraph/internal/kernel"
	"codegraph/pose"
)

// mostMatched bounds the patches, over all images, whose matches are looked
// for: it takes time, and people ask about what scores high.
const mostMatched = 1 << 13

// matcher finds which patches of the nearest images a patch matches. The
// table holds distances only, of which each is a mean over variants: the match
// is that of the deepest layer with the first neighbourhood.
type matcher struct {
	d    *detector
	rows []*kernel.Rows // by image
}

// match fills in the matches of the highest-scoring vectors of each image.
func (d *detector) match(ctx context.Context, e *Evidence) error {
	m := &matcher{d, make([]*kernel.Rows, len(e.Vectors))}
	n, p := len(e.Vectors), d.tokens.P()
	variant := d.tokens.Variants() - len(d.tokens.Radii)
	width := d.tokens.Width(variant)
	err := forEach(ctx, n, d.opts.Threads, func(i int) error {
		buf := make([]float32, p*width)
		d.tokens.Tokens(buf, variant, i)
		m.rows[i] = kernel.NewRows(buf, p, width)
		return ctx.Err()
	}, func() {})
	if err != nil {
		return err
	}
	return forEach(ctx, n, d.opts.Threads, func(i int) error {
		buf := make([]float32, p*width)
		d.tokens.Tokens(buf, variant, i)
		m.image(buf, width, i, e.Vectors[i], max(1, mostMatched/n))
		return ctx.Err()
	}, func() {})
}

// image does it for most vectors of image i with the tokens given.
func (m *matcher) image(tokens []float32, width, i int, vectors []Vector, most int) {
	order := make([]int, len(vectors))
	for k := range order {
		order[k] = k
	}
	row := func(k int) int { return m.d.compared(i, vectors[k].Patch) }
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(m.d.musc[i][row(b)], m.d.musc[i][row(a)]) })
	asked := map[int32][]int{} // vectors by the image they ask about
	for _, k := range order[:min(most, len(order))] {
		vectors[k].Matches = make([]int32, len(vectors[k].Nearest))
		for _, j := range vectors[k].Nearest {
			asked[j] = append(asked[j], k)
		}
	}
	for j, ks := range asked {
		patches := make([]int, len(ks))
		for n, k := range ks {
			patches[n] = row(k)
		}
		for n, q := range m.find(tokens, width, i, patches, int(j)) {
			vectors[ks[n]].Matches[slices.Index(vectors[ks[n]].Nearest, j)] = int32(m.d.shown(int(j), q))
		}
	}
}

// find returns what the patches of image i, with the tokens given, match in
// image j.
func (m *matcher) find(tokens []float32, width, i int, patches []int, j int) []int {
	found := make([]kernel.Match, m.d.tokens.P())
	if m.d.opts.Aligned > 0 {
		kernel.Window(m.d.window()).Search(m.rows[i], m.rows[j], nil, nil, found, nil)
	} else {
		var few kernel.Rows
		few.Set(tokens, m.d.tokens.P(), patches, kernel.Plain(width))
		var search kernel.Searcher
		search.Load(&few)
		search.Search(m.rows[j], found[:len(patches)], nil)
	}
	matches := make([]int, len(patches))
	for n, p := range patches {
		if m.d.opts.Aligned == 0 {
			p = n
		}
		matches[n] = int(found[p].Index)
	}
	return matches
}

// compared returns the patch of image i as compared that shows patch p of the
// image as it is, −1 for none; shown the reverse.
func (d *detector) compared(i, p int) int {
	if turn := d.result.Images[i].Turn; turn != 0 {
		return pose.PatchOf(p, d.result.GridH, d.result.GridW, turn)
	}
	return p
}

func (d *detector) shown(i, p int) int {
	if turn := d.result.Images[i].Turn; turn != 0 {
		return pose.Origin(p, d.result.GridH, d.result.GridW, turn)
	}
	return p
}
