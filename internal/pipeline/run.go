package pipeline

import (
	"context"
	"errors"

	"codegraph/imageset"
	"codegraph/internal/imagescore"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/pose"
	"codegraph/internal/token"
)

// Request says what is run beside the options, which hold for all runs of a
// scan.
type Request struct {
	Items   []Item    // scored items and references
	Decided Decisions // about families of this run
	// Template asks for what later images are rotated by, Keep for tokens and
	// tables that stay in memory, Masked for the distances without the removed
	// patches even where these take a table on disk.
	Template, Keep, Masked bool
	// Queries is how many images will be compared with the batch afterwards, at
	// a time: the plan makes room for them.
	Queries int

	inputs   int64 // bytes of what is kept of the items until they are embedded
	decoding int64 // bytes that decoding takes at a time
}

// Run is what the stages made of a batch whose images are compared with each
// other. It holds the tokens and the tables until Close.
type Run struct {
	Options   option.Options
	Items     []Item
	Alignment *Alignment
	Template  *pose.Template // nil: not asked for, or the parts are compared as they lie
	Plan      MemoryPlan
	Batch     *Batch
	Distances *Distances
	Families  *Families          // nil: none were looked for
	Filtered  *Filtered          // nil: as Families
	Pattern   imagescore.Pattern // what the images typically score at each patch, as compared
	Images    []ItemImage        // of Batch.Images
	Notes     []string
	Timing    Timing
	keep      bool // for intermediates
}

// Start runs all stages on a batch. o is complete.
func Start(ctx context.Context, q Request, o option.Options) (_ *Run, err error) {
	r := &Run{Options: o, Items: q.Items, keep: q.Keep}
	c := NewCache(o)
	var p *poses
	if r.Timing, err = r.Timing.Time(option.PhaseAlign, func() (err error) {
		p, err = align(ctx, q.Items, q.Template, c, o)
		return err
	}); err != nil {
		return nil, err
	}
	r.Alignment, r.Template = p.alignment, p.template
	defer func() {
		if err != nil {
			r.Close()
		}
	}()
	if r.Timing, err = r.Timing.Time(option.PhaseEmbed, func() (err error) {
		r.Batch, r.Plan, err = embedPlanned(ctx, q, p, c, o)
		return err
	}); err != nil {
		return nil, err
	}
	pool := mutual.NewPool(len(r.Batch.Images), r.Batch.Tokens.P(), r.Plan.Spilled, o.SpillDir)
	defer pool.Close()
	if r.Timing, err = r.Timing.Time(option.PhaseCompare, func() (err error) {
		r.Distances, err = compare(ctx, r.Batch, pool, c, r.Plan.Block, o)
		return err
	}); err != nil {
		return nil, err
	}
	if err := r.filterFamilies(ctx, q, pool); err != nil {
		return nil, err
	}
	r.note(c.note(), copiesNote(r.Batch), r.Families.near())
	return r, r.score(ctx)
}

// note adds remarks on the run as a whole; "" are none.
func (r *Run) note(notes ...string) {
	for _, n := range notes {
		if n != "" {
			r.Notes = append(r.Notes, n)
		}
	}
}

// score makes the images of the final scores.
func (r *Run) score(ctx context.Context) (err error) {
	r.Pattern = imagescore.NewPattern(r.final())
	if r.Images, err = scoreImages(ctx, r.Batch, r.final(), r.Distances.MuSc, r.Pattern, r.Options); err == nil {
		err = ctx.Err()
	}
	return err
}

// embedPlanned embeds the items within the memory that there is.
func embedPlanned(ctx context.Context, q Request, p *poses, c *Cache, o option.Options) (*Batch, MemoryPlan, error) {
	var planned MemoryPlan
	q.inputs = p.read.bytes()
	b, err := Embed(ctx, q.Items, Embedding{
		Angles: p.angles, Read: p.read, Cache: c,
		Plan: func(s *token.Store, decoding int64) (err error) {
			q.decoding = decoding
			if planned, err = plan(s, q, o); err != nil {
				return err
			}
			if o.Planned != nil {
				o.Planned(planned.Heap())
			}
			if planned.TokensSpilled {
				return s.Spill(o.SpillDir)
			}
			return nil
		},
		Progress: func(done int) { o.Progress.Report(option.PhaseEmbed, done, len(q.Items)) },
	}, o)
	if err != nil {
		return nil, planned, err
	}
	if err := b.check(q.Items); err != nil {
		if b.Tokens != nil {
			b.Tokens.Close()
		}
		return nil, planned, err
	}
	return b, planned, nil
}

