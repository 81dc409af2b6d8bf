package mutual

import (
	"context"
	"fmt"

	"codegraph/internal/parallel"
	"codegraph/internal/spill"
)

// Ranked is a table with the order of each of its rows: it is sorting that takes time,
// so that all who need the order share it.
type Ranked struct {
	*Table
	ranks []uint16 // [N][P][N]
	file  *spill.File
}

// RankBytes is the size of the ranks of a table of n images of p patches.
func RankBytes(n, p int) int64 { return 2 * int64(n) * int64(p) * int64(n) }

// Rank sorts the rows of a table of at most MaxOrdered images. Spilled ranks live in a
// temporary file in dir, as spill.New says. Close releases them; the table stays.
func Rank(ctx context.Context, t *Table, spilled bool, dir string, threads int) (*Ranked, error) {
	if t.N > MaxOrdered {
		return nil, fmt.Errorf("%d images in a batch; at most %d can be ranked, split it", t.N, MaxOrdered)
	}
	r := &Ranked{Table: t}
	count := t.N * t.P * t.N
	if spilled {
		var err error
		if r.file, err = spill.New(dir, "the ranks of distances", (count+1)/2); err != nil {
			return nil, err
		}
		r.ranks = r.file.Uint16s()
	} else {
		r.ranks = make([]uint16, count)
	}
	if err := r.Sort(ctx, func() Reader { return t }, threads); err != nil {
		r.Close()
		return nil, err
	}
	return r, nil
}

// Reader reads the rows of a table, [N] each, for one goroutine.
type Reader interface{ Row(i, p int) []float32 }

// Sort puts the order of other rows of the same number in the place of the one at hand.
func (r *Ranked) Sort(ctx context.Context, rows func() Reader, threads int) error {
	return parallel.ForEach(ctx, r.N, threads, func() func(i int) {
		var s Sorter
		from := rows()
		return func(i int) {
			for p := range r.P {
				s.Order(r.Order(i, p), from.Row(i, p))
			}
		}
	})
}

// Order lists the images by their distance from patch p of image i, ties by number,
// those at no finite distance last.
func (r *Ranked) Order(i, p int) []uint16 {
	at := (i*r.P + p) * r.N
	return r.ranks[at : at+r.N : at+r.N]
}

// Close releases the ranks.
func (r *Ranked) Close() error {
	r.ranks = nil
	return r.file.Close()
}
