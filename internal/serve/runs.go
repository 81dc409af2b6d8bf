package serve

import (
	"fmt"
	"net/http"
	"strconv"

	"codegraph/internal/option"
	"codegraph/internal/serve/intake"
	"codegraph/internal/serve/store"
	"codegraph/report"
)

// listRuns answers with a page of the history, the latest first.
func (s *Server) listRuns(w http.ResponseWriter, r *http.Request) {
	limit := 50
	if text := r.URL.Query().Get("limit"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil || n < 1 || n > 500 {
			s.fail(w, r, fmt.Errorf("%w: limit is %q; it must be between 1 and 500", errRequest, text))
			return
		}
		limit = n
	}
	runs, err := s.store.Runs(r.Context(), r.URL.Query().Get("before"), limit)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, map[string]any{"runs": runs})
}

// named returns the run of the path, or answers that there is none.
func (s *Server) named(w http.ResponseWriter, r *http.Request) (store.Run, bool) {
	run, err := s.store.Run(r.Context(), r.PathValue("run"))
	if err != nil {
		s.fail(w, r, err)
		return run, false
	}
	return run, true
}

func (s *Server) getRun(w http.ResponseWriter, r *http.Request) {
	if run, ok := s.named(w, r); ok {
		s.answer(w, http.StatusOK, run)
	}
}

// patchRun changes a run's name or note.
func (s *Server) patchRun(w http.ResponseWriter, r *http.Request) {
	var change struct{ Name, Note *string }
	err := decode(w, r, &change)
	for _, text := range []*string{change.Name, change.Note} {
		if err == nil && text != nil && len(*text) > maxText {
			err = fmt.Errorf("%w: a name or note has over %d bytes", errRequest, maxText)
		}
	}
	if err == nil {
		err = s.store.Rename(r.Context(), r.PathValue("run"), change.Name, change.Note)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if run, ok := s.named(w, r); ok {
		s.hub.run(run)
		s.answer(w, http.StatusOK, run)
	}
}

func (s *Server) deleteRun(w http.ResponseWriter, r *http.Request) {
	if err := s.store.Remove(r.Context(), r.PathValue("run")); err != nil {
		s.fail(w, r, err)
		return
	}
	w.WriteHeader(http.StatusNoContent)
}

// cancelRun asks a run to end. It may be over a moment later only.
func (s *Server) cancelRun(w http.ResponseWriter, r *http.Request) {
	if err := s.worker.stop(r.Context(), r.PathValue("run")); err != nil {
		s.fail(w, r, err)
		return
	}
	if run, ok := s.named(w, r); ok {
		s.answer(w, http.StatusAccepted, run)
	}
}

// runAgain queues a run of the images of an earlier one.
func (s *Server) runAgain(w http.ResponseWriter, r *http.Request) {
	var sub submission
	if err := decode(w, r, &sub); err != nil {
		s.fail(w, r, err)
		return
	}
	old, ok := s.named(w, r)
	if !ok {
		return
	}
	if sub.Options == nil {
		sub.Options = old.Options
	}
	err := s.checkSubmission(&sub)
	if err == nil && sub.Folder != "" {
		err = fmt.Errorf("%w: a run again has the images that it had", errRequest)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if sub.Name == "" {
		sub.Name = old.Name
	}
	run, err := s.store.Add(r.Context(), store.Run{
		Input: old.Input, Parent: old.ID, Source: old.Source, Name: sub.Name, Note: sub.Note, Options: sub.Options, Images: old.Images,
	}, "")
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.queued(run)
	w.Header().Set("Location", "/api/runs/"+run.ID)
	s.answer(w, http.StatusAccepted, accepted{run, []intake.Refused{}})
}

// getResults sends the results.json of a run.
func (s *Server) getResults(w http.ResponseWriter, r *http.Request) {
	if run, ok := s.named(w, r); ok {
		r.SetPathValue("name", report.ResultsName)
		r.SetPathValue("run", run.ID)
		s.outputFile(w, r)
	}
}

// choice describes an option that a client may choose; constants of the
// algorithm are in options under "constants".
type choice struct {
	Name     string         `json:"name"`
	Constant bool           `json:"constant"`
	Usage    string         `json:"usage"`
	Default  string         `json:"default"` // in words
	Schema   map[string]any `json:"schema"`
	Fixed    bool           `json:"fixed"` // by a snapshot
}

func servedOptions() []choice {
	out := []choice{}
	for _, o := range option.All() {
		if o.Has(option.Served) {
			constant, name := o.Group == option.Algorithm, o.Key()
			if constant {
				name = o.Name
			}
			out = append(out, choice{name, constant, o.Usage, o.Standard(), o.Schema(), o.Has(option.Fixed)})
		}
	}
	return out
}

// about says what clients may choose from.
func (s *Server) about(w http.ResponseWriter, r *http.Request) {
	networks, err := s.cfg.Engine.Networks()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	snapshots, err := s.cfg.Engine.Snapshots()
	if err != nil {
		s.fail(w, r, err)
		return
	}
	watched := ""
	if s.cfg.Watch != nil {
		watched = s.cfg.Watch.Dir
	}
	limits := s.cfg.Limits.WithDefaults()
	s.answer(w, http.StatusOK, map[string]any{
		"version": s.cfg.Version, "networks": networks, "snapshots": append([]string{}, snapshots...), "options": servedOptions(), "roots": append([]string{}, s.roots...), "watch": watched,
		"limits": map[string]int64{"files": int64(limits.Files), "file_bytes": limits.FileBytes, "total_bytes": limits.TotalBytes, "pixels": limits.Pixels},
	})
}

// health answers as long as the history does.
func (s *Server) health(w http.ResponseWriter, r *http.Request) {
	if _, err := s.store.Waiting(r.Context()); err != nil {
		s.log.Error("health", "error", err)
		s.fail(w, r, &statusError{http.StatusServiceUnavailable, fmt.Errorf("the history does not answer")})
		return
	}
	s.answer(w, http.StatusOK, map[string]string{"status": "ok"})
}
