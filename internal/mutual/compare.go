package mutual

import (
	"context"
	"math"
	"sync"

	"codegraph/internal/knn"
	"codegraph/internal/parallel"
)

// Source provides the tokens of a batch: rows of length 1 or 0. Tokens is
// called concurrently.
type Source interface {
	N() int                         // images
	P() int                         // patches per image
	Variants() int                  // token variants
	Width(v int) int                // channels C of variant v
	Tokens(dst []float32, v, i int) // writes [P][C]
}

// Options control Compare and Mask.
type Options struct {
	Neighbours int    // K of the MuSc scores
	Window     Window // zero: patches match wherever they are
	Valid      Valid  // patches that are compared; nil: all
	Groups     []int  // of the images, which are at +Inf from those of their own group; nil: each alone
	Fast       bool   // look for nearest patches among integers (knn.ChooseQuantizer); distances stay those of the tokens
	// Block is how many images make a strip, whose rows are measured at a time,
	// and how many the tokens are laid out of twice at a time. 0: all are one
	// strip, laid out once.
	Block    int
	Threads  int                    // 0 counts as 1
	NewTable func() (*Table, error) // nil: in memory
	Progress func(done, total int)  // called from one goroutine at a time
}

// table makes a table of zeros.
func (o *Options) table(n, p int) (*Table, error) {
	if o.NewTable == nil {
		return NewTable(n, p), nil
	}
	return o.NewTable()
}

// inStrips tells whether a batch of n images is more than one strip.
func (o *Options) inStrips(n int) bool { return o.Block > 0 && o.Block < n }

// WorkingBytes is the memory Compare and Mask need beside the tokens and two
// tables, or one where block, that of Options, makes several strips.
func WorkingBytes(s Source, threads int, fast bool, block int) int64 {
	laidOut, strips := int64(s.N()), int64(0)
	if block > 0 && block < s.N() {
		laidOut, strips = min(laidOut, 2*int64(block)), 2*RowsBytes(s.N(), s.P(), block)
	}
	var most int64
	for v := range s.Variants() {
		c := s.Width(v)
		layout := knn.Bytes(s.P(), c, format(fast))
		most = max(most, (laidOut+2*int64(threads))*layout)
	}
	return most + strips
}

// Compare fills the table of d and computes the MuSc scores [N][P].
//
// All images at once, each pair is searched once for both directions. In strips
// it is searched once for each strip that it has an image in, twice for most
// pairs, and what takes N² memory is written once, in order: a table may live
// on disk. The distances are the same, to the bit: so is the order of the sums
// at any number of threads.
func Compare(ctx context.Context, s Source, o Options) (*Table, [][]float32, error) {
	mean, err := o.table(s.N(), s.P())
	if err != nil {
		return nil, nil, err
	}
	scores, err := compareInto(ctx, s, o, mean)
	if err != nil {
		mean.Close()
		return nil, nil, err
	}
	return mean, scores, nil
}

func compareInto(ctx context.Context, s Source, o Options, mean *Table) ([][]float32, error) {
	progress := newCounter(s, o)
	if !o.inStrips(s.N()) {
		one, err := o.table(s.N(), s.P())
		if err != nil {
			return nil, err
		}
		defer one.Close()
		return compareStrip(ctx, s, o, &mean.Rows, &one.Rows, progress)
	}
	var all [][]float32
	rows, one := NewRows(s.N(), s.P(), 0, o.Block), NewRows(s.N(), s.P(), 0, o.Block)
	for _, b := range divide(s.N(), o.Block, block{}) {
		rows.reuse(b.first, b.count())
		one.reuse(b.first, b.count())
		scores, err := compareStrip(ctx, s, o, rows, one, progress)
		if err != nil {
			return nil, err
		}
		mean.Set(rows)
		all = append(all, scores...)
	}
	return all, nil
}

// CompareStrip measures the distances of count images from image first on, and
// their MuSc scores, [count][P]: as Compare does, to the bit. It lays out the
// tokens of o.Block images at a time, and of both ends of a pair.
func CompareStrip(ctx context.Context, s Source, o Options, first, count int) (*Rows, [][]float32, error) {
	rows, one := NewRows(s.N(), s.P(), first, count), NewRows(s.N(), s.P(), first, count)
	progress := &counter{total: s.Variants() * stripPairs(s.N(), count), report: o.Progress}
	scores, err := compareStrip(ctx, s, o, rows, one, progress)
	return rows, scores, err
}

// compareStrip adds the distances of the images of mean to it; one is scratch
// for those of one variant.
func compareStrip(ctx context.Context, s Source, o Options, mean, one *Rows, progress *counter) ([][]float32, error) {
	variants := s.Variants()
	var scores [][]float32
	for v := range variants {
		if err := searchPairs(ctx, s, v, one, o, progress); err != nil {
			return nil, err
		}
		one.maskSelf(o.Groups)
		scores = addScores(scores, one.Scores(o.Neighbours, o.Threads), 1/float32(variants))
		mean.add(one, 1/float32(variants), o.Threads)
	}
	return scores, nil
}

