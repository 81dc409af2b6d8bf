package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/answer"
	"codegraph/internal/serve/store"
	"codegraph/report"
)

// scanned is a run whose scan is open, or could not be.
type scanned struct {
	run      string
	session  Session // nil: none
	problems []imageset.Problem
	opts     Options
}

// with is a result with what was wrong with the folder.
func (c *scanned) with(res *codegraph.Result) *codegraph.Result {
	missing, remarks := imageset.Split(c.problems)
	res.Skipped = slices.Concat(missing, res.Skipped)
	res.Notes = slices.Concat(res.Notes, remarks)
	return res
}

func (c *scanned) close() error {
	if c.session == nil {
		return nil
	}
	return c.session.Close()
}

// openScan keeps the last scan open: answers about it are judged at once.
type openScan struct {
	mu   sync.Mutex
	scan *scanned
	due  map[string]time.Time // runs whose output waits to be written with answers
	now  string               // the run whose output is being written so
	// failed are the last tries to judge answers of each run that came to nothing.
	failed map[string]unjudged
}

// unjudged are answers that could not be judged, and why.
type unjudged struct {
	said   *codegraph.Answers
	reason string
}

// fail notes that a run could not be judged by these answers; a nil err, that it was.
func (o *openScan) fail(run string, said *codegraph.Answers, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	delete(o.failed, run)
	if err == nil {
		return
	}
	if o.failed == nil {
		o.failed = map[string]unjudged{}
	}
	o.failed[run] = unjudged{said, err.Error()}
}

// failure says why a run could not be judged by these answers; "": nobody tried, or it
// could.
func (o *openScan) failure(run string, said *codegraph.Answers) string {
	o.mu.Lock()
	defer o.mu.Unlock()
	if f, ok := o.failed[run]; ok && f.said.Same(said) {
		return f.reason
	}
	return ""
}

func (o *openScan) keep(c *scanned) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.scan = c
}

func (o *openScan) close() {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.scan != nil {
		o.scan.close()
		o.scan = nil
	}
}

// judge judges a run's images by answers; ok is false if the run is not open.
func (o *openScan) judge(ctx context.Context, run string, said *codegraph.Answers) (res *codegraph.Result, c *scanned, ok bool, err error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("an error in the program: %v", p)
		}
	}()
	if o.scan == nil || o.scan.run != run || o.scan.session == nil || !o.scan.opts.Answers.SameRegion(said) {
		return nil, nil, false, nil
	}
	res, err = o.scan.session.Judge(ctx, said)
	if err != nil {
		return nil, nil, true, err
	}
	return o.scan.with(res), o.scan, true, nil
}

// settleTime is how long after the last answer the files of a run are written anew.
// Tests wait less.
var settleTime = time.Second

// later says that the output of a run has to be written, for something new was said or
// nobody has seen to it.
func (o *openScan) later(run string, fresh bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if _, waits := o.due[run]; !fresh && (waits || o.now == run) {
		return
	}
	if o.due == nil {
		o.due = map[string]time.Time{}
	}
	o.due[run] = time.Now().Add(settleTime)
}

// take takes a run whose time has come.
func (o *openScan) take() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	for run, at := range o.due {
		if !time.Now().Before(at) {
			delete(o.due, run)
			o.now = run
			return run
		}
	}
	o.now = ""
	return ""
}

// judgement is a run as answers make it.
type judgement struct {
	doc     *report.Document
	said    *codegraph.Answers
	steps   []answer.Step
	res     *codegraph.Result // nil where the scan is not open
	pending bool              // answers about families or a region wait for a scan
	failed  string            // why answers could not be judged: doc is as before them
}

// judge judges a run by what has been said. doc is what its output says.
func (s *Server) judge(ctx context.Context, run store.Run, doc *report.Document) (*judgement, error) {
	steps, err := s.store.Steps(ctx, run.Input)
	if err != nil {
		return nil, err
	}
	j := &judgement{said: answer.After(steps), steps: steps}
	if doc.Answers.Same(j.said) {
		j.doc = doc // the output says it all
	}
	if j.failed = s.open.failure(run.ID, j.said); j.failed != "" {
		j.doc, err = doc.Judged(j.said)
		return j, err
	}
	res, _, open, err := s.open.judge(ctx, run.ID, j.said)
	if err != nil {
		if ctx.Err() == nil {
			s.open.fail(run.ID, j.said, err)
			s.log.Error("judge a run again", "run", run.ID, "error", err)
			return s.judge(ctx, run, doc)
		}
		return nil, err
	}
	if open {
		j.res = res
		if j.doc == nil {
			j.doc, err = s.describe(res, doc)
		}
		return j, err
	}
	if j.doc == nil {
		j.pending = doc.NeedsScan(j.said)
		j.doc, err = doc.Judged(j.said)
	}
	return j, err
}

