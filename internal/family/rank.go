package family

import (
	"math"
	"math/bits"

	"codegraph/internal/mutual"
)

// WorkingBytes is the memory that Find needs for n images of p patches beside
// two tables: for the ranks, half of a table, where distances grow, and the burnout of
// groups, which are half of the batch at most: those proposed and those of each
// revision. Spilled, there is one table, ranks are in a file, and each thread needs what
// it deflates an image with.
func WorkingBytes(n, p, threads int, spilled bool) int64 {
	rows := int64(n) * int64(p)
	bytes := 4*(maxGroups+rounds*atOnce)/2*rows + 16*rows
	if spilled {
		return bytes + int64(threads)*8*rows
	}
	return bytes + mutual.RankBytes(n, p)
}

// ranking gives the images by their distance from a patch: a ranked table, or its
// ranks with the distances that deflation makes of it.
type ranking struct {
	*mutual.Ranked
	rows func() mutual.Reader // to one goroutine
}

// plainRanking is that of the distances as they are.
func plainRanking(t *mutual.Ranked) *ranking {
	return &ranking{t, func() mutual.Reader { return t.Table }}
}

// cursor reads one row of a ranking at a time.
type cursor struct {
	*ranking
	reader mutual.Reader
	row    []float32
	order  []uint16  // images by distance, ties by number; last those at none
	rank   []uint16  // their places in order
	lnFact []float64 // ln k!, k ≤ N
	sum    []float64 // of the first distances in order, none to all finite ones

	copies, near []uint16 // other images in order: at distance 0, and the rest at a finite one
}

func (r *ranking) cursor() *cursor {
	c := &cursor{ranking: r, reader: r.rows(), rank: make([]uint16, r.N), sum: make([]float64, 0, r.N+1), lnFact: make([]float64, r.N+1)}
	for k := 2; k <= r.N; k++ {
		c.lnFact[k] = c.lnFact[k-1] + math.Log(float64(k))
	}
	return c
}

// seek goes to patch x of image i; order and row are valid then.
func (c *cursor) seek(i, x int) { c.row, c.order = c.reader.Row(i, x), c.Order(i, x) }

// list splits the order of a row for evidence. The image itself is at no distance.
func (c *cursor) list() {
	copies, finite := 0, c.N
	for copies < c.N && c.row[c.order[copies]] == 0 {
		copies++
	}
	for finite > copies && !(c.row[c.order[finite-1]] <= math.MaxFloat32) {
		finite--
	}
	c.copies, c.near = c.order[:copies], c.order[copies:finite]
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
