package pipeline

import (
	"context"
	"sync"

	"golang.org/x/sync/errgroup"
)

// forEach calls do for every i below n on up to threads goroutines and, after
// each call that succeeded, done on one goroutine at a time. It returns the
// first error and then starts no more.
func forEach(ctx context.Context, n, threads int, do func(i int) error, done func()) error {
	var mu sync.Mutex
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, threads))
	for i := range n {
		g.Go(func() error {
			if err := ctx.Err(); err != nil {
				return err
			}
			if err := do(i); err != nil {
				return err
			}
			mu.Lock()
			defer mu.Unlock()
			done()
			return nil
		})
	}
	return g.Wait()
}
