package serve

import (
	"context"
	"errors"
	"fmt"
	"image"
	"runtime/debug"
	"sync"
	"time"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/answer"
	"codegraph/internal/serve/store"
	"codegraph/report"
)

var errCancelled = errors.New("cancelled")

// worker runs what is queued, one run at a time.
type worker struct {
	*Server
	wake chan struct{} // something may be in the queue

	mu      sync.Mutex
	current string // the run under way; "": none
	cancel  context.CancelCauseFunc
}

func newWorker(s *Server) *worker { return &worker{Server: s, wake: make(chan struct{}, 1)} }

// wakeUp says that something may be in the queue.
func (w *worker) wakeUp() {
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// work runs until ctx is done.
func (w *worker) work(ctx context.Context) error {
	defer w.open.close()
	for ctx.Err() == nil {
		w.settleDue(ctx)
		r, runCtx, ok, err := w.next(ctx)
		if err != nil {
			w.trouble(ctx, "take a run from the queue", err)
			continue
		}
		if !ok {
			select {
			case <-ctx.Done():
			case <-w.wake:
			}
			continue
		}
		w.run(ctx, runCtx, r)
	}
	return nil
}

// retryTime is the time until the history is tried again, on a full disk for example.
const retryTime = 3 * time.Second

// trouble reports an error of the history and waits until it is worth another try.
func (w *worker) trouble(ctx context.Context, what string, err error) {
	if ctx.Err() != nil {
		return
	}
	w.log.Error(what, "error", err, "again in", retryTime)
	select {
	case <-ctx.Done():
	case <-time.After(retryTime):
	}
}

// next takes the first run of the queue. From here on it can be cancelled.
func (w *worker) next(ctx context.Context) (r store.Run, runCtx context.Context, ok bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	r, ok, err = w.store.Start(ctx)
	if err != nil || !ok {
		return r, nil, false, err
	}
	runCtx, w.cancel = context.WithCancelCause(ctx)
	w.current = r.ID
	return r, runCtx, true, nil
}

// run works on one run and notes how it ended, as often as it takes: the server
// goes on answering on a full disk, and room can be made.
func (w *worker) run(ctx, runCtx context.Context, r store.Run) {
	w.log.Info("run started", "run", r.ID, "images", r.Images)
	w.hub.run(r)
	start := time.Now()
	doc, err := w.score(runCtx, r)
	outcome := w.outcome(ctx, runCtx, doc, err)
	w.mu.Lock()
	w.cancel(nil)
	w.current, w.cancel = "", nil
	w.mu.Unlock()
	// Also when the server is ending.
	noted := context.WithoutCancel(ctx)
	for {
		if err = w.store.End(noted, r.ID, outcome); err == nil || errors.Is(err, store.ErrNotFound) { // it is noted, or was before
			if r, err = w.store.Run(noted, r.ID); err == nil && r.Status.Over() {
				break
			}
		}
		if errors.Is(err, store.ErrNotFound) || ctx.Err() != nil {
			w.log.Error("note the end of a run", "run", r.ID, "error", err)
			return // the next start settles it
		}
		w.trouble(ctx, "note the end of a run", err)
	}
	w.metrics.ended(r, time.Since(start))
	w.log.Info("run ended", "run", r.ID, "status", r.Status, "images", r.Images, "seconds", time.Since(start).Seconds(), "error", r.Error)
	w.hub.run(r)
	w.tellHook(noted)
}

func (w *worker) outcome(ctx, runCtx context.Context, doc *report.Document, err error) store.Outcome {
	switch {
	case err == nil:
		return store.Finished(doc)
	case errors.Is(context.Cause(runCtx), errCancelled):
		return store.Outcome{Status: store.Cancelled}
	case ctx.Err() != nil:
		return store.Outcome{Status: store.Interrupted, Error: "the server was stopped during the run"}
	}
	return store.Outcome{Status: store.Failed, Error: err.Error()}
}

// score is the work of a run.
func (w *worker) score(ctx context.Context, r store.Run) (doc *report.Document, err error) {
	defer func() {
		if p := recover(); p != nil {
			w.log.Error("panic", "run", r.ID, "panic", p, "stack", string(debug.Stack()))
			err = fmt.Errorf("an error in the program: %v", p)
		}
	}()
	opts, err := parseOptions(r.Options)
	if err != nil {
		return nil, fmt.Errorf("options of the run: %w", err)
	}
	steps, err := w.store.Steps(ctx, r.Input)
	if err != nil {
		return nil, err
	}
	opts.Answers = answer.After(steps)
	in, err := w.store.InputDir(r.Input)
	if err != nil {
		return nil, err
	}
	out, err := w.store.OutputDir(r.ID)
	if err != nil {
		return nil, err
	}
	images, problems, err := imageset.WalkInside(ctx, in)
	if err != nil {
		return nil, err
	}
	progress := func(phase codegraph.Phase, done, total int) { w.hub.progress(r.ID, phase, done, total) }
	var previews report.Previews
	if report.OverlayMode(opts.Overlays) != report.OverlaysNone {
		previews.Keep = w.cfg.Keep
	}
	opts.Seen = previews.Add
	w.open.close() // before another scan takes its memory
	res, session, err := w.cfg.Engine.Open(ctx, images, opts, progress)
	if err != nil {
		return nil, err
	}
	scan := &scanned{run: r.ID, session: session, problems: problems, opts: opts}
	doc, err = w.write(ctx, r, out, scan.with(res), &previews, opts, progress)
	if err != nil {
		return nil, errors.Join(err, scan.close())
	}
	w.open.keep(scan)
	return doc, nil
}

// write writes the output of a run; previews are nil where the images are read again.
func (w *worker) write(ctx context.Context, r store.Run, out string, res *codegraph.Result, previews *report.Previews, opts Options, progress codegraph.Progress) (*report.Document, error) {
	return report.Write(ctx, out, res, report.Options{
		Version: w.cfg.Version, Load: w.load, Previews: previews, Page: true, MinArea: opts.MinArea,
		Scale: report.ScaleMode(opts.Scale), Overlays: report.OverlayMode(opts.Overlays), Progress: progress,
		Title: r.Name, Folder: r.Source, Created: r.Created,
	})
}

// load reads an image again for its overlay.
func (s *Server) load(ctx context.Context, item imageset.Item) (image.Image, error) {
	p, err := imageset.Load(ctx, item, imageset.Limits{MaxPixels: s.cfg.Limits.Pixels})
	if err != nil {
		return nil, err
	}
	return p.Image, nil
}

// stop ends a run, whether it waits or is under way.
func (w *worker) stop(ctx context.Context, id string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if _, err := w.store.Run(ctx, id); err != nil {
		return err
	}
	if w.current == id {
		w.cancel(errCancelled)
		return nil
	}
	ok, err := w.store.Withdraw(ctx, id)
	if err != nil || !ok {
		return err // one that is over stays as it is
	}
	r, err := w.store.Run(ctx, id)
	if err == nil {
		w.metrics.ended(r, 0)
		w.hub.run(r)
		w.tellHook(ctx)
	}
	return err
}
