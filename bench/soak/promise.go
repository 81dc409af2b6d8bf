package main

import (
	"fmt"
	"io"
	"sync"
)

// promise is a sentence of docs/serve.md, or what follows from one, and how often it
// was put to the test.
type promise struct {
	says    string
	kept    int
	broken  int
	example string // of a time that it was broken
}

// The promises, by name. Each is checked somewhere in this program; one that was not
// put to the test at all counts as broken.
const (
	oneByOne    = "one by one"
	cancelled   = "cancel"
	again       = "again"
	named       = "name"
	stays       = "stays"
	copied      = "copied"
	refused     = "refused"
	watched     = "watched"
	clientGone  = "client gone"
	sameVerdict = "snapshot"
	signed      = "signed"
	told        = "told"
	statuses    = "status"
	errorsJSON  = "errors"
	healthy     = "health"
	counted     = "metrics"
	tokenAsked  = "token"
	foreign     = "foreign"
	oneServer   = "one server"
	inHistory   = "in history"
	whole       = "whole"
	interrupted = "interrupted"
	goesOn      = "goes on"
	queueLimit  = "queue"
	roomMade    = "room"
	answersKept = "answers"
	taken       = "taken up"
)

// promises counts.
type promises struct {
	mu  sync.Mutex
	log io.Writer
	all map[string]*promise
}

func newPromises(log io.Writer) *promises {
	return &promises{log: log, all: map[string]*promise{
		oneByOne:    {says: "Runs are worked on one after the other"},
		cancelled:   {says: "those that wait can be cancelled as well as the one under way"},
		again:       {says: "Run again scores the same images: with the same options, the same scores"},
		named:       {says: "A run has a name and notes, and stays until it is removed"},
		stays:       {says: "What is removed is gone, and does not come back"},
		copied:      {says: "Images are copied; what happens to the originals later does not matter"},
		refused:     {says: "What is not taken is listed with the reason"},
		watched:     {says: "--watch: new images and changed ones are scored; fewer wait"},
		clientGone:  {says: "If a client goes away, its run goes on"},
		sameVerdict: {says: "A part is scored against a snapshot for itself: always the same"},
		signed:      {says: "The webhook's signature is that of timestamp and body"},
		told:        {says: "The webhook is told of each run that ends, after a restart, too"},
		statuses:    {says: "Each request is answered with a status of the table"},
		errorsJSON:  {says: `Errors are JSON, {"error": "…"}`},
		healthy:     {says: "/healthz answers 200 while the history does"},
		counted:     {says: "/metrics is for Prometheus"},
		tokenAsked:  {says: "401: the token is missing or wrong"},
		foreign:     {says: "403 and 421: foreign pages and host names are kept out"},
		oneServer:   {says: "One server at a time uses the folder"},
		inHistory:   {says: "A run is in the history before its upload is answered"},
		whole:       {says: "After kill -9 finished runs are there, outputs and images whole"},
		interrupted: {says: "The run that was under way is marked interrupted, or done"},
		goesOn:      {says: "Those that waited go on"},
		queueLimit:  {says: "503: the queue is full at 200 runs"},
		roomMade:    {says: "507: the disk is full; runs can be removed then, and it goes on"},
		answersKept: {says: "Answers are kept with the images"},
		taken:       {says: "A history that is lost or damaged is taken up again from the folders"},
	}}
}

// check notes that a promise was kept or broken, and says how in the latter case.
func (p *promises) check(name string, ok bool, format string, args ...any) {
	p.mu.Lock()
	defer p.mu.Unlock()
	of := p.all[name]
	if ok {
		of.kept++
		return
	}
	of.broken++
	text := fmt.Sprintf(format, args...)
	fmt.Fprintf(p.log, "BROKEN %s: %s\n", name, text)
	if of.example == "" {
		of.example = text
	}
}

// order is that of docs/serve.md.
var order = []string{
	oneByOne, cancelled, again, named, stays, answersKept, copied, refused, watched, clientGone, sameVerdict, signed, told, statuses, errorsJSON,
	queueLimit, roomMade, healthy, counted, tokenAsked, foreign, oneServer, inHistory, whole, interrupted, goesOn, taken,
}

// print lists the promises and returns how many were broken or never tried; what was
// skipped does not count.
func (p *promises) print(w io.Writer, skipped map[string]string) (bad int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	fmt.Fprintf(w, "\n%8s %7s  promise\n", "kept", "broken")
	for _, name := range order {
		of := p.all[name]
		fmt.Fprintf(w, "%8d %7d  %s", of.kept, of.broken, of.says)
		switch {
		case of.broken > 0:
			bad++
			fmt.Fprintf(w, "  BROKEN: %s", of.example)
		case of.kept == 0 && skipped[name] != "":
			fmt.Fprintf(w, "  skipped: %s", skipped[name])
		case of.kept == 0:
			bad++
			fmt.Fprint(w, "  NEVER TRIED")
		}
		fmt.Fprintln(w)
	}
	return bad
}
