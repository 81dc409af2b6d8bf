// Package parallel spreads the work on the images of a batch over threads.
package parallel

import (
	"context"
	"sync/atomic"

	"golang.org/x/sync/errgroup"
)

// ForEach calls the functions that start makes, one per thread with its own
// scratch, for every i below n, and returns ctx's error if it ended first.
func ForEach(ctx context.Context, n, threads int, start func() func(i int)) error {
	var g errgroup.Group
	var next atomic.Int64
	for range max(1, min(threads, n)) {
		g.Go(func() error {
			do := start()
			for i := int(next.Add(1)) - 1; i < n && ctx.Err() == nil; i = int(next.Add(1)) - 1 {
				do(i)
			}
			return nil
		})
	}
	g.Wait()
	return ctx.Err()
}
