package family

import (
	"context"
	"math"
	"math/bits"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
)

const (
	// maxKept bounds the bytes of the ranks that are kept, which take half of
	// what the table does. Larger batches sort rows whenever they are needed.
	maxKept = 256 << 20
)

// WorkingBytes is the memory that Find needs for n images of p patches beside
// two tables: for the ranks, where distances grow, and the burnout of groups, which
// are half of the batch at most: those proposed and those of each revision. Beside
// one table, spilled, it takes what each thread deflates an image with as well.
func WorkingBytes(n, p, threads int, spilled bool) int64 {
	rows := int64(n) * int64(p)
	bytes := 4*(maxGroups+rounds*atOnce)/2*rows + 16*rows
	if spilled {
		return bytes + int64(threads)*8*rows
	}
	if ranks := 2 * rows * int64(n); ranks <= maxKept {
		bytes += ranks
	}
	return bytes
}

// ranking gives the images by their distance from a patch. All groups of a
// pass are examined on one: it is the sorting that takes time.
type ranking struct {
	*mutual.Table
	spilled   bool       // there is no room for ranks
	deflation *deflation // that is done whenever a row is read; nil: none
	kept      []uint16   // [N][P][N], nil: too many to keep
}

// rows gives the rows that are ranked, to one goroutine.
func (r *ranking) rows() interface{ Row(i, x int) []float32 } {
	if r.deflation != nil {
		return r.deflation.reader()
	}
	return r.Table
}

// newRanking sorts the rows of t. It takes over the memory of old, a ranking
// of a table of the same size that is needed no more, or nil.
func newRanking(ctx context.Context, t *mutual.Table, old *ranking, threads int) (*ranking, error) {
	r := &ranking{Table: t}
	return r, r.sort(ctx, old, threads)
}

func (r *ranking) sort(ctx context.Context, old *ranking, threads int) error {
	t := r.Table
	size := t.N * t.P * t.N
	if r.spilled || 2*size > maxKept {
		return ctx.Err()
	}
	kept := make([]uint16, 0)
	if old != nil {
		kept, old.kept = old.kept, nil
	}
	if len(kept) != size {
		kept = make([]uint16, size)
	}
	err := parallel.ForEach(ctx, t.N, threads, func() func(i int) {
		var s mutual.Sorter
		rows := r.rows()
		return func(i int) {
			for x := range t.P {
				at := (i*t.P + x) * t.N
				s.Order(kept[at:at+t.N], rows.Row(i, x))
			}
		}
	})
	r.kept = kept
	return err
}

// cursor reads one row of a ranking at a time.
type cursor struct {
	*ranking
	rows   interface{ Row(i, x int) []float32 }
	at     int // which row it is at, i·P + x; −1 for none
	sorter mutual.Sorter
	own    []uint16
	row    []float32
	order  []uint16  // images by distance, ties by number; last those at none
	rank   []uint16  // their places in order
	lnFact []float64 // ln k!, k ≤ N
	sum    []float64 // of the first distances in order, none to all finite ones

	copies, near []uint16  // other images in order: at distance 0, and the rest at a finite one
	dist         []float32 // of near
}

func (r *ranking) cursor() *cursor {
	c := &cursor{ranking: r, rows: r.rows(), at: -1, own: make([]uint16, r.N), rank: make([]uint16, r.N), sum: make([]float64, 0, r.N+1), lnFact: make([]float64, r.N+1)}
	for k := 2; k <= r.N; k++ {
		c.lnFact[k] = c.lnFact[k-1] + math.Log(float64(k))
	}
	return c
}

// seek goes to patch x of image i; order and row are valid then.
func (c *cursor) seek(i, x int) {
	at := i*c.P + x
	if at == c.at {
		return
	}
	c.at, c.row = at, c.rows.Row(i, x)
	if c.kept != nil {
		c.order = c.kept[at*c.N : (at+1)*c.N]
		return
	}
	c.order = c.own
	c.sorter.Order(c.order, c.row)
}

// list splits the order of a row of image i for evidence.
func (c *cursor) list(i int) {
	c.copies, c.near, c.dist = c.copies[:0], c.near[:0], c.dist[:0]
	for _, j := range c.order {
		v := c.row[j]
		switch {
		case int(j) == i || !(v >= 0 && v <= math.MaxFloat32):
		case v == 0:
			c.copies = append(c.copies, j)
		default:
			c.near, c.dist = append(c.near, j), append(c.dist, v)
		}
	}
}

// load goes to patch x of image i and makes it ready for lowest.
func (c *cursor) load(i, x int) {
	c.seek(i, x)
	sum := 0.0
	c.sum = append(c.sum[:0], 0)
	for r, j := range c.order {
		c.rank[j] = uint16(r)
		if v := c.row[j]; v <= math.MaxFloat32 {
			sum += float64(v)
			c.sum = append(c.sum, sum)
		}
	}
}

// lowest is the mean of the k lowest finite distances of the row, those to
// the images of away left out; of fewer if there are fewer, +Inf if there is
// none: mutual.LowestMean without sorting again.
//
// It takes the distances of away from a sum over the row. Sums of distances,
// which have 24 bits, are exact in 53 bits as long as the largest is no more
// than 2²⁹/N times the smallest; the mean has 24 bits again.
func (c *cursor) lowest(away []uint16, k int) float32 {
	finite := len(c.sum) - 1
	// The k lowest are among the first end of the row when end − k of these
	// are away. Spread evenly they would be those at the start.
	end := min(finite, k+k*len(away)/max(1, c.N-len(away)))
	gone := c.count(away, end)
	for next := min(finite, k+gone); next != end; next = min(finite, k+gone) {
		end = next
		gone = c.count(away, end)
	}
	if end == gone {
		return float32(math.Inf(1))
	}
	sum := c.sum[end]
	for _, j := range away {
		if int(c.rank[j]) < end {
			sum -= float64(c.row[j])
		}
	}
	return float32(sum / float64(end-gone))
}

// count is the number of images of away among the first end of the row.
func (c *cursor) count(away []uint16, end int) int {
	n := 0
	for _, j := range away {
		n += int(uint(int(c.rank[j])-end) >> (bits.UintSize - 1)) // 1 if below
	}
	return n
}

// mean is that of the k lowest finite distances of the row that c is at.
func (c *cursor) mean(k int) float32 {
	sum, n := 0.0, 0
	for _, j := range c.order {
		v := c.row[j]
		if n == k || !(v <= math.MaxFloat32) {
			break
		}
		sum += float64(v)
		n++
	}
	if n == 0 {
		return float32(math.Inf(1))
	}
	return float32(sum / float64(n))
}
