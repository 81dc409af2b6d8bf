package job

import (
	"context"
	"encoding/gob"
	"io"

	"codegraph/internal/burnout"
	"codegraph/internal/family"
	"codegraph/internal/graph"
	"codegraph/internal/mutual"
	"codegraph/internal/pipeline"
)

// found is what the search for families leaves to the steps after it.
type found struct {
	None      bool // no families were looked for
	N         int
	Scores    [][]float32 // a(x), [N][P]
	After     [][]float32 // a′(x) where nothing is taken out; nil where masking is to follow
	Links     []burnout.Link
	Gamma     float64
	Partition graph.Partition
	Limit     float64
	Finding   *family.Finding
	Status    []pipeline.Status
	Near      string
	graph     *graph.Graph
}

// settled tells that no masking is to follow.
func (f *found) settled() bool { return f.None || f.After != nil }

// families are what was found; nil for none.
func (f *found) families() *pipeline.Families {
	if f.None {
		return nil
	}
	g := &family.Graph{Graph: f.graph, Links: f.Links, Gamma: f.Gamma, Partition: f.Partition, Limit: f.Limit}
	return &pipeline.Families{Scores: f.Scores, Graph: g, Finding: f.Finding, Status: f.Status, Near: f.Near}
}

func (j *Job) families(ctx context.Context, done finished) error {
	b, err := j.assemble(ctx, false)
	if err != nil {
		return err
	}
	d, err := j.distances(ctx, b, true)
	if err != nil {
		return err
	}
	defer d.Table.Close()
	f, err := pipeline.FindFamilies(ctx, b.Batch, d, j.options)
	if err != nil {
		return err
	}
	out := found{None: f == nil, N: len(b.Images)}
	if f != nil {
		out.Scores, out.Finding, out.Status, out.Near = f.Scores, f.Finding, f.Status, f.Near
		out.Links, out.Gamma, out.Partition, out.Limit = f.Graph.Links, f.Graph.Gamma, f.Graph.Partition, f.Graph.Limit
		if len(f.Removed()) == 0 {
			out.After = f.Unfiltered(d, j.options)
		}
	}
	return done(struct{}{}, func(w io.Writer) error { return gob.NewEncoder(w).Encode(&out) })
}

func (j *Job) readFamilies(ctx context.Context) (*found, error) {
	f := new(found)
	err := j.get(ctx, step(Families, 0), nil, func(r io.Reader) error {
		if err := gob.NewDecoder(r).Decode(f); err != nil {
			return err
		}
		_, err := io.Copy(io.Discard, r)
		return err
	})
	if err != nil || f.None {
		return f, err
	}
	f.graph, err = family.ImageGraph(f.N, f.Links)
	return f, err
}

// distances reads those of all strips: the table, on disk where it would take
// more than half of the memory, or the scores alone.
func (j *Job) distances(ctx context.Context, b *batch, table bool) (*pipeline.Distances, error) {
	n, p := len(b.Images), b.Tokens.P()
	var t *mutual.Table
	if table {
		var err error
		if t, err = j.newTable(n, p); err != nil {
			return nil, err
		}
	}
	var musc [][]float32
	for k := range j.Steps(Strip) {
		first, count := j.block(k, n)
		if count == 0 {
			continue
		}
		err := j.get(ctx, step(Strip, k), nil, func(r io.Reader) error {
			var err error
			if size := count * p * n; t != nil {
				err = readFloats(r, t.Values()[first*p*n:][:size])
			} else {
				_, err = io.CopyN(io.Discard, r, 4*int64(size))
			}
			if err != nil {
				return err
			}
			scores, err := readAll(r, count, p)
			musc = append(musc, scores...)
			return err
		})
		if err != nil {
			if t != nil {
				t.Close()
			}
			return nil, err
		}
	}
	return pipeline.NewDistances(b.Batch, t, musc, j.options), nil
}

func (j *Job) newTable(n, p int) (*mutual.Table, error) {
	if most := j.options.MaxMemory; most > 0 && mutual.TableBytes(n, p) > most/2 {
		return mutual.NewSpilledTable(n, p, j.options.SpillDir)
	}
	return mutual.NewTable(n, p), nil
}
