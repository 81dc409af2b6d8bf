package mutual

import (
	"context"
	"math"

	"codegraph/internal/kernel"
	"codegraph/internal/parallel"
)

// Base is a set of images that others are compared with, one way, without
// joining it: patches that were taken out of the comparison are matched by
// nobody. It is safe for use by one goroutine at a time.
type Base struct {
	tokens  Source
	window  Window
	fast    bool
	kept    [][]int   // by image, patches that may be matched; nil: all
	gone    [][]bool  // the others, marked; nil: none
	keep    bool      // what is laid out
	arrange [][]split // [variant][image]
}

// NewBase makes a base of the images of s, of which the patches in removed are
// out of the comparison; they are searched as o's Window and Fast say. Where
// keep is set the tokens are laid out for searching once and kept, in the
// memory that ArrangedBytes tells; otherwise they are for every call of
// Against.
func NewBase(s Source, removed map[int][]int, o Options, keep bool) *Base {
	n := s.N()
	b := &Base{tokens: s, window: o.Window, fast: o.Fast, kept: make([][]int, n), gone: make([][]bool, n), keep: keep, arrange: make([][]split, s.Variants())}
	for j, gone := range removed {
		b.kept[j] = complement(s.P(), gone)
		b.gone[j] = make([]bool, s.P())
		for _, x := range gone {
			b.gone[j][x] = true
		}
	}
	return b
}

// ArrangedBytes is the memory that laying out all variants of s takes.
func ArrangedBytes(s Source, fast bool) (bytes int64) {
	for v := range s.Variants() {
		bytes += int64(s.N()) * kernel.Bytes(s.P(), s.Width(v), format(fast))
	}
	return bytes
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
		base, err := b.variant(ctx, v, o.Threads)
		if err != nil {
			return nil, err
		}
		if err := b.search(ctx, s, v, base, o, strips, one, progress); err != nil {
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

// variant lays out the tokens of the base in variant v.
func (b *Base) variant(ctx context.Context, v, threads int) ([]split, error) {
	if b.arrange[v] != nil {
		return b.arrange[v], nil
	}
	frame, p, c := frame(b.tokens, v, b.fast), b.tokens.P(), b.tokens.Width(v)
	splits := make([]split, b.tokens.N())
	err := parallel.ForEach(ctx, len(splits), threads, func() func(j int) {
		buf := make([]float32, p*c)
		return func(j int) {
			keep := b.kept[j]
			if keep == nil || b.window.Radius > 0 {
				keep = complement(p, nil)
			}
			b.tokens.Tokens(buf, v, j)
			splits[j] = newSplit(buf, p, keep, frame)
		}
	})
	if err == nil && b.keep {
		b.arrange[v] = splits
	}
	return splits, err
}

// chunk is how many images of a base one thread searches at a time.
const chunk = 8

// search writes what the images of s are from the base in variant v to one,
// and adds what they are from the patches that may be matched to strips.
func (b *Base) search(ctx context.Context, s Source, v int, base []split, o Options, strips []Strip, one [][]float32, progress *counter) error {
	frame, p, c, m := frame(b.tokens, v, b.fast), s.P(), s.Width(v), len(base)
	rows := make([]*kernel.Rows, s.N())
	err := parallel.ForEach(ctx, len(rows), o.Threads, func() func(i int) {
		buf := make([]float32, p*c)
		return func(i int) {
			s.Tokens(buf, v, i)
			rows[i] = new(kernel.Rows)
			rows[i].Set(buf, p, nil, frame)
		}
	})
	if err != nil {
		return err
	}
	weight, chunks := 1/float32(s.Variants()), (m+chunk-1)/chunk
	return parallel.ForEach(ctx, len(rows)*chunks, o.Threads, func() func(k int) {
		f := finder{window: b.window, kept: make([]kernel.Match, p), gone: make([]kernel.Match, p)}
		return func(k int) {
			i, from := k/chunks, k%chunks*chunk
			f.load(rows[i])
			for j := from; j < min(m, from+chunk) && ctx.Err() == nil; j++ {
				f.find(base[j], b.gone[j])
				for x := range p {
					one[i][x*m+j] = min(f.kept[x].Distance, f.gone[x].Distance)
					strips[i].After[x*m+j] += weight * f.kept[x].Distance
				}
				progress.add(1)
			}
		}
	})
}

// finder searches images of a base for the patches of one image.
type finder struct {
	window     Window
	self       *kernel.Rows
	everywhere kernel.Searcher
	kept, gone []kernel.Match
}

func (f *finder) load(self *kernel.Rows) {
	if f.self != self && f.window.Radius == 0 {
		f.everywhere.Load(self)
	}
	f.self = self
}

// find finds the nearest patches of an image among those that may be matched
// and among those that may not, which gone marks where there is a window.
func (f *finder) find(image split, gone []bool) {
	if f.window.Radius == 0 {
		f.among(image.kept, f.kept)
		f.among(image.gone, f.gone)
		return
	}
	kernel.Window(f.window).Search(f.self, image.kept, nil, nil, f.gone, nil)
	kernel.Window(f.window).Search(f.self, image.kept, nil, gone, f.kept, nil)
}

func (f *finder) among(rows *kernel.Rows, found []kernel.Match) {
	if rows != nil {
		f.everywhere.Search(rows, found, nil)
		return
	}
	for x := range found {
		found[x] = kernel.Match{Index: -1, Distance: float32(math.Inf(1))}
	}
}
