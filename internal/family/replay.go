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

// together is the number of rows that are deflated at a time: multiply takes four.
const together = 4

// replay reads deflated rows, to the bit those that Deflate writes: it projects
// the same components out in the same order. It is for one goroutine.
type replay struct {
	*deflation
	image, first int       // of the rows at hand; image < 0: none
	logs, along  []float64 // [together][N] and [together]
	rows         []float32 // [together][N]
}

func (d *deflation) reader() *replay {
	n := d.table.N
	return &replay{deflation: d, image: -1, logs: make([]float64, together*n), along: make([]float64, together), rows: make([]float32, together*n)}
}

// Row is that of patch x of image i, until another is read.
func (r *replay) Row(i, x int) []float32 {
	n := r.table.N
	components := r.of(i)
	if components[0] == 0 {
		return r.table.Row(i, x)
	}
	if i != r.image || x < r.first || x >= r.first+together {
		r.image, r.first = i, x/together*together
		r.load(components[1:][:int(components[0])*n])
	}
	return r.rows[(x-r.first)*n:][:n]
}

func (r *replay) load(components []float64) {
	t := r.table
	var mean [together]float64
	count := min(together, t.P-r.first)
	for k := range count {
		mean[k] = logs(r.logs[k*t.N:][:t.N], t.Row(r.image, r.first+k))
	}
	for ; len(components) > 0; components = components[t.N:] {
		project(r.logs[:count*t.N], components[:t.N], r.along[:count])
	}
	for k := range count {
		fromLogs(r.rows[k*t.N:][:t.N], t.Row(r.image, r.first+k), r.logs[k*t.N:][:t.N], mean[k])
	}
}
