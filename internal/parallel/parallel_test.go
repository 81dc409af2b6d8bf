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

func TestDo(t *testing.T) {
	var calls, finished atomic.Int32
	err := Do(t.Context(), 20, 4, func(int) error { calls.Add(1); return nil }, func() { finished.Add(1) })
	if err != nil || calls.Load() != 20 || finished.Load() != 20 {
		t.Errorf("%v after %d calls, %d of them told", err, calls.Load(), finished.Load())
	}
	if err := Do(t.Context(), 0, 4, nil, nil); err != nil {
		t.Error(err)
	}
}

// TestDoError: of two that fail the lower one's error is returned, even if it
// comes later, and nothing is started after it.
func TestDoError(t *testing.T) {
	low, high := errors.New("low"), errors.New("high")
	wait := make(chan struct{})
	var calls atomic.Int32
	err := Do(t.Context(), 100, 2, func(i int) error {
		calls.Add(1)
		switch i {
		case 3:
			<-wait
			return low
		case 7:
			close(wait)
			return high
		}
		return nil
	}, nil)
	if err != low || calls.Load() > 9 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

func TestDoCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	done := 0
	err := Do(ctx, 100, 1, func(int) error { return nil }, func() {
		if done++; done == 3 {
			cancel()
		}
	})
	if !errors.Is(err, context.Canceled) || done != 3 {
		t.Errorf("%v after %d", err, done)
	}
}

// TestPanic: a panic in a call is the error of the loop, with its stack.
func TestPanic(t *testing.T) {
	err := ForEach(t.Context(), 10, 3, func() func(i int) {
		return func(i int) {
			if i == 4 {
				panic("four")
			}
		}
	})
	var fault *PanicError
	if !errors.As(err, &fault) || fault.Value != "four" || len(fault.Stack) == 0 {
		t.Errorf("%v", err)
	}
}
