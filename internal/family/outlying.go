package family

import (
	"math"
	"slices"
)

// Outlying lists, by image, the patches that score above every patch of the
// share of the images with the lowest scores, an image's score being its
// highest: in those images whose score is more than margin times as high (our
// choice). scores is [N][P].
//
// Those images are taken to be free of defects: the same assumption as lets a
// score average over this share of the batch. What scores above all of them
// is nobody's proof of being normal, whether it recurs as a whole or not:
// breaks and stains differ from each other, and still serve each other as the
// nearest look-alike. The margin spares good images, which differ in their
// scores.
func Outlying(scores [][]float32, share, margin float64) map[int][]int {
	if share >= 1 || len(scores) == 0 {
		return nil
	}
	tops := make([]float32, len(scores))
	for i, s := range scores {
		tops[i] = slices.Max(s)
	}
	slices.Sort(tops)
	limit := tops[max(0, int(math.Ceil(share*float64(len(tops))))-1)]
	outlying := make(map[int][]int)
	for i, s := range scores {
		if float64(slices.Max(s)) <= margin*float64(limit) {
			continue
		}
		for x, a := range s {
			if a > limit {
				outlying[i] = append(outlying[i], x)
			}
		}
	}
	return outlying
}
