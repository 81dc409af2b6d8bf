package family

import (
	"cmp"
	"context"
	"errors"
	"sync"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/spill"
)

// deflation is what deflates the rows of a table whenever they are read, where
// a deflated copy of the table would be too large: the components of each image
// that were projected out. They take 12/P of the table at most, 3 % at 400 patches.
type deflation struct {
	table      *mutual.Table
	components [][][]float64 // by image, [N] each, in files

	mu    sync.Mutex
	dir   string
	files []*spill.File
	room  []float64 // in the last of files
	err   error     // the first
}

// newDeflation looks for the components; they live in temporary files in dir.
func newDeflation(ctx context.Context, t *mutual.Table, dir string, local float64, threads int) (*deflation, error) {
	d := &deflation{table: t, dir: dir, components: make([][][]float64, t.N)}
	err := parallel.ForEach(ctx, t.N, threads, func() func(i int) {
		m := newLogRows(t, local)
		return func(i int) {
			m.read(i)
			m.deflate(ctx, func(v []float64) { d.components[i] = append(d.components[i], d.keep(v)) })
		}
	})
	if err = cmp.Or(err, d.err); err != nil {
		d.Close()
		return nil, err
	}
	return d, nil
}

// fileShare is the part of what all components could take that one file has.
const fileShare = 1. / 16

// keep copies a component to a file.
func (d *deflation) keep(v []float64) []float64 {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.room) < len(v) && d.err == nil {
		values := len(v) * max(1, int(fileShare*broadest*float64(d.table.N)))
		var f *spill.File
		if f, d.err = spill.New(d.dir, "what deflates distances", 2*values); d.err == nil {
			d.files, d.room = append(d.files, f), f.Doubles()
		}
	}
	if d.err != nil {
		return nil
	}
	kept := d.room[:len(v):len(v)]
	d.room = d.room[len(v):]
	copy(kept, v)
	return kept
}

func (d *deflation) Close() error {
	var err error
	for _, f := range d.files {
		err = errors.Join(err, f.Close())
	}
	d.files, d.room, d.components = nil, nil, nil
	return err
}

// together is the number of rows that are deflated, or multiplied and added, at a time:
// so they come from memory once. multiply and addRows take four.
const together = 4

// replay reads deflated rows, to the bit those that Deflate writes: it projects
// the same components out in the same order. It is for one goroutine.
type replay struct {
	*deflation
	image, first int       // of the rows at hand; image < 0: none
	logs, along  []float64 // [together][N] and [together]
	rows         []float32 // [together][N]
}

func (d *deflation) reader() mutual.Reader {
	n := d.table.N
	return &replay{deflation: d, image: -1, logs: make([]float64, together*n), along: make([]float64, together), rows: make([]float32, together*n)}
}

// Row is that of patch x of image i, until another is read.
func (r *replay) Row(i, x int) []float32 {
	n := r.table.N
	components := r.components[i]
	if len(components) == 0 {
		return r.table.Row(i, x)
	}
	if i != r.image || x < r.first || x >= r.first+together {
		r.image, r.first = i, x/together*together
		r.load(components)
	}
	return r.rows[(x-r.first)*n:][:n]
}

func (r *replay) load(components [][]float64) {
	t := r.table
	var mean [together]float64
	count := min(together, t.P-r.first)
	for k := range count {
		mean[k] = logs(r.logs[k*t.N:][:t.N], t.Row(r.image, r.first+k))
	}
	for _, v := range components {
		project(r.logs[:count*t.N], v, r.along[:count])
	}
	for k := range count {
		fromLogs(r.rows[k*t.N:][:t.N], t.Row(r.image, r.first+k), r.logs[k*t.N:][:t.N], mean[k])
	}
}
