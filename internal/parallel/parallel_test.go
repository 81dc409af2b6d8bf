package parallel

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
)

func TestForEach(t *testing.T) {
	for _, threads := range []int{0, 1, 3, 50} {
		var done [20]atomic.Int32
		var started atomic.Int32
		err := ForEach(context.Background(), len(done), threads, func() func(i int) {
			started.Add(1)
			return func(i int) { done[i].Add(1) }
		})
		if err != nil || int(started.Load()) != max(1, min(threads, len(done))) {
			t.Errorf("%d threads: %v, %d started", threads, err, started.Load())
		}
		for i := range done {
			if done[i].Load() != 1 {
				t.Errorf("%d threads: %d was done %d times", threads, i, done[i].Load())
			}
		}
	}
}

func TestForEachCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	calls := 0
	err := ForEach(ctx, 100, 1, func() func(i int) {
		return func(int) {
			if calls++; calls == 3 {
				cancel()
			}
		}
	})
	if !errors.Is(err, context.Canceled) || calls != 3 {
		t.Errorf("%v after %d calls", err, calls)
	}
}
