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
// scores are those of the images of t, [Count][P], and stay as they are.
func Within(t *mutual.Rows, scores [][]float32, harmless []Family, share float64) [][]float32 {
	if len(harmless) == 0 {
		return scores
	}
	out := slices.Clone(scores)
	own := make([]bool, len(scores))
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
			for _, x := range m.Patches {
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