// describe is the document of a result, with the files of the output as it is.
func (s *Server) describe(res *codegraph.Result, written *report.Document) (*report.Document, error) {
	doc, err := report.Describe(res, s.cfg.Version)
	if err != nil {
		return nil, err
	}
	if len(doc.Images) != len(written.Images) {
		return nil, errors.New("the scan has other images than its output")
	}
	for i := range doc.Images {
		to, from := &doc.Images[i], &written.Images[i]
		to.Grid, to.MuScGrid, to.Map, to.Overlay, to.Mask, to.Regions, to.Warnings = from.Grid, from.MuScGrid, from.Map, from.Overlay, from.Mask, from.Regions, from.Warnings
	}
	return doc, nil
}

// pageJudgement is what the page of a run takes: web/src/answers.ts reads it.
type pageJudgement struct {
	Steps    []answer.Step   `json:"steps"`
	Images   []judgedImage   `json:"images"` // in the order of results.json
	Families []judgedFamily  `json:"families"`
	Limits   report.Limits   `json:"limits"`
	Notes    []string        `json:"notes"`
	Colours  *report.Colours `json:"colours"` // that maps stand for
	Maps     [][]byte        `json:"maps"`    // of all images; null: as in the output
	Pending  bool            `json:"pending"`
	// Failed says why answers could not be judged: all else is as before them.
	Failed string `json:"failed"`
	Reason string `json:"verdict_note"`
}

type judgedImage struct {
	Score    float64  `json:"score"`
	Rank     int      `json:"rank"`
	Verdict  *string  `json:"verdict"`
	P        *float64 `json:"p"`
	Q        *float64 `json:"q"`
	Severity *float64 `json:"severity"`
}

type judgedFamily struct {
	ID      string `json:"id"`
	Status  string `json:"status"`
	Removed int    `json:"removed"`
}

func (j *judgement) page() *pageJudgement {
	out := &pageJudgement{Steps: append([]answer.Step{}, j.steps...), Images: []judgedImage{}, Families: []judgedFamily{}, Limits: j.doc.Limits, Notes: report.OnPage(j.doc.Notes), Pending: j.pending, Failed: j.failed, Reason: report.OnPage([]string{j.doc.VerdictNote})[0]}
	for _, im := range j.doc.Images {
		out.Images = append(out.Images, judgedImage{im.Score, im.Rank, (*string)(im.Verdict), im.PValue, im.QValue, im.Severity})
	}
	for _, f := range j.doc.Families {
		out.Families = append(out.Families, judgedFamily{f.ID, f.Status, f.PatchesRemoved})
	}
	if j.res != nil {
		colours, levels := report.Levels(j.res)
		out.Colours, out.Maps = &colours, levels
	}
	return out
}

// getAnswers answers with what was said of a run and what it makes of it.
func (s *Server) getAnswers(w http.ResponseWriter, r *http.Request) { s.answers(w, r, nil) }

// postAnswer adds an answer and judges at once.
func (s *Server) postAnswer(w http.ResponseWriter, r *http.Request) {
	var step answer.Step
	if err := decode(w, r, &step); err != nil {
		s.fail(w, r, err)
		return
	}
	step.Time = time.Now().UTC().Truncate(time.Second)
	s.answers(w, r, func(ctx context.Context, run store.Run, doc *report.Document) error {
		if err := step.Check(); err != nil {
			return fmt.Errorf("%w: %w", errRequest, err)
		}
		if err := known(doc, step.AboutImages()); err != nil {
			return err
		}
		if step.Region != nil {
			if o, err := parseOptions(run.Options); err == nil && o.Snapshot != "" {
				return fmt.Errorf("%w: the region is that of the saved scan %q: scan anew with another, and save that", errRequest, o.Snapshot)
			}
		}
		return s.store.Say(ctx, run.Input, step)
	})
}

// known refuses answers about images that the batch does not have.
func known(doc *report.Document, said []answer.Image) error {
	names := make(map[string]bool, len(doc.Images))
	for i := range doc.Images {
		names[doc.Images[i].Name] = true
	}
	for _, im := range said {
		if !names[im.Name] {
			return fmt.Errorf("image %q: %w", im.Name, store.ErrNotFound)
		}
	}
	return nil
}

// judgeAgain tries once more what could not be judged.
func (s *Server) judgeAgain(w http.ResponseWriter, r *http.Request) {
	s.answers(w, r, func(_ context.Context, run store.Run, _ *report.Document) error {
		s.open.fail(run.ID, nil, nil)
		return nil
	})
}

