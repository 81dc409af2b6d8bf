package serve

import (
	"sync"

	"codegraph"
	"codegraph/internal/serve/store"
)

// Progress is how far a run under way is.
type Progress struct {
	Run   string          `json:"run"`
	Phase codegraph.Phase `json:"phase"`
	Done  int             `json:"done"`
	Total int             `json:"total"`
}

// event is what changed: a run, how far one is, or what answers make of one.
type event struct {
	Run      *store.Run
	Progress *Progress
	Judged   string // id of the run; "": none
}

// hub tells listeners what changes. It keeps the latest of each run for a
// listener until that takes it: one who is slow misses steps, never the last
// one, and delays nobody.
type hub struct {
	mu        sync.Mutex
	latest    Progress // of the run under way
	listeners map[*listener]bool
}

type listener struct {
	wake chan struct{}

	hub      *hub
	runs     map[string]*store.Run
	order    []string
	judged   map[string]bool
	progress *Progress
}

func newHub() *hub { return &hub{listeners: map[*listener]bool{}} }

// listen starts a listener, which must be closed.
func (h *hub) listen() *listener {
	l := &listener{wake: make(chan struct{}, 1), hub: h, runs: map[string]*store.Run{}, judged: map[string]bool{}}
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.latest.Run != "" {
		p := h.latest
		l.progress = &p
		l.wake <- struct{}{}
	}
	h.listeners[l] = true
	return l
}

func (l *listener) close() {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	delete(l.hub.listeners, l)
}

// take returns what changed since it was last called.
func (l *listener) take() (events []event) {
	l.hub.mu.Lock()
	defer l.hub.mu.Unlock()
	for _, id := range l.order {
		events = append(events, event{Run: l.runs[id]})
	}
	for id := range l.judged {
		events = append(events, event{Judged: id})
	}
	if l.progress != nil {
		events = append(events, event{Progress: l.progress})
	}
	l.order, l.progress = nil, nil
	clear(l.runs)
	clear(l.judged)
	return events
}

// run says that a run has changed.
func (h *hub) run(r store.Run) {
	h.each(func(l *listener) {
		if l.runs[r.ID] == nil {
			l.order = append(l.order, r.ID)
		}
		l.runs[r.ID] = &r
		if r.Status.Over() && l.progress != nil && l.progress.Run == r.ID {
			l.progress = nil
		}
	}, func() {
		if r.Status.Over() && h.latest.Run == r.ID {
			h.latest = Progress{}
		}
	})
}

// judged says that answers about a run were judged, or could not be.
func (h *hub) judged(run string) {
	h.each(func(l *listener) { l.judged[run] = true }, func() {})
}

func (h *hub) progress(run string, phase codegraph.Phase, done, total int) {
	p := Progress{run, phase, done, total}
	h.each(func(l *listener) { l.progress = &p }, func() { h.latest = p })
}

func (h *hub) each(change func(l *listener), also func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	also()
	for l := range h.listeners {
		change(l)
		select {
		case l.wake <- struct{}{}:
		default:
		}
	}
}
