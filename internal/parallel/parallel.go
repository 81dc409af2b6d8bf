package parallel

import (
	"context"
	"fmt"
	"runtime/debug"
	"sync"
	"sync/atomic"
)

// ForEach calls the functions that start makes, one per thread with its own
// scratch, for every i below n, and returns ctx's error if it ended first.
func ForEach(ctx context.Context, n, threads int, start func() func(i int)) error {
	return run(ctx, n, threads, func() func(i int) error {
		do := start()
		return func(i int) error { do(i); return nil }
	})
}

// Do calls do for every i below n on up to threads goroutines and, after each
// call that succeeded, done on one goroutine at a time; done may be nil. It
// starts no more after an error, waits for the calls under way, and returns
// the error of the lowest i that failed, the same at any number of threads,
// or ctx's if it ended first.
func Do(ctx context.Context, n, threads int, do func(i int) error, done func()) error {
	if done == nil {
		done = func() {}
	}
	var mu sync.Mutex
	one := func(i int) error {
		if err := do(i); err != nil {
			return err
		}
		mu.Lock()
		defer mu.Unlock()
		done()
		return nil
	}
	return run(ctx, n, threads, func() func(i int) error { return one })
}

// PanicError is the error of a call that panicked: a fault of the program, which
// ends the work it happened in and nothing else.
type PanicError struct {
	Value any
	Stack []byte
}

func (e *PanicError) Error() string { return fmt.Sprintf("an error in the program: %v", e.Value) }

// guarded is do(i), a panic made an error.
func guarded(do func(i int) error, i int) (err error) {
	defer func() {
		if v := recover(); v != nil {
			err = &PanicError{v, debug.Stack()}
		}
	}()
	return do(i)
}

// run takes i in ascending order: when one fails, all below it have been
// started and are finished.
func run(ctx context.Context, n, threads int, start func() func(i int) error) error {
	var (
		wg     sync.WaitGroup
		next   atomic.Int64
		failed atomic.Bool
		mu     sync.Mutex
		first  = n
		err    error
	)
	for range max(1, min(threads, n)) {
		wg.Go(func() {
			do := start()
			for !failed.Load() && ctx.Err() == nil {
				i := int(next.Add(1)) - 1
				if i >= n {
					return
				}
				if e := guarded(do, i); e != nil {
					failed.Store(true)
					mu.Lock()
					if i < first {
						first, err = i, e
					}
					mu.Unlock()
				}
			}
		})
	}
	wg.Wait()
	if err != nil {
		return err
	}
	return ctx.Err()
}
