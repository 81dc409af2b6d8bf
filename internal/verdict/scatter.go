package verdict

import (
	"cmp"
	"math"
	"slices"

	"codegraph/internal/stats"
)

// narrowest is the least scale of good scores that is tried, in those of
// the lower half of the batch.
const narrowest = 0.12

// heights are how high peaks rise above the rest of their images, by score.
type heights []Image // ascending; none: unknown

func newHeights(batch []Image) heights {
	var h heights
	for _, im := range batch {
		if im.known() != Bad {
			if !(im.Height > 0) {
				return nil
			}
			h = append(h, im)
		}
	}
	slices.SortFunc(h, func(a, b Image) int { return cmp.Compare(a.Score, b.Score) })
	return h
}

// at is the typical height of images that score about as high.
func (h heights) at(score float64) float64 {
	k, _ := slices.BinarySearchFunc(h, score, func(im Image, s float64) int { return cmp.Compare(im.Score, s) })
	near := max(1, len(h)/16)
	some := h[max(0, min(k, len(h)-1)-near):min(len(h), k+near+1)]
	values := make([]float64, len(some))
	for i, im := range some {
		values[i] = im.Height
	}
	return stats.Median(values)
}

// prior is the logarithm of the density, beforehand, of a scale of good scores.
func (h heights) prior(at place, p Params) float64 {
	if h == nil {
		return 0
	}
	t := math.Log(at.scale/h.at(at.location)/p.Scatter) / p.Within
	return -t * t / 2
}
