package mutual

import (
	"errors"
	"sync"
)

// Pool makes the tables of a run, all of one size, in memory or in files. It
// uses the memory of closed ones again: what a run holds is the largest number
// of tables that are open at a time, without waiting for the garbage
// collector.
type Pool struct {
	n, p    int
	spilled bool
	dir     string

	mu   sync.Mutex
	free []*Table
	done bool
}

// NewPool returns a pool of tables of n images of p patches; spilled ones live
// in memory-mapped temporary files in dir ("" is the system's).
func NewPool(n, p int, spilled bool, dir string) *Pool {
	return &Pool{n: n, p: p, spilled: spilled, dir: dir}
}

// Table returns a table of zeros, which its Close gives back to the pool.
func (p *Pool) Table() (*Table, error) {
	if t := p.take(); t != nil {
		clear(t.d)
		return t, nil
	}
	if !p.spilled {
		t := NewTable(p.n, p.p)
		t.pool = p
		return t, nil
	}
	t, err := NewSpilledTable(p.n, p.p, p.dir)
	if err != nil {
		return nil, err
	}
	t.pool = p
	return t, nil
}

func (p *Pool) take() *Table {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.free) - 1
	if last < 0 {
		return nil
	}
	t := p.free[last]
	p.free = p.free[:last]
	return t
}

// put takes the memory of a table that is closed.
func (p *Pool) put(t *Table) {
	again := *t
	t.d, t.spilled, t.pool = nil, nil, nil
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		again.pool = nil
		again.Close()
		return
	}
	p.free = append(p.free, &again)
}

// Close releases the files of tables that are not in use, and from then on
// those of others when they are closed.
func (p *Pool) Close() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.done = true
	var errs []error
	for _, t := range p.free {
		t.pool = nil
		errs = append(errs, t.Close())
	}
	p.free = nil
	return errors.Join(errs...)
}