// undoAnswer takes the last answer back.
func (s *Server) undoAnswer(w http.ResponseWriter, r *http.Request) {
	s.answers(w, r, func(ctx context.Context, run store.Run, _ *report.Document) error {
		return s.store.Unsay(ctx, run.Input)
	})
}

// answers changes what was said, unless change is nil, and answers with what that
// makes of the run.
func (s *Server) answers(w http.ResponseWriter, r *http.Request, change func(context.Context, store.Run, *report.Document) error) {
	run, ok := s.named(w, r)
	if !ok {
		return
	}
	doc, err := s.document(r.Context(), run)
	if err == nil && change != nil {
		err = change(r.Context(), run, doc)
	}
	var j *judgement
	if err == nil {
		j, err = s.judge(r.Context(), run, doc)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	if !doc.Answers.Same(j.said) && j.failed == "" {
		s.writeLater(run.ID, change != nil)
	}
	s.answer(w, http.StatusOK, j.page())
}

// writeLater has the output of a run written anew after a while without answers.
func (s *Server) writeLater(run string, fresh bool) {
	s.open.later(run, fresh)
	time.AfterFunc(settleTime+10*time.Millisecond, s.worker.wakeUp)
}

// exportAnswers sends the file of answers.
func (s *Server) exportAnswers(w http.ResponseWriter, r *http.Request) {
	run, ok := s.named(w, r)
	if !ok {
		return
	}
	steps, err := s.store.Steps(r.Context(), run.Input)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	said := answer.After(steps)
	said.Version = s.cfg.Version
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Content-Disposition", `attachment; filename="answers.json"`)
	if err := said.Encode(w); err != nil {
		s.log.Warn("answers were not sent whole", "run", run.ID, "error", err)
	}
}

// getZip sends a run with its photographs as an archive.
func (s *Server) getZip(w http.ResponseWriter, r *http.Request) {
	run, ok := s.named(w, r)
	if !ok {
		return
	}
	_, err := s.document(r.Context(), run)
	var out, in string
	if err == nil {
		out, err = s.store.OutputDir(run.ID)
	}
	if err == nil {
		in, err = s.store.InputDir(run.Input)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "application/zip")
	w.Header().Set("Content-Disposition", `attachment; filename="report-`+run.ID+`.zip"`)
	http.NewResponseController(w).SetWriteDeadline(time.Now().Add(sendTime))
	err = report.Zip(r.Context(), w, out, func(im *report.Image) (io.ReadCloser, error) { return open(in, filepath.ToSlash(im.Name)) })
	if err != nil {
		s.log.Warn("a report was not sent whole", "run", run.ID, "error", err)
		panic(http.ErrAbortHandler) // the client must not take half an archive for a whole one
	}
}

// settleDue writes the outputs of runs that were answered about.
func (w *worker) settleDue(ctx context.Context) {
	for id := w.open.take(); id != "" && ctx.Err() == nil; id = w.open.take() {
		said, err := w.settle(ctx, id)
		if errors.Is(err, store.ErrNotFound) || ctx.Err() != nil {
			continue
		}
		if w.open.fail(id, said, err); err != nil {
			w.log.Error("judge a run again", "run", id, "error", err)
		}
		w.hub.judged(id)
	}
}

// settle writes the output of a run as answers make it: by its open scan, or by
// another scan where answers need one, or else the verdicts alone. What was there
// stays as it is if that fails.
func (w *worker) settle(ctx context.Context, id string) (said *codegraph.Answers, err error) {
	r, err := w.store.Run(ctx, id)
	if err != nil {
		return said, err
	}
	doc, err := w.document(ctx, r)
	if err != nil {
		return said, err
	}
	steps, err := w.store.Steps(ctx, r.Input)
	if err != nil {
		return said, err
	}
	said = answer.After(steps)
	said.Version = w.cfg.Version
	out, err := w.store.OutputDir(id)
	if err != nil {
		return said, err
	}
	start := time.Now()
	res, scan, open, err := w.open.judge(ctx, id, said)
	switch {
	case err != nil:
	case open:
		doc, err = w.write(ctx, r, out, res, nil, scan.opts, nil)
	case !doc.NeedsScan(said):
		doc, err = report.Rejudge(out, said)
	default:
		doc, err = w.score(ctx, r)
	}
	if err != nil {
		return said, err
	}
	w.log.Info("judged again", "run", id, "answers", len(steps), "seconds", time.Since(start).Seconds())
	if err := w.store.Judged(ctx, id, doc.Verdicts); err != nil {
		return said, err
	}
	if r, err = w.store.Run(ctx, id); err == nil {
		w.hub.run(r)
		w.tellHook(ctx)
	}
	return said, err
}
