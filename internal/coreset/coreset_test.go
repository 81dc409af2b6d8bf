package coreset

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestKCenterGreedy compares with the definition: every choice is the first of
// those that are farthest from all before it.
func TestKCenterGreedy(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		points := rapid.SliceOfN(rapid.SliceOfN(rapid.Float32Range(-3, 3), 2, 2), 1, 12).Draw(t, "points")
		first := rapid.IntRange(0, len(points)-1).Draw(t, "chosen")
		var chosen, candidates []int
		for i := range points {
			if i < first {
				chosen = append(chosen, i)
			} else {
				candidates = append(candidates, i)
			}
		}
		n := rapid.IntRange(0, 14).Draw(t, "n")
		got := KCenterGreedy(points, chosen, candidates, n, 1)
		if len(got) != min(n, len(candidates)) {
			t.Fatalf("%d of %d candidates chosen, want %d", len(got), len(candidates), n)
		}
		for k, p := range got {
			before := slices.Concat(chosen, got[:k])
			if !slices.Contains(candidates, p) || slices.Contains(before, p) {
				t.Fatalf("choice %d is %d; %v came before", k, p, before)
			}
			distance := func(c int) float64 {
				d := squared(points[c], points[before[0]])
				for _, b := range before {
					d = min(d, squared(points[c], points[b]))
				}
				return d
			}
			for _, c := range candidates {
				if len(before) > 0 && !slices.Contains(before, c) && (distance(c) > distance(p) || distance(c) == distance(p) && c < p) {
					t.Fatalf("choice %d is %d; %d is farther", k, p, c)
				}
			}
		}
	})
}

func TestDescriptor(t *testing.T) {
	t.Parallel()
	if got, want := Descriptor([]float32{1, 10, 3, 10}, 2), []float32{2, 10, 1, 0}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}
