package serve

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"codegraph/internal/atomicfile"
	"codegraph/internal/serve/intake"
	"codegraph/internal/serve/store"
)

// route is one entry of the interface; openapi.json describes each.
type route struct {
	pattern string // of http.ServeMux, with the method
	handle  http.HandlerFunc
	open    bool // needs no token
}

func (s *Server) routes() []route {
	return []route{
		{"GET /{$}", s.index, false},
		{"GET /app.js", asset("app.js", "text/javascript; charset=utf-8"), true},
		{"GET /app.css", asset("app.css", "text/css; charset=utf-8"), true},
		{"GET /login", s.loginPage, true},
		{"POST /login", s.login, true},
		{"GET /healthz", s.health, true},
		{"GET /metrics", s.metrics.handler().ServeHTTP, false},
		{"GET /api/openapi.json", s.description, false},
		{"GET /api/server", s.about, false},
		{"GET /api/events", s.events, false},
		{"GET /api/runs", s.listRuns, false},
		{"POST /api/runs", s.postRun, false},
		{"POST /api/scores", s.postScores, false},
		{"GET /api/runs/{run}", s.getRun, false},
		{"PATCH /api/runs/{run}", s.patchRun, false},
		{"DELETE /api/runs/{run}", s.deleteRun, false},
		{"POST /api/runs/{run}/cancel", s.cancelRun, false},
		{"POST /api/runs/{run}/again", s.runAgain, false},
		{"GET /api/runs/{run}/scores", s.getScores, false},
		{"GET /api/runs/{run}/results", s.getResults, false},
		{"GET /api/runs/{run}/answers", s.getAnswers, false},
		{"POST /api/runs/{run}/answers", s.postAnswer, false},
		{"DELETE /api/runs/{run}/answers/last", s.undoAnswer, false},
		{"POST /api/runs/{run}/answers/again", s.judgeAgain, false},
		{"GET /api/runs/{run}/answers.json", s.exportAnswers, false},
		{"GET /api/runs/{run}/report.zip", s.getZip, false},
		{"GET /api/compare", s.compare, false},
		{"GET /api/drift", s.getDrift, false},
		{"GET /api/thumbnails/{input}/{name...}", s.thumbnail, false},
		{"GET /files/runs/{run}/{name...}", s.outputFile, false},
		{"GET /files/inputs/{input}/{name...}", s.inputFile, false},
	}
}

// Handler is the whole interface with its guards.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		handle := r.handle
		if !r.open {
			handle = s.requireToken(handle)
		}
		mux.HandleFunc(r.pattern, handle)
	}
	return s.observed(s.guarded(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if h, pattern := mux.Handler(r); pattern == "" { // no route, or not with this method
			var is statusOnly
			h.ServeHTTP(&is, r)
			for name := range is.Header() {
				w.Header()[name] = is.Header()[name]
			}
			s.answer(w, is.code, failure{Error: strings.ToLower(http.StatusText(is.code))})
			return
		}
		mux.ServeHTTP(w, r)
	})))
}

// statusOnly keeps of an answer its headers and status.
type statusOnly struct {
	header http.Header
	code   int
}

// Header is empty at first.
func (s *statusOnly) Header() http.Header {
	if s.header == nil {
		s.header = http.Header{}
	}
	return s.header
}

// WriteHeader notes the status.
func (s *statusOnly) WriteHeader(code int) { s.code = code }

// Write drops the text.
func (s *statusOnly) Write(p []byte) (int, error) { return len(p), nil }

// observed logs and counts requests and keeps panics from the connection.
func (s *Server) observed(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		start := time.Now()
		rec := &recorder{ResponseWriter: w}
		defer func() {
			if p := recover(); p != nil && p != http.ErrAbortHandler {
				s.log.Error("panic", "path", r.URL.Path, "panic", p, "stack", string(debug.Stack()))
				if rec.code == 0 {
					s.fail(rec, r, &statusError{http.StatusInternalServerError, errors.New("an error in the program")})
				}
			}
			code := cmp.Or(rec.code, http.StatusOK)
			s.metrics.answered(cmp.Or(r.Pattern, "none"), code, time.Since(start))
			s.log.Info("request", "method", r.Method, "path", r.URL.Path, "status", code, "seconds", time.Since(start).Seconds(), "from", r.RemoteAddr)
		}()
		next.ServeHTTP(rec, r)
	})
}

// recorder notes the status of an answer.
type recorder struct {
	http.ResponseWriter
	code int
}

func (r *recorder) WriteHeader(code int) {
	if r.code == 0 {
		r.code = code
	}
	r.ResponseWriter.WriteHeader(code)
}

func (r *recorder) Write(p []byte) (int, error) {
	r.code = cmp.Or(r.code, http.StatusOK)
	return r.ResponseWriter.Write(p)
}

// Unwrap is for http.ResponseController.
func (r *recorder) Unwrap() http.ResponseWriter { return r.ResponseWriter }

// statusError is an error with the status of its answer.
type statusError struct {
	status int
	err    error
}

func (e *statusError) Error() string { return e.err.Error() }
func (e *statusError) Unwrap() error { return e.err }

func statusOf(err error) int {
	var status *statusError
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &status):
		return status.status
	case errors.Is(err, store.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, store.ErrQueueFull):
		return http.StatusServiceUnavailable
	case errors.Is(err, os.ErrDeadlineExceeded):
		return http.StatusRequestTimeout // the client stalled
	case errors.Is(err, store.ErrBusy):
		return http.StatusConflict
	case errors.Is(err, intake.ErrTooMuch), errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, intake.ErrArchive):
		return http.StatusUnprocessableEntity
	case errors.Is(err, errRequest):
		return http.StatusBadRequest
	case errors.Is(err, atomicfile.ErrDiskFull), atomicfile.IsDiskFull(err):
		return http.StatusInsufficientStorage
	}
	return http.StatusInternalServerError
}

// failure is the answer to what went wrong.
type failure struct {
	Error   string           `json:"error"`
	Refused []intake.Refused `json:"refused,omitempty"` // of an upload
}

func (s *Server) fail(w http.ResponseWriter, r *http.Request, err error) {
	status := statusOf(err)
	answer := failure{Error: err.Error()}
	if r.Context().Err() != nil && errors.Is(err, context.Canceled) {
		return // the client went away
	}
	if status == http.StatusInternalServerError {
		s.log.Error("request failed", "method", r.Method, "path", r.URL.Path, "error", err)
		// Such errors may name what is none of the client's business.
		answer.Error = "an error on the server: its log says more"
	}
	if few, ok := errors.AsType[*tooFewError](err); ok {
		answer.Refused = few.refused
	}
	if status == http.StatusServiceUnavailable {
		w.Header().Set("Retry-After", "10")
	}
	s.answer(w, status, answer)
}

// answer sends v as JSON.
func (s *Server) answer(w http.ResponseWriter, status int, v any) {
	data, err := json.Marshal(v)
	if err != nil {
		s.log.Error("encode an answer", "error", err)
		status, data = http.StatusInternalServerError, []byte(`{"error":"an error on the server: its log says more"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	w.Write(append(data, '\n'))
}
