package mutual

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"unsafe"

	"github.com/edsrzf/mmap-go"
)

// Table holds the patch-to-image distances of a batch, [N][P][N] row-major:
// element (i, p, j) is d(patch p of image i, image j), +Inf for j = i.
type Table struct {
	N, P   int
	d      []float32
	mapped mmap.MMap
	file   *os.File
}

// TableBytes is the size of a table of n images of p patches.
func TableBytes(n, p int) int64 { return 4 * int64(n) * int64(n) * int64(p) }

// NewTable makes a table in memory.
func NewTable(n, p int) *Table {
	return &Table{N: n, P: p, d: make([]float32, n*p*n)}
}

// NewSpilledTable makes a table in a memory-mapped temporary file in dir (""
// is the system's); Close removes the file.
func NewSpilledTable(n, p int, dir string) (_ *Table, err error) {
	f, err := os.CreateTemp(dir, "codegraph-table-*")
	if err != nil {
		return nil, fmt.Errorf("mutual: no file for the distance table: %w", err)
	}
	t := &Table{N: n, P: p, file: f}
	defer func() {
		if err != nil {
			t.Close()
		}
	}()
	size := TableBytes(n, p)
	if err = f.Truncate(size); err != nil {
		return nil, fmt.Errorf("mutual: %d bytes for the distance table in %s: %w", size, filepath.Dir(f.Name()), err)
	}
	if t.mapped, err = mmap.MapRegion(f, int(size), mmap.RDWR, 0, 0); err != nil {
		return nil, fmt.Errorf("mutual: map the distance table: %w", err)
	}
	t.d = unsafe.Slice((*float32)(unsafe.Pointer(&t.mapped[0])), n*p*n)
	return t, nil
}

// Close releases a spilled table; for one in memory it does nothing.
func (t *Table) Close() error {
	if t.file == nil {
		return nil
	}
	var err error
	if t.mapped != nil {
		err = t.mapped.Unmap()
	}
	t.d = nil
	t.file.Close()
	if rmErr := os.Remove(t.file.Name()); err == nil {
		err = rmErr
	}
	t.file = nil
	return err
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

// Clone returns a copy in memory.
func (t *Table) Clone() *Table {
	c := NewTable(t.N, t.P)
	c.Set(t)
	return c
}

// Set copies the distances of u, which has the size of t.
func (t *Table) Set(u *Table) { copy(t.d, u.d) }
