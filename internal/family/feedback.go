package family

import (
	"slices"

	"codegraph/internal/mutual"
)

// Within returns the scores after families were found to be harmless: a patch
// that carries one is compared with the images that share it, if it is more
// alike to these than to the batch: a(x) = min(a_B(x), a_C(x)), each the mean
// of the same share of the nearest images. So a rejected variant is judged
// within itself, and an answer lowers scores only, of the patches it is about.
// A variant of the whole part differs everywhere: all of its patches are.
// scores are those of the images of t, [Count][P], and stay as they are.
func Within(t *mutual.Rows, scores [][]float32, harmless []Family, share float64) [][]float32 {
	if len(harmless) == 0 {
		return scores
	}
	out := slices.Clone(scores)
	own, every := make([]bool, len(scores)), make([]int, t.P)
	for x := range every {
		every[x] = x
	}
	row, buf := make([]float32, 0, t.N), make([]float32, t.N)
	for _, f := range harmless {
		k := mutual.Neighbours(len(f.Members), share)
		for _, m := range f.Members {
			if !t.Has(m.Image) {
				continue
			}
			at := m.Image - t.First
			if !own[at] {
				own[at], out[at] = true, slices.Clone(out[at])
			}
			patches := m.Patches
			if f.Whole {
				patches = every
			}
			for _, x := range patches {
				row = row[:0]
				for _, o := range f.Members {
					row = append(row, t.Row(m.Image, x)[o.Image])
				}
				out[at][x] = min(out[at][x], mutual.LowestMean(row, buf, k))
			}
		}
	}
	return out
}
