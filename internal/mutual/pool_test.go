package mutual

import (
	"os"
	"testing"
)

// TestPool: memory is used again once its table is closed, as zeros, and no
// file stays.
func TestPool(t *testing.T) {
	for _, spilled := range []bool{false, true} {
		dir := t.TempDir()
		p := NewPool(3, 2, spilled, dir)
		table := func() *Table {
			t.Helper()
			out, err := p.Table()
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		a, b := table(), table()
		a.Row(2, 1)[2] = 7
		first := &a.d[0]
		if err := a.Close(); err != nil {
			t.Fatal(err)
		}
		if c := table(); &c.d[0] != first || c.Row(2, 1)[2] != 0 {
			t.Errorf("spilled %v: new memory, or old numbers: %v", spilled, c.d)
		} else if err := c.Close(); err != nil {
			t.Fatal(err)
		}
		if err := a.Close(); err != nil || len(p.free) != 1 {
			t.Errorf("spilled %v: closed twice: %v, %d tables are free", spilled, err, len(p.free))
		}
		if err := p.Close(); err != nil {
			t.Error(err)
		}
		if err := b.Close(); err != nil {
			t.Error(err)
		}
		if left, _ := os.ReadDir(dir); len(left) != 0 {
			t.Errorf("%v stays", left)
		}
	}
}
