package main

import (
	"crypto/sha256"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"codegraph/internal/serve/store"
)

// debt is what the server owes of one run that it accepted.
type debt struct {
	id, input string
	images    map[string][sha256.Size]byte // by name, of the bytes that were sent; nil: those of the input
	options   string
	status    store.Status // the last that was seen
	scores    map[string]float64
	left      bool // its client did not wait
	folder    bool // its images are of a folder that is gone

	removing bool // a removal was asked for: it may be there or not
	removed  bool // and was answered
	wasLost  bool // the history was harmed since: it may be interrupted
	answers  int  // that were taken
	maybe    int  // that were asked for and not answered
}

// ledger holds all debts.
type ledger struct {
	mu   sync.Mutex
	runs map[string]*debt
}

func (l *ledger) add(d *debt) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.runs[d.id] = d
}

// change alters a debt under the lock.
func (l *ledger) change(id string, f func(*debt)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if d := l.runs[id]; d != nil {
		f(d)
	}
}

// see notes a status.
func (l *ledger) see(r store.Run) {
	l.change(r.ID, func(d *debt) { d.status, d.input = r.Status, r.Input })
}

// all are copies of the debts that are owed, in order of time.
func (l *ledger) all() []debt {
	l.mu.Lock()
	defer l.mu.Unlock()
	var out []debt
	for _, d := range l.runs {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b debt) int { return strings.Compare(a.id, b.id) })
	return out
}

// owed counts the runs that were not removed.
func (l *ledger) owed() (n int) {
	for _, d := range l.all() {
		if !d.removing {
			n++
		}
	}
	return n
}

// get is a copy of the debt as it is now.
func (l *ledger) get(id string) debt {
	l.mu.Lock()
	defer l.mu.Unlock()
	return *l.runs[id]
}

// pick chooses one of the runs that are owed and fit.
func (l *ledger) pick(rng *rand.Rand, fits func(debt) bool) (debt, bool) {
	all := slices.DeleteFunc(l.all(), func(d debt) bool { return d.removing || !fits(d) })
	if len(all) == 0 {
		return debt{}, false
	}
	return all[rng.IntN(len(all))], true
}
