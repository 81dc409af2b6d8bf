package family

import (
	"context"
	"math"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
)

const (
	// broadest is the number of principal components that are looked at.
	broadest = 6
	// noise has a share of 1/N of the variance on average, and a few times that
	// in its strongest component.
	noise = 4.0
	// sweeps is the number of power iterations for each.
	sweeps = 30
)

// Deflate writes to dst the distances of t without what many patches of an
// image have in common, such as a finish, a pose or the light: images that
// are alike as a whole no longer stand out, those that share a small defect
// do.
//
// For each image it takes the matrix of ln d, [P][N], each row about its own
// mean, and projects out its strongest principal components. They are those
// of the rows scaled to unit length (spherical principal components, Locantore
// et al. 1999), so that a component must concern many patches to be strong,
// and few that are far out cannot make one.
//
// A component is taken away if it holds more than local of the variance of the
// unit rows, which is what patches can hold together that are this share of the
// picture, and more than noise makes by itself.
func Deflate(ctx context.Context, dst, t *mutual.Table, local float64, threads int) error {
	return parallel.ForEach(ctx, t.N, threads, func() func(i int) {
		m := newLogRows(t, local)
		return func(i int) {
			m.read(i)
			m.write(&dst.Rows, i, m.deflate(ctx, nil))
		}
	})
}

// logRows are the logarithms of the distances of one image, [P][N], each row
// about its mean; 0 for the image itself and for distances of 0 or +Inf.
type logRows struct {
	table *mutual.Table
	local float64
	d     []float64
	mean  []float64  // [P]
	cov   covariance // made when first needed
	v     []float64  // [N]: a component
	next  []float64  // [N]
	size  []float64  // [P]: squared lengths of the rows as they were read; nil where cov is used
	along []float64  // [P]: scratch
}

// implicit is the number of images from which on the covariance, [N][N], is not
// computed but applied by the rows: P·N instead of N² steps, and so N² instead of
// N³ for a batch.
const implicit = 384

func measurable(v float32) bool { return v > 0 && v <= math.MaxFloat32 }

func newLogRows(t *mutual.Table, local float64) *logRows {
	m := &logRows{
		table: t,
		local: local,
		d:     make([]float64, t.N*t.P),
		mean:  make([]float64, t.P),
		along: make([]float64, t.P),
		v:     make([]float64, t.N),
		next:  make([]float64, t.N),
	}
	if t.N >= implicit {
		m.size = make([]float64, t.P)
	}
	return m
}

func (m *logRows) row(x int) []float64 { return m.d[x*m.table.N : (x+1)*m.table.N] }

func (m *logRows) read(i int) {
	for x := range m.table.P {
		m.mean[x] = logs(m.row(x), m.table.Row(i, x))
	}
}

// logs writes the logarithms of a row of distances about their mean to dst, 0 for
// those that are not measurable.
func logs(dst []float64, row []float32) (mean float64) {
	sum, n := 0.0, 0
	for j, v := range row {
		if dst[j] = 0; measurable(v) {
			dst[j] = ln(v)
			sum += dst[j]
			n++
		}
	}
	mean = sum / float64(max(1, n))
	for j, v := range row {
		if measurable(v) {
			dst[j] -= mean
		}
	}
	return mean
}

// write puts the distances back.
func (m *logRows) write(dst *mutual.Rows, i int, changed bool) {
	for x := range m.table.P {
		to, from := dst.Row(i, x), m.table.Row(i, x)
		if !changed {
			copy(to, from)
			continue
		}
		fromLogs(to, from, m.row(x), m.mean[x])
	}
}

// fromLogs writes a row with other logarithms about the mean to dst.
func fromLogs(dst, row []float32, logs []float64, mean float64) {
	for j, v := range row {
		if dst[j] = v; measurable(v) {
			dst[j] = float32(math.Exp(mean + logs[j]))
		}
	}
}

// deflate projects the broad components out and tells whether there are any.
// use sees each of them, if it is not nil.
func (m *logRows) deflate(ctx context.Context, use func(v []float64)) (any bool) {
	n := m.table.N
	rows := m.measure(ctx)
	for c := range broadest {
		variance := m.component(c)
		if ctx.Err() != nil || variance == 0 || variance < max(m.local, noise/float64(n))*rows {
			return any
		}
		any = true
		if m.size == nil {
			for a, va := range m.v {
				cov := m.cov.d[a*n : (a+1)*n]
				for b, vb := range m.v {
					cov[b] -= variance * va * vb
				}
			}
		}
		if use != nil {
			use(m.v)
		}
		m.project()
	}
	return any
}

// project projects the component in v out of the rows.
func (m *logRows) project() { project(m.d, m.v, m.along) }

// project projects v out of rows, as many as along, which is scratch, has.
func project(rows, v, along []float64) {
	multiply(along, rows, v)
	for x, a := range along {
		row := rows[x*len(v):][:len(v)]
		for j := range row {
			row[j] -= a * v[j]
		}
	}
}

// measure makes the covariance ready, or what it takes to apply it, and returns
// the number of rows that have a length.
func (m *logRows) measure(ctx context.Context) (number float64) {
	if m.size == nil {
		if m.cov.n == 0 {
			m.cov = newCovariance(m.table.N)
		}
		return m.cov.of(ctx, m.d)
	}
	for x := range m.size {
		row := m.row(x)
		if m.size[x] = inner(row, row); m.size[x] > 0 {
			number++
		}
	}
	return number
}

// times writes the covariance times v to dst. Without it, the rows stand for it:
// components that were projected out of them are gone from it, too.
func (m *logRows) times(dst []float64) {
	if m.size == nil {
		multiply(dst, m.cov.d, m.v)
		return
	}
	clear(dst)
	for x := 0; x < len(m.size); x += together {
		size := m.size[x:min(x+together, len(m.size))]
		rows, along := m.d[x*m.table.N:][:len(size)*m.table.N], m.along[:len(size)]
		multiply(along, rows, m.v)
		for k, s := range size {
			if along[k] /= s; s == 0 {
				along[k] = 0
			}
		}
		addRows(dst, rows, along)
	}
}

// addRows adds each row times its a to dst, in their order: four in one go.
func addRows(dst, rows, a []float64) {
	n, x := len(dst), 0
	for ; x+4 <= len(a); x += 4 {
		r0, r1, r2, r3 := rows[x*n:][:n], rows[(x+1)*n:][:n], rows[(x+2)*n:][:n], rows[(x+3)*n:][:n]
		a0, a1, a2, a3 := a[x], a[x+1], a[x+2], a[x+3]
		for j, v := range dst {
			v += a0 * r0[j]
			v += a1 * r1[j]
			v += a2 * r2[j]
			dst[j] = v + a3*r3[j]
		}
	}
	for ; x < len(a); x++ {
		for j, r := range rows[x*n:][:n] {
			dst[j] += a[x] * r
		}
	}
}

// component leaves the strongest component of the covariance in v and returns
// its variance, by power iteration.
func (m *logRows) component(c int) (variance float64) {
	for j := range m.v {
		m.v[j] = math.Cos(float64((c + 1) * (j + 1))) // any start that is not a component
	}
	next := m.next
	for range sweeps {
		m.times(next)
		if variance = math.Sqrt(inner(next, next)); variance == 0 {
			return 0
		}
		for j := range m.v {
			m.v[j] = next[j] / variance
		}
	}
	return variance
}