// Resume runs the stages from families on for a batch of which the distances
// are known. It takes over the table. o is complete.
func Resume(ctx context.Context, b *Batch, t *mutual.Table, o option.Options) (*Run, error) {
	k := neighbours(t.N, nil, o.Constants.Neighbours)
	r := &Run{Options: o, Batch: b, Distances: &Distances{Table: t, MuSc: t.Scores(k, o.Threads), K: k}}
	maskInvalid(&t.Rows, r.Distances.MuSc, b.valid())
	pool := mutual.NewPool(t.N, t.P, false, "")
	defer pool.Close()
	return r, r.filterFamilies(ctx, Request{Masked: true}, pool)
}

// filterFamilies looks for families and filters, by the method.
func (r *Run) filterFamilies(ctx context.Context, q Request, pool *mutual.Pool) (err error) {
	if r.Options.Method == option.MethodMuSc {
		return nil
	}
	if reason := noFamilies(r.Distances); reason != "" {
		r.Notes = append(r.Notes, reason)
		return nil
	}
	if r.Timing, err = r.Timing.Time(option.PhaseGraph, func() (err error) {
		r.Families, err = findFamilies(ctx, r.Batch, r.Distances, pool, r.Plan, q.Decided, r.Options)
		return err
	}); err != nil {
		return err
	}
	r.Timing, err = r.Timing.Time(option.PhaseFilter, func() (err error) {
		r.Filtered, err = filter(ctx, q, r.Batch, r.Distances, r.Families, pool, r.Plan, r.Options)
		return err
	})
	return err
}

// final are the final scores, [N][P].
func (r *Run) final() [][]float32 {
	if r.Filtered == nil {
		return r.Distances.MuSc
	}
	return r.Filtered.Final
}

// CloseMasked releases the distances without the removed patches.
func (r *Run) CloseMasked() error {
	if r.Filtered == nil || r.Filtered.Masked == nil {
		return nil
	}
	masked := r.Filtered.Masked
	r.Filtered.Masked = nil
	return masked.Close()
}

// Close releases the tokens and tables.
func (r *Run) Close() error {
	errs := []error{r.CloseMasked()}
	if r.Distances != nil {
		errs = append(errs, r.Distances.Table.Close())
	}
	if r.Batch != nil {
		errs = append(errs, r.Batch.Tokens.Close())
	}
	return errors.Join(errs...)
}

// Outcome is what the run found out, by items.
func (r *Run) Outcome() Outcome {
	out := Outcome{
		Options: r.Options, Items: r.Items, Alignment: r.Alignment, GridH: r.Batch.Tokens.H, GridW: r.Batch.Tokens.W,
		Images: withCopies(r.Images, r.Batch.Copies), Groups: groupsWithCopies(groupsOf(r.Batch, r.Families), r.Batch.Copies), Skipped: r.Batch.Skipped,
		Notes: r.Notes, Timing: r.Timing, Plan: r.Plan,
	}
	return out
}

// intermediates are what the algorithm worked with; nil if it did not, or if
// they were not to be kept.
func (r *Run) intermediates() *Intermediates {
	if r.Families == nil || !r.keep {
		return nil
	}
	return &Intermediates{
		Table: r.Distances.Table, Tokens: r.Batch.Tokens, Before: r.Families.Scores, After: r.Filtered.Scores,
		MuSc: r.Distances.MuSc, Final: r.Filtered.Final, Valid: r.Batch.matched(),
		Links: r.Families.Graph.Links, Finding: r.Families.Finding,
	}
}

// Detect scores the images of a batch, all compared with all. o is complete.
func Detect(ctx context.Context, images imageset.Set, o option.Options) (*Result, error) {
	q := Request{Items: NewItems(images, o.References), Decided: DecisionsOf(o), Keep: o.KeepIntermediates}
	run, err := Start(ctx, q, o)
	if err != nil {
		return nil, err
	}
	if !q.Keep {
		defer run.Close()
	}
	return Project(ctx, run.Outcome(), run)
}
