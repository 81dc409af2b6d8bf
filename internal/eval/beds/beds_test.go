package beds

import (
	"testing"

	"codegraph/internal/plant"
)

// TestAll: the mixture that the tables rest on.
func TestAll(t *testing.T) {
	all := All()
	names := make(map[string]bool)
	bySplit, byPurpose := make(map[Split]int), make(map[Purpose]int)
	shares := make(map[Split]map[float64]int)
	for _, b := range all {
		if names[b.Name] {
			t.Errorf("two beds are called %s", b.Name)
		}
		names[b.Name] = true
		bySplit[b.Split]++
		byPurpose[b.Purpose]++
		if b.N < 20 || b.N > 60 || b.Copies()+b.Rare > b.N {
			t.Errorf("%s: %d photographs, %d with what recurs, %d with a defect of their own", b.Name, b.N, b.Copies(), b.Rare)
		}
		if b.Purpose == Recurring {
			if b.Copies() < 3 {
				t.Errorf("%s: %d copies", b.Name, b.Copies())
			}
			if shares[b.Split] == nil {
				shares[b.Split] = make(map[float64]int)
			}
			shares[b.Split][b.Share]++
		}
	}
	if len(all) < 300 || bySplit[Tuning] < 90 || bySplit[HeldOut] < 200 {
		t.Errorf("%d beds, %v", len(all), bySplit)
	}
	if h, n := byPurpose[Harmless], byPurpose[Nothing]; h*5 < len(all) || n*8 < len(all) {
		t.Errorf("of %d beds %d are harmless, in %d nothing recurs", len(all), h, n)
	}
	for split, by := range shares {
		for _, s := range []float64{0.15, 0.2, 0.25, 0.3, 0.4} {
			if by[s] < 5 {
				t.Errorf("%s: %d beds with a share of %g", split, by[s], s)
			}
		}
	}
	if plant.Real != all[0].Kind {
		t.Errorf("the first bed has a %s", all[0].Kind)
	}
}
