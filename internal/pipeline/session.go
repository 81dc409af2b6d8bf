package pipeline

import (
	"context"
	"errors"
	"slices"
	"sync"

	"codegraph/imageset"
	"codegraph/internal/answer"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
)

// Session is a batch that stays open after it was scored, so that what a person
// says of it is judged at once: nothing is embedded or compared again but with the
// images of families whose status changes. It holds the tokens and one table of
// distances.
type Session struct {
	mu       sync.Mutex
	run      *Run
	decided  Decisions
	evidence *Evidence
}

// Open scores a batch, all compared with all, and keeps it open. o is complete.
func Open(ctx context.Context, images imageset.Set, o option.Options) (*Result, *Session, error) {
	q := Request{Items: NewItems(images, o.References), Decided: DecisionsOf(o)}
	run, err := Start(ctx, q, o)
	if err != nil {
		return nil, nil, err
	}
	s := &Session{run: run, decided: q.Decided}
	if err = run.CloseMasked(); err == nil {
		var res *Result
		if res, err = Project(ctx, run.Outcome(), run); err == nil {
			s.evidence = res.Evidence
			return res, s, nil
		}
	}
	return nil, nil, errors.Join(err, s.Close())
}

// Judge is the result with these answers instead of earlier ones.
func (s *Session) Judge(ctx context.Context, said *answer.Answers) (*Result, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	run := *s.run
	run.Options.Answers, run.Options.Progress = said, nil
	if run.Families != nil {
		families := *run.Families
		families.Status = statuses(run.Batch, families.Finding.Families, s.decided, run.Options)
		if !slices.Equal(families.Status, run.Families.Status) {
			run.Families = &families
			if err := run.refilter(ctx); err != nil {
				return nil, err
			}
		}
	}
	res, err := Project(ctx, run.Outcome(), nil)
	if err != nil {
		return nil, err
	}
	res.Evidence = s.evidence
	return res, nil
}

// refilter filters and scores again.
func (r *Run) refilter(ctx context.Context) (err error) {
	pool := mutual.NewPool(len(r.Batch.Images), r.Batch.Tokens.P(), r.Plan.Spilled, r.Options.SpillDir)
	defer pool.Close()
	if r.Filtered, err = filter(ctx, Request{}, r.Batch, r.Distances, r.Families, pool, r.Plan, r.Options); err != nil {
		return err
	}
	if err := r.CloseMasked(); err != nil {
		return err
	}
	return r.score(ctx)
}

// Close releases what the session holds.
func (s *Session) Close() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.run.Close()
}
