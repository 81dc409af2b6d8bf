package mutual

import (
	"context"

	"codegraph/internal/parallel"
)

// inBlocks visits every pair of n images once, i < j. Laying out the tokens of
// all images takes more memory than anything else, so that at most two blocks
// of size images, 0 for one of all, are at a time: layOut does it for images
// from on. start makes the function of a thread that searches, for image i,
// laid out as self, the others from image from on, of which only those behind
// i count.
//
// The first of a pair is always the one that is loaded for searching, so that
// the size does not show in the results.
func inBlocks[T any](ctx context.Context, n, size, threads int, layOut func(ctx context.Context, from int, into []T) error, start func() func(i int, self T, from int, others []T)) error {
	if size <= 0 || size > n {
		size = n
	}
	own := make([]T, size)
	var second []T
	if size < n {
		second = make([]T, size)
	}
	for a := 0; a < n; a += size {
		self := own[:min(size, n-a)]
		if err := layOut(ctx, a, self); err != nil {
			return err
		}
		for b := a; b < n; b += size {
			others := self
			if b > a {
				others = second[:min(size, n-b)]
				if err := layOut(ctx, b, others); err != nil {
					return err
				}
			}
			err := parallel.ForEach(ctx, len(self), threads, func() func(k int) {
				do := start()
				return func(k int) { do(a+k, self[k], b, others) }
			})
			if err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}
