package mutual

import (
	"context"
	"math"

	"codegraph/internal/parallel"
	"codegraph/internal/spill"
)

// Rows are the patch-to-image distances of some images of a batch to all of it,
// [Count][P][N] row-major: those of image i from First on, +Inf for the image
// itself.
type Rows struct {
	N, P         int // of the batch
	First, Count int
	d            []float32
}

// NewRows makes rows of zeros for count images from image first on, of a batch
// of n images of p patches.
func NewRows(n, p, first, count int) *Rows {
	return &Rows{N: n, P: p, First: first, Count: count, d: make([]float32, count*p*n)}
}

// RowsBytes is the size of the rows of count images of a batch of n.
func RowsBytes(n, p, count int) int64 { return 4 * int64(count) * int64(p) * int64(n) }

// Row returns the N distances of patch p of image i, indexed by image; it
// aliases the rows.
func (r *Rows) Row(i, p int) []float32 {
	at := ((i-r.First)*r.P + p) * r.N
	return r.d[at : at+r.N : at+r.N]
}

// Values are all distances; they alias the rows.
func (r *Rows) Values() []float32 { return r.d }

func (r *Rows) block() block { return block{r.First, r.First + r.Count} }

// Has reports whether the rows of image i are among them.
func (r *Rows) Has(i int) bool { return i >= r.First && i < r.First+r.Count }

// of returns the rows of the images that o has, which must be among them.
func (r *Rows) of(o *Rows) []float32 {
	size := r.P * r.N
	return r.d[(o.First-r.First)*size:][:o.Count*size]
}

// reuse makes the memory of r rows of zeros for other images, no more than r had.
func (r *Rows) reuse(first, count int) {
	r.First, r.Count, r.d = first, count, r.d[:count*r.P*r.N]
	clear(r.d)
}

// maskSelf takes every image away from itself and its group.
func (r *Rows) maskSelf(groups []int) {
	for i := r.First; i < r.First+r.Count; i++ {
		for j := range r.N {
			if i != j && (groups == nil || groups[i] != groups[j]) {
				continue
			}
			for p := range r.P {
				r.Row(i, p)[j] = float32(math.Inf(1))
			}
		}
	}
}

// add adds weight·u to r; u are rows of the same images.
func (r *Rows) add(u *Rows, weight float32, threads int) {
	size := r.P * r.N
	parallel.ForEach(context.Background(), r.Count, threads, func() func(i int) {
		return func(i int) {
			dst, src := r.d[i*size:(i+1)*size], u.d[i*size:(i+1)*size]
			for k, v := range src {
				dst[k] += weight * v
			}
		}
	})
}

// Table holds the distances of all images of a batch, [N][P][N]: element
// (i, p, j) is d(patch p of image i, image j).
type Table struct {
	Rows
	spilled *spill.File // nil in memory
	pool    *Pool       // takes the memory back
}

// TableBytes is the size of a table of n images of p patches.
func TableBytes(n, p int) int64 { return RowsBytes(n, p, n) }

// NewTable makes a table in memory.
func NewTable(n, p int) *Table { return &Table{Rows: *NewRows(n, p, 0, n)} }

// NewSpilledTable makes a table in a temporary file in dir, as spill.New says;
// Close removes the file.
func NewSpilledTable(n, p int, dir string) (*Table, error) {
	f, err := spill.New(dir, "the distance table", n*p*n)
	if err != nil {
		return nil, err
	}
	return &Table{Rows: Rows{N: n, P: p, Count: n, d: f.Values()}, spilled: f}, nil
}

// Set copies rows to their place in the table.
func (t *Table) Set(rows *Rows) { copy(t.of(rows), rows.d) }

// Close gives the memory back to the pool of the table, or releases the file of
// a spilled one; for others it does nothing. The table cannot be used
// afterwards.
func (t *Table) Close() error {
	if t.pool != nil {
		t.pool.put(t)
		return nil
	}
	if t.spilled == nil {
		return nil
	}
	f := t.spilled
	t.d, t.spilled = nil, nil
	return f.Close()
}
