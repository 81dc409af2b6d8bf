package beds

import (
	"slices"

	"codegraph/internal/mutual"
)

// Alone says of each copy of the recurring defect whether it would be found
// without the others: in the batch of the good images and this copy only, its
// MuSc score (the highest patch, of mean distances) ranks in the top tenth.
// t holds the distances of the batch before any filtering.
func (b *Batch) Alone(t *mutual.Table) []bool {
	good := append(b.Labelled(Good), b.Labelled(SharedFeature)...)
	slices.Sort(good)
	copies := b.Labelled(SharedDefect)
	n := len(good) + 1
	k := mutual.Neighbours(n, share)
	out := make([]bool, len(copies))
	for c, i := range copies {
		score := topScore(t, i, good, k)
		above := 0
		for _, g := range good {
			if topScore(t, g, append(slices.Clone(good), i), k) > score {
				above++
			}
		}
		out[c] = above < max(n/10, 1)
	}
	return out
}

// DetectableAlone reports whether at least half of the copies would be found
// without the others.
func (b *Batch) DetectableAlone(t *mutual.Table) bool {
	found := 0
	alone := b.Alone(t)
	for _, yes := range alone {
		if yes {
			found++
		}
	}
	return len(alone) > 0 && 2*found >= len(alone)
}

// share is MuSc's share of the images that a score averages over.
const share = 0.3

// topScore is the highest score of a patch of image i among other images.
func topScore(t *mutual.Table, i int, among []int, k int) float32 {
	row, buf := make([]float32, 0, len(among)), make([]float32, len(among))
	top := float32(0)
	for p := range t.P {
		all := t.Row(i, p)
		row = row[:0]
		for _, j := range among {
			if j != i {
				row = append(row, all[j])
			}
		}
		top = max(top, mutual.LowestMean(row, buf, k))
	}
	return top
}
