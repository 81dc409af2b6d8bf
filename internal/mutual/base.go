package mutual

import (
	"context"
	"math"

	"codegraph/internal/knn"
	"codegraph/internal/parallel"
)

// Base is a set of images that others are compared with, one way, without
// joining it: patches that were taken out of the comparison are matched by
// nobody. It is safe for use by one goroutine at a time.
type Base struct {
	tokens  Source
	window  Window
	fast    bool
	block   int           // of how many images the tokens are laid out at a time
	valid   Valid         // patches that may be matched before and after
	removed map[int][]int // that may be matched before alone
	hidden  [][]bool      // by image, what may not be matched after, marked; nil: nothing
	keep    bool          // what is laid out
	packed  [][]split     // [variant][image]
}

// NewBase makes a base of the images of s, of which the patches in removed are
// out of the comparison; they are searched as o's Window, Valid and Fast say. Where
// keep is set the tokens are laid out for searching once and kept, in the
// memory that ArrangedBytes tells; otherwise they are for every call of
// Against, of o's Block images at a time.
func NewBase(s Source, removed map[int][]int, o Options, keep bool) *Base {
	n := s.N()
	if o.Block <= 0 || o.Block > n || keep {
		o.Block = n
	}
	b := &Base{tokens: s, window: o.Window, fast: o.Fast, block: o.Block, valid: o.Valid, removed: removed, hidden: make([][]bool, n), keep: keep, packed: make([][]split, s.Variants())}
	for j := range n {
		b.hidden[j] = o.Valid.hidden(j, s.P(), removed[j])
	}
	return b
}

// ArrangedBytes is the memory that laying out all variants of s takes.
func ArrangedBytes(s Source, fast bool) (bytes int64) {
	for v := range s.Variants() {
		bytes += int64(s.N()) * knn.Bytes(s.P(), s.Width(v), format(fast))
	}
	return bytes
}

// AgainstBytes is the memory Against needs for n images like those of s with
// s as a base that is not kept, beside the tokens of both; block is that of
// Options.
func AgainstBytes(s Source, n, threads int, fast bool, block int) int64 {
	laidOut := s.N()
	if block > 0 {
		laidOut = min(laidOut, block)
	}
	var layout int64
	for v := range s.Variants() {
		c := s.Width(v)
		layout = max(layout, knn.Bytes(s.P(), c, format(fast)))
	}
	strips := 4 * int64(n) * int64(s.P()) * int64(3*s.N()+1)
	return strips + int64(laidOut+n+2*threads)*layout
}

// Strip is what the patches of one image are from the images of a base,
// [P][M] row-major.
type Strip struct {
	// Before are the distances to all patches, After those to the patches
	// that are not out of the comparison, +Inf where none is left.
	Before, After []float32
	Scores        []float32 // MuSc's, [P]: per variant from Before, then averaged
}

// Against compares the images of s with those of b. Of o, Neighbours,
// Threads and Progress count.
func (b *Base) Against(ctx context.Context, s Source, o Options) ([]Strip, error) {
	n, m, p := s.N(), b.tokens.N(), s.P()
	strips, one := make([]Strip, n), make([][]float32, n)
	for i := range strips {
		strips[i] = Strip{make([]float32, p*m), make([]float32, p*m), make([]float32, p)}
		one[i] = make([]float32, p*m)
	}
	progress := &counter{total: s.Variants() * n * m, report: o.Progress}
	weight := 1 / float32(s.Variants())
	for v := range s.Variants() {
		if err := b.searchVariant(ctx, s, v, o, strips, one, progress); err != nil {
			return nil, err
		}
		parallel.ForEach(context.Background(), n, o.Threads, func() func(i int) {
			buf := make([]float32, m)
			return func(i int) {
				for x := range p {
					strips[i].Scores[x] += weight * LowestMean(one[i][x*m:(x+1)*m], buf, o.Neighbours)
				}
				for k, d := range one[i] {
					strips[i].Before[k] += weight * d
				}
			}
		})
	}
	return strips, ctx.Err()
}

