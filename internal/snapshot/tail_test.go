package snapshot

import (
	"context"
	"math"
	"testing"

	"codegraph/internal/option"
)

// TestTailIndex: queries of the same kind have a tail index near that of the scan.
func TestTailIndex(t *testing.T) {
	t.Parallel()
	s, set := plateSnapshot(t)
	r, err := s.Score(context.Background(), set[17:], option.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if !(r.TailIndex > 0) || math.IsInf(r.TailIndex, 1) {
		t.Fatalf("of the scan %v", r.TailIndex)
	}
	for _, im := range r.Images {
		if !(im.TailIndex > r.TailIndex/2 && im.TailIndex < 2*r.TailIndex) {
			t.Errorf("of %s %v, of the scan %v", im.Item.Name, im.TailIndex, r.TailIndex)
		}
	}
}
