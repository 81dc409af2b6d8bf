package benchmark

import (
	"fmt"
	"math/rand/v2"
	"slices"

	"codegraph/imageset"
	"codegraph/internal/eval/dataset"
)

// draw takes k good images, drawn at random, out of b as references. The
// first of more are those of fewer.
func (b *Batch) draw(k int, seed uint64) (rest *Batch, references imageset.Set, err error) {
	if k == 0 {
		return b, nil, nil
	}
	var good, left []int
	for i, t := range b.Types {
		if t == dataset.Good {
			good = append(good, i)
		}
	}
	if k > len(good) {
		return nil, nil, fmt.Errorf("%s has %d good images and cannot spare %d as references", b.Name, len(good), k)
	}
	rand.New(rand.NewPCG(seed, 0x7265666572656e63)).Shuffle(len(good), func(i, j int) { good[i], good[j] = good[j], good[i] })
	for _, i := range good[:k] {
		references = append(references, b.Items[i])
	}
	for i := range b.Items {
		if !slices.Contains(good[:k], i) {
			left = append(left, i)
		}
	}
	rest = b.of(left)
	rest.Warnings = b.Warnings
	return rest, references, nil
}
