package runner

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strconv"
	"strings"
	"sync"
)

// attempts is how often a step is tried before the job fails.
const attempts = 3

// Local runs steps in processes of this machine. start makes a process that
// reads numbers of steps from its input, a line each, and answers each with a
// line once it is done. A process that dies is replaced, and its step done again.
func Local(ctx context.Context, processes int, steps []int, start func(ctx context.Context) *exec.Cmd, done func()) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	q := &queue{steps: steps, failed: make(map[int]int)}
	var wg sync.WaitGroup
	for range min(processes, len(steps)) {
		wg.Go(func() {
			if err := q.serve(ctx, start, done); err != nil {
				cancel(err)
			}
		})
	}
	wg.Wait()
	return context.Cause(ctx)
}

// queue is the steps that are to be done.
type queue struct {
	mu     sync.Mutex
	steps  []int
	failed map[int]int // how often, by step
}

func (q *queue) next() (step int, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.steps) == 0 {
		return 0, false
	}
	step, q.steps = q.steps[0], q.steps[1:]
	return step, true
}

// again puts a step back whose process died, and reports err if that was the
// last attempt.
func (q *queue) again(step int, err error) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.failed[step]++; q.failed[step] >= attempts {
		return fmt.Errorf("step %d failed %d times: %w", step, attempts, err)
	}
	q.steps = append(q.steps, step)
	return nil
}

// serve feeds one process after the other until nothing is left.
func (q *queue) serve(ctx context.Context, start func(ctx context.Context) *exec.Cmd, done func()) error {
	var w *worker
	defer func() { w.stop() }()
	for ctx.Err() == nil {
		step, ok := q.next()
		if !ok {
			return nil
		}
		var err error
		if w == nil {
			if w, err = newWorker(start(ctx)); err != nil {
				return err
			}
		}
		if err = w.do(step); err == nil {
			q.mu.Lock()
			done()
			q.mu.Unlock()
			continue
		}
		err = errors.Join(err, w.stop())
		w = nil
		if err := q.again(step, err); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// worker is a process that does steps.
type worker struct {
	cmd     *exec.Cmd
	in      io.WriteCloser
	answers *bufio.Scanner
}

func newWorker(cmd *exec.Cmd) (*worker, error) {
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, fmt.Errorf("start a worker: %w", err)
	}
	return &worker{cmd, in, bufio.NewScanner(out)}, nil
}

func (w *worker) do(step int) error {
	if _, err := fmt.Fprintln(w.in, step); err != nil {
		return err
	}
	if !w.answers.Scan() {
		return errors.New("the process ended")
	}
	if answer, _, _ := strings.Cut(w.answers.Text(), "\t"); answer != strconv.Itoa(step) {
		return fmt.Errorf("the process answered %q", w.answers.Text())
	}
	return nil
}

// stop ends the process, which has nothing more to do.
func (w *worker) stop() error {
	if w == nil {
		return nil
	}
	w.in.Close()
	return w.cmd.Wait()
}
