package mutual

import (
	"context"
	"math"

	"codegraph/internal/knn"
	"codegraph/internal/parallel"
)

// Gallery is a set of images that queries are compared with. Queries do not join
// it, and no query matches a removed patch. One goroutine at a time may use it.
type Gallery struct {
	tokens  Source
	window  Window
	fast    bool
	block   int           // images whose tokens are packed at a time
	valid   Valid         // patches that may be matched before and after
	removed map[int][]int // that may be matched before alone
	hidden  [][]bool      // by image, what may not be matched after, marked; nil: nothing
	keep    bool          // packed
	packed  [][]split     // [variant][image]
}

// NewGallery makes a gallery of the images of s without the removed patches.
// Window, Valid and Fast of o say how it is searched. If keep is set, the tokens are
// packed once and kept, in PackedBytes of memory; otherwise each call of Against
// packs them, o.Block images at a time.
func NewGallery(s Source, removed map[int][]int, o Options, keep bool) *Gallery {
	n := s.N()
	if o.Block <= 0 || o.Block > n || keep {
		o.Block = n
	}
	g := &Gallery{tokens: s, window: o.Window, fast: o.Fast, block: o.Block, valid: o.Valid, removed: removed, hidden: make([][]bool, n), keep: keep, packed: make([][]split, s.Variants())}
	for j := range n {
		g.hidden[j] = o.Valid.hidden(j, s.P(), removed[j])
	}
	return g
}

// PackedBytes is the memory that packing all variants of s takes.
func PackedBytes(s Source, fast bool) (bytes int64) {
	for v := range s.Variants() {
		bytes += int64(s.N()) * knn.Bytes(s.P(), s.Width(v), format(fast))
	}
	return bytes
}

// AgainstBytes is the memory that Against needs for n queries like the images of s,
// with s as a gallery that is not kept, beside the tokens of both; block is that of
// Options.
func AgainstBytes(s Source, n, threads int, fast bool, block int) int64 {
	packed := s.N()
	if block > 0 {
		packed = min(packed, block)
	}
	var layout int64
	for v := range s.Variants() {
		c := s.Width(v)
		layout = max(layout, knn.Bytes(s.P(), c, format(fast)))
	}
	queries := 4 * int64(n) * int64(s.P()) * int64(3*s.N()+1)
	return queries + int64(packed+n+2*threads)*layout
}

// QueryDistances are the distances of the patches of a query to the images of a
// gallery, [P][M] row-major.
type QueryDistances struct {
	// Before are the distances to all patches, After those to the patches that
	// were not removed, +Inf where none is left.
	Before, After []float32
	Scores        []float32 // MuSc's, [P]: per variant from Before, then averaged
}

// Against compares the queries s with the gallery. It uses Neighbours, Threads and
// Progress of o.
func (g *Gallery) Against(ctx context.Context, s Source, o Options) ([]QueryDistances, error) {
	n, m, p := s.N(), g.tokens.N(), s.P()
	queries, one := make([]QueryDistances, n), make([][]float32, n)
	for i := range queries {
		queries[i] = QueryDistances{make([]float32, p*m), make([]float32, p*m), make([]float32, p)}
		one[i] = make([]float32, p*m)
	}
	progress := &counter{total: s.Variants() * n * m, report: o.Progress}
	weight := 1 / float32(s.Variants())
	for v := range s.Variants() {
		if err := g.searchVariant(ctx, s, v, o, queries, one, progress); err != nil {
			return nil, err
		}
		parallel.ForEach(context.Background(), n, o.Threads, func() func(i int) {
			buf := make([]float32, m)
			return func(i int) {
				for x := range p {
					queries[i].Scores[x] += weight * LowestMean(one[i][x*m:(x+1)*m], buf, o.Neighbours)
				}
				for k, d := range one[i] {
					queries[i].Before[k] += weight * d
				}
			}
		})
	}
	return queries, ctx.Err()
}

// pack packs the tokens of n images from image from on in variant v.
func (g *Gallery) pack(ctx context.Context, v, from, n int, f *knn.Quantizer, threads int) ([]split, error) {
	if g.packed[v] != nil {
		return g.packed[v], nil
	}
	p, c := g.tokens.P(), g.tokens.Width(v)
	splits := make([]split, n)
	err := parallel.ForEach(ctx, n, threads, func() func(k int) {
		buf := make([]float32, p*c)
		return func(k int) {
			allowed, excluded := g.valid.allowed(from+k, p, g.removed[from+k]), g.valid.among(from+k, g.removed[from+k])
			if g.window.Radius > 0 {
				allowed, excluded = complement(p, nil), nil
			}
			g.tokens.Tokens(buf, v, from+k)
			splits[k] = newSplit(buf, p, allowed, excluded, f)
		}
	})
	if err == nil && g.keep {
		g.packed[v] = splits
	}
	return splits, err
}

// chunk is how many images of the gallery one thread searches at a time.
const chunk = 8

// searchVariant writes the distances of the queries s in variant v to one, and adds
// those to the patches that were not removed to queries.
func (g *Gallery) searchVariant(ctx context.Context, s Source, v int, o Options, queries []QueryDistances, one [][]float32, progress *counter) error {
	f := quantizerOf(g.tokens, v, g.fast)
	rows := make([]*knn.Rows, s.N())
	if err := packRows(ctx, s, v, f, 0, rows, o.Threads); err != nil {
		return err
	}
	for from := 0; from < g.tokens.N(); from += g.block {
		images, err := g.pack(ctx, v, from, min(g.block, g.tokens.N()-from), f, o.Threads)
		if err != nil {
			return err
		}
		if err := g.search(ctx, rows, images, from, 1/float32(s.Variants()), o.Threads, queries, one, progress); err != nil {
			return err
		}
	}
	return nil
}

// search compares rows with packed images of the gallery, of which the first is
// image first.
func (g *Gallery) search(ctx context.Context, rows []*knn.Rows, images []split, first int, weight float32, threads int, queries []QueryDistances, one [][]float32, progress *counter) error {
	p, m, chunks := g.tokens.P(), g.tokens.N(), (len(images)+chunk-1)/chunk
	return parallel.ForEach(ctx, len(rows)*chunks, threads, func() func(k int) {
		f := finder{window: g.window, allowed: make([]knn.Match, p), excluded: make([]knn.Match, p)}
		return func(k int) {
			i, from := k/chunks, k%chunks*chunk
			f.load(rows[i])
			for at := from; at < min(len(images), from+chunk) && ctx.Err() == nil; at++ {
				j := first + at
				f.find(images[at], g.valid.Hidden(j, p), g.hidden[j])
				for x := range p {
					one[i][x*m+j] = min(f.allowed[x].Distance, f.excluded[x].Distance)
					queries[i].After[x*m+j] += weight * f.allowed[x].Distance
				}
				progress.add()
			}
		}
	})
}

// finder searches images of a gallery for the patches of one image.
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

// find finds the nearest patches of an image, among those that were not removed and
// among those that were. With a window, before and after mark patches that may not be
// matched.
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
