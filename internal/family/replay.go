package family

import (
	"context"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/spill"
)

// deflation is what deflates the rows of a table whenever they are read, where
// a deflated copy of the table would be too large: the components of each image
// that were projected out. They take 6/P of the table, 1.5 % at 400 patches.
type deflation struct {
	table *mutual.Table
	file  *spill.File
	// components holds, for each image, how many there are and then their
	// values, [1 + broadest·N].
	components []float64
}

// newDeflation looks for the components; they live in a temporary file in dir.
func newDeflation(ctx context.Context, t *mutual.Table, dir string, local float64, threads int) (*deflation, error) {
	f, err := spill.New(dir, "what deflates distances", 2*t.N*(1+broadest*t.N))
	if err != nil {
		return nil, err
	}
	d := &deflation{table: t, file: f, components: f.Doubles()}
	err = parallel.ForEach(ctx, t.N, threads, func() func(i int) {
		m := newLogRows(t, local)
		return func(i int) {
			m.read(i)
			own, n := d.of(i), 0
			m.deflate(ctx, func(v []float64) {
				copy(own[1+n*t.N:], v)
				n++
			})
			own[0] = float64(n)
		}
	})
	if err != nil {
		f.Close()
		return nil, err
	}
	return d, nil
}

func (d *deflation) of(i int) []float64 {
	size := 1 + broadest*d.table.N
	return d.components[i*size:][:size]
}

func (d *deflation) Close() error { return d.file.Close() }

// replay reads deflated rows, to the bit those that Deflate writes: it projects
// the same components out in the same order. It is for one goroutine.
type replay struct {
	*deflation
	logs  *logRows
	rows  *mutual.Rows // of image rows.First
	plain bool         // nothing is projected out of it
}

func (d *deflation) reader() *replay { return &replay{deflation: d} }

// Row is that of patch x of image i. The rows of an image are made at once.
func (r *replay) Row(i, x int) []float32 {
	if r.logs == nil {
		r.logs = newLogRows(r.table, 0)
	}
	if r.rows == nil || r.rows.First != i {
		r.load(i)
	}
	if r.plain {
		return r.table.Row(i, x)
	}
	return r.rows.Row(i, x)
}

func (r *replay) load(i int) {
	t := r.table
	if r.rows == nil {
		r.rows = mutual.NewRows(t.N, t.P, i, 1)
	}
	r.rows.First = i
	own := r.of(i)
	n := int(own[0])
	if r.plain = n == 0; r.plain {
		return
	}
	r.logs.read(i)
	for c := range n {
		copy(r.logs.v, own[1+c*t.N:])
		r.logs.project()
	}
	r.logs.write(r.rows, i, true)
}
