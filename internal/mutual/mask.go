package mutual

import (
	"context"
	"math"

	"codegraph/internal/knn"
	"codegraph/internal/parallel"
)

// Mask returns the distances without some patches: removed[j] lists those of
// image j that nobody may match any more. It computes the columns of these
// images again and copies the others from t, which it does not change. An image
// without patches left is at +Inf.
func Mask(ctx context.Context, s Source, t *Table, removed map[int][]int, o Options) (*Table, error) {
	out, err := o.table(t.N, t.P)
	if err != nil {
		return nil, err
	}
	if o.inStrips(t.N) {
		err = MaskStrips(ctx, s, t, removed, o, func(rows *Rows) error { out.Set(rows); return nil })
	} else {
		err = mask(ctx, s, &t.Rows, &out.Rows, removed, o, newCounter(s, o))
	}
	if err != nil {
		out.Close()
		return nil, err
	}
	return out, nil
}

// MaskStrips is Mask for one strip of o.Block images after the other: use is
// called with the rows of each, which are used again after it.
func MaskStrips(ctx context.Context, s Source, t *Table, removed map[int][]int, o Options, use func(*Rows) error) error {
	progress := newCounter(s, o)
	rows := NewRows(t.N, t.P, 0, min(o.Block, t.N))
	for _, b := range divide(t.N, o.Block, block{}) {
		rows.reuse(b.first, b.count())
		if err := mask(ctx, s, &t.Rows, rows, removed, o, progress); err != nil {
			return err
		}
		if err := use(rows); err != nil {
			return err
		}
	}
	return nil
}

// MaskStrip is Mask for the images of t.
func MaskStrip(ctx context.Context, s Source, t *Rows, removed map[int][]int, o Options) (*Rows, error) {
	out := NewRows(t.N, t.P, t.First, t.Count)
	progress := &counter{total: s.Variants() * stripPairs(t.N, t.Count), report: o.Progress}
	return out, mask(ctx, s, t, out, removed, o, progress)
}

// mask writes the distances of the images of out, which are among t.
func mask(ctx context.Context, s Source, t, out *Rows, removed map[int][]int, o Options, progress *counter) error {
	copy(out.d, t.of(out))
	for j, gone := range removed {
		start := float32(0)
		if len(o.Valid.kept(j, t.P, gone)) == 0 {
			start = float32(math.Inf(1))
		}
		for i := out.First; i < out.First+out.Count; i++ {
			for p := range t.P {
				if i != j && o.Valid.has(i, p) {
					out.Row(i, p)[j] = start
				}
			}
		}
	}
	maskVariant := maskVariant
	if o.Window.Radius > 0 {
		maskVariant = o.Window.maskVariant
	}
	for v := range s.Variants() {
		if err := maskVariant(ctx, s, v, out, removed, o, progress); err != nil {
			return err
		}
	}
	out.fillSelf(o.Groups)
	return nil
}

// split is the tokens of an image, those that may be matched and those that
// may not; nil for none.
type split struct {
	kept, gone               *knn.Rows
	keptPatches, gonePatches []int // what the rows are
}

func newSplit(data []float32, n int, keep, gone []int, frame *knn.Quantizer) split {
	out := split{keptPatches: keep, gonePatches: gone}
	if len(keep) > 0 {
		out.kept = new(knn.Rows)
		out.kept.Set(data, n, keep, frame)
	}
	if len(out.gonePatches) > 0 {
		out.gone = new(knn.Rows)
		out.gone.Set(data, n, out.gonePatches, frame)
	}
	return out
}

// maskVariant adds the distances of variant v to the columns of the masked
// images. A pair of images is searched once for both directions, as far as it
// goes: what may not be matched itself still has a nearest patch.
func maskVariant(ctx context.Context, s Source, v int, t *Rows, removed map[int][]int, o Options, progress *counter) error {
	f := frame(s, v, o.Fast)
	layOut := func(ctx context.Context, from int, splits []split) error {
		return parallel.ForEach(ctx, len(splits), o.Threads, func() func(k int) {
			buf := make([]float32, t.P*s.Width(v))
			return func(k int) {
				gone := removed[from+k]
				s.Tokens(buf, v, from+k)
				splits[k] = newSplit(buf, t.P, o.Valid.kept(from+k, t.P, gone), o.Valid.among(from+k, gone), f)
			}
		})
	}
	weight := 1 / float32(s.Variants())
	return inBlocks(ctx, t.N, o.Block, t.block(), o.Threads, layOut, func() func(i int, self split, from int, others []split) {
		m := masker{out: t, weight: weight, rows: make([]knn.Match, t.P), cols: make([]knn.Match, t.P)}
		return func(i int, self split, from int, others []split) {
			m.load(i, self)
			_, masked := removed[i]
			for j := max(from, i+1); j < from+len(others) && ctx.Err() == nil; j++ {
				here := masked && t.Has(j)
				_, there := removed[j]
				if there = there && t.Has(i); here || there {
					m.pair(j, others[j-from], here, there)
				}
				progress.add(1)
			}
		}
	})
}

// masker searches the images after image i.
type masker struct {
	out        *Rows
	weight     float32
	image      int
	self       split
	kept, gone knn.Searcher // of self
	rows, cols []knn.Match
}

func (m *masker) load(i int, self split) {
	m.image, m.self = i, self
	if self.kept != nil {
		m.kept.Load(self.kept)
	}
	if self.gone != nil {
		m.gone.Load(self.gone)
	}
}

// pair adds what our patches find in image j, if there is set: it is masked. And
// what its patches find here, if here is: we are.
func (m *masker) pair(j int, other split, here, there bool) {
	var rows, cols []knn.Match
	if there {
		rows = m.rows[:len(m.self.keptPatches)]
	}
	if here {
		cols = m.cols[:len(other.keptPatches)]
	}
	if m.self.kept != nil && other.kept != nil {
		m.kept.Search(other.kept, rows, cols)
		m.add(m.image, m.self.keptPatches, j, rows)
		m.add(j, other.keptPatches, m.image, cols)
	}
	if here && m.self.kept != nil && other.gone != nil {
		cols = m.cols[:len(other.gonePatches)]
		m.kept.Search(other.gone, nil, cols)
		m.add(j, other.gonePatches, m.image, cols)
	}
	if there && m.self.gone != nil && other.kept != nil {
		rows = m.rows[:len(m.self.gonePatches)]
		m.gone.Search(other.kept, rows, nil)
		m.add(m.image, m.self.gonePatches, j, rows)
	}
}

// add adds what patches of image i find in image j.
func (m *masker) add(i int, patches []int, j int, found []knn.Match) {
	for k, match := range found {
		m.out.Row(i, patches[k])[j] += m.weight * match.Distance
	}
}

// complement lists the numbers below n that are not in gone.
func complement(n int, gone []int) []int {
	is := make([]bool, n)
	for _, p := range gone {
		is[p] = true
	}
	kept := make([]int, 0, n-len(gone))
	for p := range n {
		if !is[p] {
			kept = append(kept, p)
		}
	}
	return kept
}
