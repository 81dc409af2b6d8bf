package mutual

import (
	"context"

	"codegraph/internal/parallel"
)

// block is images from first on, before end.
type block struct{ first, end int }

func (b block) count() int { return b.end - b.first }

// divide cuts n images into blocks of at most size, such that those of the
// strip are blocks of their own.
func divide(n, size int, strip block) (blocks []block) {
	for _, part := range []block{{0, strip.first}, strip, {strip.end, n}} {
		for a := part.first; a < part.end; a += size {
			blocks = append(blocks, block{a, min(a+size, part.end)})
		}
	}
	return blocks
}

// inBlocks visits every pair i < j of n images of which one at least is in the
// strip, once. Laying out the tokens of all images takes more memory than
// anything else, so that at most two blocks of size images, 0 for one of all,
// are at a time: pack does it for images from on. start makes the function of
// a thread that searches, for image i, laid out as self, the others from image
// from on, of which only those behind i count.
//
// The first of a pair is always the one that is loaded for searching, so that
// neither the size nor the strip shows in the results.
func inBlocks[T any](ctx context.Context, n, size int, strip block, threads int, pack func(ctx context.Context, from int, into []T) error, start func() func(i int, self T, from int, others []T)) error {
	if size <= 0 || size > n {
		size = n
	}
	var first, second layout[T]
	blocks := divide(n, size, strip)
	within := func(b block) bool { return b.first >= strip.first && b.end <= strip.end }
	for k, a := range blocks {
		if second.block == a {
			first, second = second, first
		}
		if err := first.hold(ctx, a, size, pack); err != nil {
			return err
		}
		for _, b := range blocks[k:] {
			if !within(a) && !within(b) {
				continue
			}
			others := &first
			if b != a {
				others = &second
				if err := second.hold(ctx, b, size, pack); err != nil {
					return err
				}
			}
			err := parallel.ForEach(ctx, a.count(), threads, func() func(k int) {
				do := start()
				return func(k int) { do(a.first+k, first.rows[k], b.first, others.rows[:b.count()]) }
			})
			if err != nil {
				return err
			}
		}
	}
	return ctx.Err()
}

// layout is a block of images that are laid out.
type layout[T any] struct {
	block
	rows []T
}

// hold lays out b, unless that is what is there.
func (l *layout[T]) hold(ctx context.Context, b block, size int, pack func(ctx context.Context, from int, into []T) error) error {
	if l.block == b {
		return nil
	}
	if len(l.rows) < b.count() {
		l.rows = append(make([]T, 0, size), l.rows...)[:max(len(l.rows), b.count())]
	}
	l.block = block{}
	if err := pack(ctx, b.first, l.rows[:b.count()]); err != nil {
		return err
	}
	l.block = b
	return nil
}
