package main

import (
	"encoding/json"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"sync"

	"codegraph/internal/serve"
	"codegraph/internal/serve/store"
)

const secret = "of the soak"

// hook is a receiver that is out of order at one delivery of thirty.
type hook struct {
	*promises
	url string

	mu    sync.Mutex
	told  map[string]map[string]bool // events by run
	count int
}

func newHook(p *promises) (*hook, error) {
	h := &hook{promises: p, told: make(map[string]map[string]bool)}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	h.url = "http://" + l.Addr().String()
	go http.Serve(l, h)
	return h, nil
}

func (h *hook) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return // the server was killed
	}
	want := serve.Signature(secret, r.Header.Get(serve.TimestampHeader), body)
	h.check(signed, r.Header.Get(serve.SignatureHeader) == want, "signature %s, want %s", r.Header.Get(serve.SignatureHeader), want)
	if rand.IntN(30) == 0 {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	var d struct {
		Event string
		Run   store.Run
	}
	err = json.Unmarshal(body, &d)
	h.check(signed, err == nil, "a delivery that is not JSON: %v", err)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.count++
	if h.told[d.Run.ID] == nil {
		h.told[d.Run.ID] = make(map[string]bool)
	}
	h.told[d.Run.ID][d.Event] = true
}

// knows reports whether it was told of the end of a run.
func (h *hook) knows(run string, status store.Status) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.told[run]["run."+string(status)]
}
