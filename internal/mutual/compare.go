package mutual

import (
	"context"
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
	Neighbours int                    // K of the MuSc scores
	Window     Window                 // zero: patches match wherever they are
	Groups     []int                  // of the images, which are at +Inf from those of their own group; nil: each alone
	Fast       bool                   // look for nearest patches among integers (knn.ChooseQuantizer); distances stay those of the tokens
	Block      int                    // of how many images the tokens are laid out twice at a time; 0: of all, once
	Threads    int                    // 0 counts as 1
	NewTable   func() (*Table, error) // nil: in memory
	Progress   func(done, total int)  // called from one goroutine at a time
}

// table makes a table of zeros.
func (o *Options) table(n, p int) (*Table, error) {
	if o.NewTable == nil {
		return NewTable(n, p), nil
	}
	return o.NewTable()
}

// WorkingBytes is the memory Compare and Mask need beside the tokens and two
// tables; block is that of Options.
func WorkingBytes(s Source, threads int, fast bool, block int) int64 {
	laidOut := int64(s.N())
	if block > 0 && 2*block < s.N() {
		laidOut = 2 * int64(block)
	}
	var most int64
	for v := range s.Variants() {
		c := s.Width(v)
		layout := knn.Bytes(s.P(), c, format(fast))
		most = max(most, (laidOut+2*int64(threads))*layout)
	}
	return most
}

// Compare fills the table of d and computes the MuSc scores [N][P].
//
// The order of the sums does not depend on the number of threads.
func Compare(ctx context.Context, s Source, o Options) (*Table, [][]float32, error) {
	mean, err := o.table(s.N(), s.P())
	if err != nil {
		return nil, nil, err
	}
	one, err := o.table(s.N(), s.P())
	if err != nil {
		mean.Close()
		return nil, nil, err
	}
	defer one.Close()
	scores, err := compareVariants(ctx, s, o, mean, one)
	if err != nil {
		mean.Close()
		return nil, nil, err
	}
	return mean, scores, nil
}

func compareVariants(ctx context.Context, s Source, o Options, mean, one *Table) ([][]float32, error) {
	n, variants := s.N(), s.Variants()
	progress := &counter{total: variants * n * (n - 1) / 2, report: o.Progress}
	var scores [][]float32
	for v := range variants {
		if err := searchPairs(ctx, s, v, one, o, progress); err != nil {
			return nil, err
		}
		one.fillSelf(o.Groups)
		scores = addScores(scores, one.Scores(o.Neighbours, o.Threads), 1/float32(variants))
		mean.add(one, 1/float32(variants), o.Threads)
	}
	return scores, nil
}

// arrange lays out the tokens in variant v of the images from from on for
// searching in frame f.
func arrange(ctx context.Context, s Source, v int, f *knn.Quantizer, from int, rows []*knn.Rows, threads int) error {
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

// frame is what the tokens of variant v are searched in. It suits two images,
// whose tokens those of a batch are like.
func frame(s Source, v int, fast bool) *knn.Quantizer {
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

// searchPairs fills t with the distances of every pair of images in variant v.
func searchPairs(ctx context.Context, s Source, v int, t *Table, o Options, progress *counter) error {
	f := frame(s, v, o.Fast)
	layOut := func(ctx context.Context, from int, rows []*knn.Rows) error {
		return arrange(ctx, s, v, f, from, rows, o.Threads)
	}
	return inBlocks(ctx, t.N, o.Block, o.Threads, layOut, func() func(i int, self *knn.Rows, from int, others []*knn.Rows) {
		s := searcher{window: o.Window}
		forward, backward := make([]knn.Match, t.P), make([]knn.Match, t.P)
		return func(i int, self *knn.Rows, from int, others []*knn.Rows) {
			s.load(self)
			for j := max(from, i+1); j < from+len(others) && ctx.Err() == nil; j++ {
				s.search(others[j-from], forward, backward)
				for p := range t.P {
					t.Row(i, p)[j] = forward[p].Distance
					t.Row(j, p)[i] = backward[p].Distance
				}
				progress.add(1)
			}
		}
	})
}

// add adds weight·u to t.
func (t *Table) add(u *Table, weight float32, threads int) {
	parallel.ForEach(context.Background(), t.N, threads, func() func(i int) {
		return func(i int) {
			size := t.P * t.N
			dst, src := t.d[i*size:(i+1)*size], u.d[i*size:(i+1)*size]
			for k, v := range src {
				dst[k] += weight * v
			}
		}
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

type counter struct {
	mu          sync.Mutex
	done, total int
	report      func(done, total int)
}

func (c *counter) add(n int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done += n
	if c.report != nil {
		c.report(c.done, c.total)
	}
}
