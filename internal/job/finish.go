package job

import (
	"context"
	"errors"
	"io"
	"slices"

	"codegraph/imageset"
	"codegraph/internal/pipeline"
)

// Finish makes the result of a job of which all steps are done. The families
// step is done here if it is not yet.
func (j *Job) Finish(ctx context.Context) (*pipeline.Result, error) {
	if _, err := j.Run(ctx, Families, 0); err != nil {
		return nil, err
	}
	f, err := j.readFamilies(ctx)
	if err != nil {
		return nil, err
	}
	evidence := j.options.Evidence > 0
	b, err := j.assemble(ctx, evidence)
	if err != nil {
		return nil, err
	}
	d, err := j.distances(ctx, b, evidence)
	if err != nil {
		return nil, err
	}
	if d.Table != nil {
		defer d.Table.Close()
	}
	after := f.After
	if !f.settled() {
		if after, err = j.after(ctx); err != nil {
			return nil, err
		}
	}
	run, err := pipeline.Finish(ctx, j.items, b.Batch, j.Alignment, d, f.families(), after, j.options)
	if err != nil {
		return nil, err
	}
	r, err := pipeline.Project(ctx, run.Outcome(), run)
	if err != nil {
		return nil, err
	}
	var missing []imageset.Problem
	for _, p := range j.Missing {
		missing = append(missing, imageset.Problem{Name: p.Name, Err: errors.New(p.Reason)})
	}
	r.Skipped = slices.Concat(missing, r.Skipped)
	r.Notes = append(r.Notes, j.Remarks...)
	return r, nil
}

// after reads the scores a′ of all strips.
func (j *Job) after(ctx context.Context) (after [][]float32, err error) {
	for k := range j.Steps(Mask) {
		var about rows
		err := j.get(ctx, step(Mask, k), &about, func(r io.Reader) error {
			scores, err := readAll(r, about.Count, about.P)
			after = append(after, scores...)
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return after, nil
}

// Finished marks the job as finished: its result was written to out.
func (j *Job) Finished(ctx context.Context, out string) error {
	return j.put(ctx, step(Result, 0), mark{Host: j.host}, struct {
		Out string `json:"out"`
	}{out}, func(io.Writer) error { return nil })
}
