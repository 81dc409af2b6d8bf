package benchmark

import (
	"math/rand/v2"
	"slices"
)

// divide divides the images of a batch at random into sub-batches of about
// size images, as MuSc does to bound memory and time; size 0 or at least the
// number of images is one sub-batch. types are those of the images.
//
// With stratified, each sub-batch gets its share of every type; else chance
// decides. The same seed gives the same division.
func divide(types []string, size int, stratified bool, seed uint64) [][]int {
	n := len(types)
	parts := 1
	if size > 0 {
		parts = max(1, (n+size/2)/size)
	}
	order := rand.New(rand.NewPCG(seed, 0x6469766964650000)).Perm(n)
	if stratified {
		slices.SortStableFunc(order, func(a, b int) int {
			switch {
			case types[a] < types[b]:
				return -1
			case types[a] > types[b]:
				return 1
			}
			return 0
		})
	}
	out := make([][]int, parts)
	for k, i := range order {
		// Dealt like cards, neighbours in the order come apart.
		out[k%parts] = append(out[k%parts], i)
	}
	for _, part := range out {
		slices.Sort(part)
	}
	return out
}
