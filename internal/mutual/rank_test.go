package mutual

import (
	"context"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestRank: ranks are those of each row, in memory or in a file, and those of other rows
// after Sort.
func TestRank(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 1))
	a, b := NewTable(13, 5), NewTable(13, 5)
	for _, tab := range []*Table{a, b} {
		for k := range tab.d {
			tab.d[k] = rng.Float32()
		}
	}
	for _, spilled := range []bool{false, true} {
		r, err := Rank(context.Background(), a, spilled, t.TempDir(), 2)
		if err != nil {
			t.Fatal(err)
		}
		check := func(tab *Table) {
			var s Sorter
			want := make([]uint16, tab.N)
			for i := range tab.N {
				for p := range tab.P {
					if s.Order(want, tab.Row(i, p)); !slices.Equal(r.Order(i, p), want) {
						t.Fatalf("spilled %v: patch %d of image %d: %v, want %v", spilled, p, i, r.Order(i, p), want)
					}
				}
			}
		}
		check(a)
		if err := r.Sort(context.Background(), func() Reader { return b }, 2); err != nil {
			t.Fatal(err)
		}
		check(b)
		if err := r.Close(); err != nil {
			t.Error(err)
		}
	}
}