// packRows lays out the tokens in variant v of the images from from on for
// searching with quantizer f.
func packRows(ctx context.Context, s Source, v int, f *knn.Quantizer, from int, rows []*knn.Rows, threads int) error {
	return parallel.ForEach(ctx, len(rows), threads, func() func(k int) {
		buf := make([]float32, s.P()*s.Width(v))
		return func(k int) {
			s.Tokens(buf, v, from+k)
			if rows[k] == nil {
				rows[k] = new(knn.Rows)
			}
			rows[k].Set(buf, s.P(), nil, f)
		}
	})
}

// quantizerOf is what the tokens of variant v are searched in. It suits two images,
// whose tokens those of a batch are like.
func quantizerOf(s Source, v int, fast bool) *knn.Quantizer {
	p, c := s.P(), s.Width(v)
	first := make([]float32, p*c)
	s.Tokens(first, v, 0)
	if !fast {
		return knn.NewQuantizer(knn.Float32, p, c, first)
	}
	other := make([]float32, p*c)
	s.Tokens(other, v, s.N()/2)
	return knn.ChooseQuantizer(first, other, p, c)
}

// format is that of rows which take the most memory.
func format(fast bool) knn.Format {
	if fast {
		return knn.Int16
	}
	return knn.Float32
}

// searchPairs fills r with the distances of its images to all others in
// variant v.
func searchPairs(ctx context.Context, s Source, v int, r *Rows, o Options, progress *counter) error {
	f := quantizerOf(s, v, o.Fast)
	pack := func(ctx context.Context, from int, images []shown) error {
		return parallel.ForEach(ctx, len(images), o.Threads, func() func(k int) {
			buf := make([]float32, r.P*s.Width(v))
			return func(k int) {
				s.Tokens(buf, v, from+k)
				images[k].set(buf, r.P, o.Valid.of(from+k), o.Window, f)
			}
		})
	}
	return inBlocks(ctx, r.N, o.Block, r.block(), o.Threads, pack, func() func(i int, self shown, from int, others []shown) {
		s := searcher{window: o.Window, forward: make([]knn.Match, r.P), backward: make([]knn.Match, r.P)}
		return func(i int, self shown, from int, others []shown) {
			s.load(self)
			for j := max(from, i+1); j < from+len(others) && ctx.Err() == nil; j++ {
				other := others[j-from]
				there, back := s.search(other, r.Has(i), r.Has(j))
				r.put(i, self, j, there)
				r.put(j, other, i, back)
				progress.add()
			}
		}
	})
}

// shown are the tokens of an image that are compared, laid out for searching.
type shown struct {
	rows    *knn.Rows // with a window all, otherwise the valid ones; nil: none
	patches []int     // that rows are; nil: all
	hidden  []bool    // with a window: not valid, which nothing may match; nil: none
}

func (x *shown) set(data []float32, p int, valid []bool, w Window, f *knn.Quantizer) {
	x.patches, x.hidden = nil, nil
	if valid != nil {
		x.patches = Valid{valid}.Patches(0, p)
		if len(x.patches) == 0 {
			x.rows = nil
			return
		}
	}
	if x.rows == nil {
		x.rows = new(knn.Rows)
	}
	if w.Radius > 0 {
		x.hidden = Valid{valid}.Hidden(0, p)
		x.rows.Set(data, p, nil, f)
		return
	}
	x.rows.Set(data, p, x.patches, f)
}

// each calls do with the valid patches and the places of their rows.
func (x *shown) each(p int, do func(patch, row int)) {
	switch {
	case x.patches == nil:
		for patch := range p {
			do(patch, patch)
		}
	case x.hidden != nil:
		for _, patch := range x.patches {
			do(patch, patch)
		}
	default:
		for row, patch := range x.patches {
			do(patch, row)
		}
	}
}

// put writes what the patches of image i, if it is among r, found in image j; nil:
// there was nothing to find.
func (r *Rows) put(i int, image shown, j int, found []knn.Match) {
	if !r.Has(i) {
		return
	}
	image.each(r.P, func(patch, row int) {
		d := float32(math.Inf(1))
		if found != nil {
			d = found[row].Distance
		}
		r.Row(i, patch)[j] = d
	})
}

func addScores(sum, s [][]float32, weight float32) [][]float32 {
	if sum == nil {
		sum = make([][]float32, len(s))
		for i := range s {
			sum[i] = make([]float32, len(s[i]))
		}
	}
	for i := range s {
		for p, v := range s[i] {
			sum[i][p] += weight * v
		}
	}
	return sum
}

// stripPairs is how many pairs of n images have one at least among count.
func stripPairs(n, count int) int { return count*(n-count) + count*(count-1)/2 }

// newCounter counts the pairs that are searched, in all variants.
func newCounter(s Source, o Options) *counter {
	pairs := stripPairs(s.N(), s.N())
	if o.inStrips(s.N()) {
		pairs = 0
		for _, b := range divide(s.N(), o.Block, block{}) {
			pairs += stripPairs(s.N(), b.count())
		}
	}
	return &counter{total: s.Variants() * pairs, report: o.Progress}
}

type counter struct {
	mu          sync.Mutex
	done, total int
	report      func(done, total int)
}

func (c *counter) add() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done++
	if c.report != nil {
		c.report(c.done, c.total)
	}
}
