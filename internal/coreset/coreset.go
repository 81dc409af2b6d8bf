package coreset

import (
	"math"
	"math/rand/v2"
	"slices"
)

// Descriptor is the mean over patches of features, [P][c], and their mean
// deviation from it, [2c]: rotating the part changes it little (our choice).
func Descriptor(features []float32, c int) []float32 {
	out := make([]float32, 2*c)
	n := len(features) / c
	for k, v := range features {
		out[k%c] += v / float32(n)
	}
	for k, v := range features {
		out[c+k%c] += float32(math.Abs(float64(v-out[k%c]))) / float32(n)
	}
	return out
}

// KCenterGreedy returns n of the candidates, which are indices of points and
// none of chosen, in the order of their choice: each is the farthest from all
// that are chosen by then. If none is, the first is taken by seed. Of equals
// the first counts; what lies on a chosen one comes last.
func KCenterGreedy(points [][]float32, chosen, candidates []int, n int, seed uint64) []int {
	var out []int
	if n <= 0 || len(candidates) == 0 {
		return out
	}
	near := make([]float64, len(candidates)) // squared distance to the chosen ones; −1: chosen
	for k := range near {
		near[k] = math.Inf(1)
	}
	add := func(p int) {
		for k, c := range candidates {
			near[k] = min(near[k], squared(points[p], points[c]))
		}
	}
	take := func(k int) {
		out = append(out, candidates[k])
		add(candidates[k])
		near[k] = -1
	}
	for _, p := range chosen {
		add(p)
	}
	if len(chosen) == 0 {
		take(rand.New(rand.NewPCG(seed, 0x62617365)).IntN(len(candidates)))
	}
	for len(out) < min(n, len(candidates)) {
		take(slices.Index(near, slices.Max(near)))
	}
	return out
}

func squared(a, b []float32) (sum float64) {
	for k, v := range a {
		d := float64(v) - float64(b[k])
		sum += d * d
	}
	return sum
}
