package mutual

import (
	"context"
	"math"

	"codegraph/internal/knn"
	"codegraph/internal/parallel"
)

// Mask returns the distances without some patches: removed[j] lists those of
// image j that are not used as neighbours. It computes the columns of these
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
	for j, excluded := range removed {
		start := float32(0)
		if len(o.Valid.allowed(j, t.P, excluded)) == 0 {
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
	out.maskSelf(o.Groups)
	return nil
}

// split is the tokens of an image, those that may be matched and those that
// may not; nil for none.
type split struct {
	allowed, excluded               *knn.Rows
	allowedPatches, excludedPatches []int // what the rows are
}

func newSplit(data []float32, n int, allowed, excluded []int, quantizer *knn.Quantizer) split {
	out := split{allowedPatches: allowed, excludedPatches: excluded}
	if len(allowed) > 0 {
		out.allowed = new(knn.Rows)
		out.allowed.Set(data, n, allowed, quantizer)
	}
	if len(out.excludedPatches) > 0 {
		out.excluded = new(knn.Rows)
		out.excluded.Set(data, n, out.excludedPatches, quantizer)
	}
	return out
}

// maskVariant adds the distances of variant v to the columns of the masked
// images. A pair of images is searched once for both directions, as far as it
// goes: what may not be matched itself still has a nearest patch.
func maskVariant(ctx context.Context, s Source, v int, t *Rows, removed map[int][]int, o Options, progress *counter) error {
	f := quantizerOf(s, v, o.Fast)
	pack := func(ctx context.Context, from int, splits []split) error {
		return parallel.ForEach(ctx, len(splits), o.Threads, func() func(k int) {
			buf := make([]float32, t.P*s.Width(v))
			return func(k int) {
				excluded, masked := removed[from+k]
				if splits[k] = (split{}); !masked && !t.Has(from+k) {
					return // neither looks for anything nor is found anew
				}
				s.Tokens(buf, v, from+k)
				splits[k] = newSplit(buf, t.P, o.Valid.allowed(from+k, t.P, excluded), o.Valid.among(from+k, excluded), f)
			}
		})
	}
	weight := 1 / float32(s.Variants())
	return inBlocks(ctx, t.N, o.Block, t.block(), o.Threads, pack, func() func(i int, self split, from int, others []split) {
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
				progress.add()
			}
		}
	})
}

// masker searches the images after image i.
type masker struct {
	out               *Rows
	weight            float32
	image             int
	self              split
	allowed, excluded knn.Searcher // of self
	rows, cols        []knn.Match
}

func (m *masker) load(i int, self split) {
	m.image, m.self = i, self
	if self.allowed != nil {
		m.allowed.Load(self.allowed)
	}
	if self.excluded != nil {
		m.excluded.Load(self.excluded)
	}
}

// pair adds what our patches find in image j, if there is set: it is masked. And
// what its patches find here, if here is: we are.
func (m *masker) pair(j int, other split, here, there bool) {
	var rows, cols []knn.Match
	if there {
		rows = m.rows[:len(m.self.allowedPatches)]
	}
	if here {
		cols = m.cols[:len(other.allowedPatches)]
	}
	if m.self.allowed != nil && other.allowed != nil {
		m.allowed.Search(other.allowed, rows, cols)
		m.add(m.image, m.self.allowedPatches, j, rows)
		m.add(j, other.allowedPatches, m.image, cols)
	}
	if here && m.self.allowed != nil && other.excluded != nil {
		cols = m.cols[:len(other.excludedPatches)]
		m.allowed.Search(other.excluded, nil, cols)
		m.add(j, other.excludedPatches, m.image, cols)
	}
	if there && m.self.excluded != nil && other.allowed != nil {
		rows = m.rows[:len(m.self.excludedPatches)]
		m.excluded.Search(other.allowed, rows, nil)
		m.add(m.image, m.self.excludedPatches, j, rows)
	}
}

// add adds what patches of image i find in image j.
func (m *masker) add(i int, patches []int, j int, found []knn.Match) {
	for k, match := range found {
		m.out.Row(i, patches[k])[j] += m.weight * match.Distance
	}
}

// complement lists the numbers below n that are not in excluded.
func complement(n int, excluded []int) []int {
	is := make([]bool, n)
	for _, p := range excluded {
		is[p] = true
	}
	rest := make([]int, 0, n-len(excluded))
	for p := range n {
		if !is[p] {
			rest = append(rest, p)
		}
	}
	return rest
}
