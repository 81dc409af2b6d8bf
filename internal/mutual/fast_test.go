package mutual

import (
	"context"
	"math"
	"testing"
)

// TestFast: the search among integers gives the same table as that in single
// precision, all but a few distances exactly so, before and after masking.
func TestFast(t *testing.T) {
	b := newBatch(8, 60, []int{20, 150}, 3)
	copy(b.tokens[1][5], b.tokens[1][2][:150]) // a patch of image 5 is one of image 2
	removed := map[int][]int{1: {0, 11}, 2: {5}, 3: {0, 1, 4, 5}}
	var tables [2]*Table
	for k, fast := range []bool{false, true} {
		var err error
		if tables[k], _, err = Compare(context.Background(), b, Options{Neighbours: 2, Threads: 2, Fast: fast}); err != nil {
			t.Fatal(err)
		}
	}
	checkAlike(t, tables[0], tables[1])
	for k, fast := range []bool{false, true} {
		var err error
		if tables[k], err = Mask(context.Background(), b, tables[k], removed, Options{Threads: 2, Fast: fast}); err != nil {
			t.Fatal(err)
		}
	}
	checkAlike(t, tables[0], tables[1])
}

func checkAlike(t *testing.T, exact, fast *Table) {
	t.Helper()
	differ := 0
	for i := range exact.N {
		for p := range exact.P {
			for j, want := range exact.Row(i, p) {
				got := fast.Row(i, p)[j]
				if math.Abs(float64(got-want)) > 1e-3*float64(want) {
					t.Fatalf("d(%d, %d, %d) = %v, want %v", i, p, j, got, want)
				}
				if got != want {
					differ++
				}
			}
		}
	}
	if most := exact.N * exact.N * exact.P / 1000; differ > most {
		t.Errorf("%d distances differ, more than %d", differ, most)
	}
}
