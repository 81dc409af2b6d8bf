package mutual

import (
	"math"

	"codegraph/internal/spill"
)

// Table holds the patch-to-image distances of a batch, [N][P][N] row-major:
// element (i, p, j) is d(patch p of image i, image j), +Inf for j = i.
type Table struct {
	N, P    int
	d       []float32
	spilled *spill.File // nil in memory
	pool    *Pool       // takes d back
}

// TableBytes is the size of a table of n images of p patches.
func TableBytes(n, p int) int64 { return 4 * int64(n) * int64(n) * int64(p) }

// NewTable makes a table in memory.
func NewTable(n, p int) *Table {
	return &Table{N: n, P: p, d: make([]float32, n*p*n)}
}

// NewSpilledTable makes a table in a temporary file in dir, as spill.New says;
// Close removes the file.
func NewSpilledTable(n, p int, dir string) (*Table, error) {
	f, err := spill.New(dir, "the distance table", n*p*n)
	if err != nil {
		return nil, err
	}
	return &Table{N: n, P: p, d: f.Values(), spilled: f}, nil
}

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

// Row returns the N distances of patch p of image i, indexed by image; it
// aliases the table.
func (t *Table) Row(i, p int) []float32 {
	at := (i*t.P + p) * t.N
	return t.d[at : at+t.N : at+t.N]
}

// fillSelf takes every image away from itself and its group.
func (t *Table) fillSelf(groups []int) {
	for i := range t.N {
		for j := range t.N {
			if i != j && (groups == nil || groups[i] != groups[j]) {
				continue
			}
			for p := range t.P {
				t.Row(i, p)[j] = float32(math.Inf(1))
			}
		}
	}
}
