package mutual

import (
	"context"
	"math"

	"codegraph/internal/parallel"
	"codegraph/internal/stats"
)

// Neighbours is K, the number of nearest images a score averages over:
// max(1, ⌊share·(n−1)⌋). MuSc's share is 0.3.
func Neighbours(n int, share float64) int {
	return max(1, int(math.Floor(share*float64(n-1)+1e-9)))
}

// LowestMean is the mean of the k smallest finite values of row; fewer if
// there are fewer, +Inf if there is none. buf is scratch of len(row).
func LowestMean(row, buf []float32, k int) float32 {
	buf = buf[:0]
	for _, v := range row {
		if v <= math.MaxFloat32 {
			buf = append(buf, v)
		}
	}
	if len(buf) == 0 {
		return float32(math.Inf(1))
	}
	k = min(k, len(buf))
	stats.SelectLowest(buf, k)
	var sum float64
	for _, v := range buf[:k] {
		sum += float64(v)
	}
	return float32(sum / float64(k))
}

// Scores returns a(x) for every patch, [Count][P]: the mean of the k lowest
// distances of its row.
func (r *Rows) Scores(k, threads int) [][]float32 {
	scores := make([][]float32, r.Count)
	parallel.ForEach(context.Background(), r.Count, threads, func() func(i int) {
		buf := make([]float32, r.N)
		return func(i int) {
			scores[i] = make([]float32, r.P)
			for p := range r.P {
				scores[i][p] = LowestMean(r.Row(r.First+i, p), buf, k)
			}
		}
	})
	return scores
}
