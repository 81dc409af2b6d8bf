package family

import (
	"context"
	"math"

	"codegraph/mutual"
	"golang.org/x/sync/errgroup"
)

const (
	// broadest is the number of principal components that are looked at.
	broadest = 6
	// A component is taken away if it holds more than this share of the
	// variance of an image's unit rows, and more than noise over N images
	// makes by itself: noise has a share of 1/N on average, and a few times
	// that in its strongest component.
	share, noise = 0.08, 4.0
	// sweeps is the number of power iterations for each.
	sweeps = 30
)

// deflate writes to dst the distances of t without what many patches of an
// image have in common, such as a finish, a pose or the light: images that
// are alike as a whole no longer stand out, those that share a small defect
// do.
//
// For each image it takes the matrix of ln d, [P][N], each row about its own
// mean, and projects out its strongest principal components. They are those
// of the rows scaled to unit length (spherical principal components, Locantore
// et al. 1999), so that a component must concern many patches to be strong,
// and few that are far out cannot make one.
func deflate(ctx context.Context, dst, t *mutual.Table, threads int) error {
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, threads))
	for i := range t.N {
		g.Go(func() error {
			m := newLogRows(t, i)
			m.deflate()
			m.write(dst, i)
			return ctx.Err()
		})
	}
	return g.Wait()
}

// logRows are the logarithms of the distances of one image, [P][N], each row
// about its mean; 0 for the image itself and for distances of 0 or +Inf.
type logRows struct {
	table *mutual.Table
	d     []float64
	mean  []float64 // [P]
}

func measurable(v float32) bool { return v > 0 && v <= math.MaxFloat32 }

func newLogRows(t *mutual.Table, i int) *logRows {
	m := &logRows{table: t, d: make([]float64, t.N*t.P), mean: make([]float64, t.P)}
	for x := range t.P {
		row, n := m.row(x), 0
		for j, v := range t.Row(i, x) {
			if measurable(v) {
				row[j] = math.Log(float64(v))
				m.mean[x] += row[j]
				n++
			}
		}
		m.mean[x] /= float64(max(1, n))
		for j, v := range t.Row(i, x) {
			if measurable(v) {
				row[j] -= m.mean[x]
			}
		}
	}
	return m
}

func (m *logRows) row(x int) []float64 { return m.d[x*m.table.N : (x+1)*m.table.N] }

// write puts the distances back.
func (m *logRows) write(dst *mutual.Table, i int) {
	for x := range m.table.P {
		to, row := dst.Row(i, x), m.row(x)
		for j, v := range m.table.Row(i, x) {
			if to[j] = v; measurable(v) {
				to[j] = float32(math.Exp(m.mean[x] + row[j]))
			}
		}
	}
}

// deflate projects the broad components out.
func (m *logRows) deflate() {
	n := m.table.N
	cov, rows := m.covariance()
	v, next := make([]float64, n), make([]float64, n)
	for c := range broadest {
		for j := range v {
			v[j] = math.Cos(float64((c + 1) * (j + 1))) // any start that is no component
		}
		var variance float64
		for range sweeps {
			for a := range n {
				next[a] = inner(cov[a*n:(a+1)*n], v)
			}
			if variance = math.Sqrt(inner(next, next)); variance == 0 {
				return
			}
			for j := range v {
				v[j] = next[j] / variance
			}
		}
		if variance < max(share, noise/float64(n))*rows {
			return
		}
		for a := range n {
			for b := range n {
				cov[a*n+b] -= variance * v[a] * v[b]
			}
		}
		for x := range m.table.P {
			row := m.row(x)
			a := inner(row, v)
			for j := range row {
				row[j] -= a * v[j]
			}
		}
	}
}

// covariance is the sum of the outer products of the rows scaled to unit
// length, [N][N], and the number of rows that have one.
func (m *logRows) covariance() (cov []float64, rows float64) {
	n := m.table.N
	cov = make([]float64, n*n)
	for x := range m.table.P {
		row := m.row(x)
		size := inner(row, row)
		if size == 0 {
			continue
		}
		rows++
		for a, ra := range row {
			ra /= size
			for b, rb := range row {
				cov[a*n+b] += ra * rb
			}
		}
	}
	return cov, rows
}

func inner(a, b []float64) float64 {
	var sum float64
	for k, x := range a {
		sum += x * b[k]
	}
	return sum
}