// pack lays out the tokens in variant v of n images of the base, from image
// from on.
func (b *Base) pack(ctx context.Context, v, from, n int, f *knn.Quantizer, threads int) ([]split, error) {
	if b.packed[v] != nil {
		return b.packed[v], nil
	}
	p, c := b.tokens.P(), b.tokens.Width(v)
	splits := make([]split, n)
	err := parallel.ForEach(ctx, n, threads, func() func(k int) {
		buf := make([]float32, p*c)
		return func(k int) {
			allowed, excluded := b.valid.allowed(from+k, p, b.removed[from+k]), b.valid.among(from+k, b.removed[from+k])
			if b.window.Radius > 0 {
				allowed, excluded = complement(p, nil), nil
			}
			b.tokens.Tokens(buf, v, from+k)
			splits[k] = newSplit(buf, p, allowed, excluded, f)
		}
	})
	if err == nil && b.keep {
		b.packed[v] = splits
	}
	return splits, err
}

// chunk is how many images of a base one thread searches at a time.
const chunk = 8

// searchVariant writes what the images of s are from the base in variant v to
// one, and adds what they are from the patches that may be matched to strips.
func (b *Base) searchVariant(ctx context.Context, s Source, v int, o Options, strips []Strip, one [][]float32, progress *counter) error {
	f := quantizerOf(b.tokens, v, b.fast)
	rows := make([]*knn.Rows, s.N())
	if err := packRows(ctx, s, v, f, 0, rows, o.Threads); err != nil {
		return err
	}
	for from := 0; from < b.tokens.N(); from += b.block {
		base, err := b.pack(ctx, v, from, min(b.block, b.tokens.N()-from), f, o.Threads)
		if err != nil {
			return err
		}
		if err := b.search(ctx, rows, base, from, 1/float32(s.Variants()), o.Threads, strips, one, progress); err != nil {
			return err
		}
	}
	return nil
}

// search compares rows with the images of the base that are laid out, of which
// the first is image first.
func (b *Base) search(ctx context.Context, rows []*knn.Rows, base []split, first int, weight float32, threads int, strips []Strip, one [][]float32, progress *counter) error {
	p, m, chunks := b.tokens.P(), b.tokens.N(), (len(base)+chunk-1)/chunk
	return parallel.ForEach(ctx, len(rows)*chunks, threads, func() func(k int) {
		f := finder{window: b.window, allowed: make([]knn.Match, p), excluded: make([]knn.Match, p)}
		return func(k int) {
			i, from := k/chunks, k%chunks*chunk
			f.load(rows[i])
			for at := from; at < min(len(base), from+chunk) && ctx.Err() == nil; at++ {
				j := first + at
				f.find(base[at], b.valid.Hidden(j, p), b.hidden[j])
				for x := range p {
					one[i][x*m+j] = min(f.allowed[x].Distance, f.excluded[x].Distance)
					strips[i].After[x*m+j] += weight * f.allowed[x].Distance
				}
				progress.add(1)
			}
		}
	})
}

// finder searches images of a base for the patches of one image.
type finder struct {
	window            Window
	self              *knn.Rows
	everywhere        knn.Searcher
	allowed, excluded []knn.Match
}

func (f *finder) load(self *knn.Rows) {
	if f.self != self && f.window.Radius == 0 {
		f.everywhere.Load(self)
	}
	f.self = self
}

// find finds the nearest patches of an image among those that may be matched
// after and among the others that may be before; where there is a window, before
// and after mark what may not.
func (f *finder) find(image split, before, after []bool) {
	if f.window.Radius == 0 {
		f.among(image.allowed, f.allowed)
		f.among(image.excluded, f.excluded)
		return
	}
	knn.Window(f.window).Search(f.self, image.allowed, nil, before, f.excluded, nil)
	knn.Window(f.window).Search(f.self, image.allowed, nil, after, f.allowed, nil)
}

func (f *finder) among(rows *knn.Rows, found []knn.Match) {
	if rows != nil {
		f.everywhere.Search(rows, found, nil)
		return
	}
	for x := range found {
		found[x] = knn.Match{Index: -1, Distance: float32(math.Inf(1))}
	}
}
