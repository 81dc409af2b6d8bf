package main

import (
	"fmt"
	"io"
	"sync"
)

// The promises of docs/serve.md, and what follows from them. Each is checked somewhere
// in this program; one that was never tried counts as broken.
const (
	oneByOne    = "Runs are worked on one after the other"
	cancelled   = "those that wait can be cancelled as well as the one under way"
	again       = "Run again scores the same images: with the same options, the same scores"
	named       = "A run has a name and notes, and stays until it is removed"
	stays       = "What is removed is gone, and does not come back"
	answersKept = "Answers are kept with the images"
	copied      = "Images are copied; what happens to the originals later does not matter"
	refused     = "What is not taken is listed with the reason"
	watched     = "--watch: new images and changed ones are scored; fewer wait"
	clientGone  = "If a client goes away, its run goes on"
	sameVerdict = "A part is scored against a snapshot for itself: always the same"
	signed      = "The webhook's signature is that of timestamp and body"
	told        = "The webhook is told of each run that ends, after a restart, too"
	statuses    = "Each request is answered with a status of the table"
	errorsJSON  = `Errors are JSON, {"error": "…"}`
	queueLimit  = "503: the queue is full at 200 runs"
	roomMade    = "507: the disk is full; runs can be removed then, and it goes on"
	healthy     = "/healthz answers 200 while the history does"
	counted     = "/metrics is for Prometheus"
	tokenAsked  = "401: the token is missing or wrong"
	foreign     = "403 and 421: foreign pages and host names are kept out"
	oneServer   = "One server at a time uses the folder"
	inHistory   = "A run is in the history before its upload is answered"
	whole       = "After kill -9 finished runs are there, outputs and images whole"
	interrupted = "The run that was under way is marked interrupted, or done"
	goesOn      = "Those that waited go on"
	taken       = "A history that is lost or damaged is taken up again from the folders"
)

// order is that of docs/serve.md.
var order = []string{
	oneByOne, cancelled, again, named, stays, answersKept, copied, refused, watched, clientGone, sameVerdict, signed, told, statuses, errorsJSON,
	queueLimit, roomMade, healthy, counted, tokenAsked, foreign, oneServer, inHistory, whole, interrupted, goesOn, taken,
}

// promises counts how often each promise was kept and broken.
type promises struct {
	log io.Writer

	mu      sync.Mutex
	kept    map[string]int
	broken  map[string]int
	example map[string]string // of a time that it was broken
}

// check notes that a promise was kept or broken, and says how in the latter case.
func (p *promises) check(name string, ok bool, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if ok {
		p.kept[name]++
		return
	}
	p.broken[name]++
	p.example[name] = fmt.Sprintf(format, args...)
	fmt.Fprintf(p.log, "BROKEN %s: %s\n", name, p.example[name])
}

// print lists the promises and returns how many were broken or never tried.
func (p *promises) print(w io.Writer) (bad int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(w, "\n%8s %7s  promise\n", "kept", "broken")
	for _, name := range order {
		note := ""
		if p.broken[name] > 0 {
			note = "  BROKEN: " + p.example[name]
		} else if p.kept[name] == 0 {
			note = "  NEVER TRIED"
		}
		if note != "" {
			bad++
		}
		fmt.Fprintf(w, "%8d %7d  %s%s\n", p.kept[name], p.broken[name], name, note)
	}
	return bad
}
