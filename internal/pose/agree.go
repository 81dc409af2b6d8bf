package pose

import (
	"context"
	"errors"
	"math"
	"slices"
	"sync"

	"codegraph/backbone"
	"codegraph/internal/gemm"
	"codegraph/internal/parallel"
)

const (
	// Grid is the side of the patch grid that views are compared on.
	Grid = 14
	// window is how far a patch looks for its counterpart, in patches: parts
	// may lie off the centre by as much.
	window = 2
	// sample is the number of images that are looked at.
	sample = 24
	// orientations is how many are tried for all parts together, over half a turn.
	orientations = 4
)

// View returns the features of image i turned by angle (radians, clockwise as
// the image is seen) on a grid of Grid × Grid. It is called concurrently.
type View func(ctx context.Context, i int, angle float64) (backbone.Map, error)

var errShape = errors.New("a view is not of the shape of the others")

// orient turns all parts together to where the network finds a sample of them most
// alike: at some angles it sees less than at others. It sets Before and After, both
// as turned together.
func (p *Poses) orient(ctx context.Context, threads int, view View) error {
	few := min(sample, len(p.Angles))
	e := &estimator{threads: max(1, threads), view: view}
	of := func(k int) int { return k * len(p.Angles) / few }
	tried := orientations
	if !mostTurned(p.Angles) {
		tried = 1 // most lie alike, and stay as they are
	}
	best := 0.
	for k := range tried {
		common := math.Pi * float64(k) / orientations
		asIs, err := e.views(ctx, few, func(k int) (int, float64) { return of(k), common })
		if err != nil {
			return err
		}
		turned, err := e.views(ctx, few, func(k int) (int, float64) { return of(k), p.Angles[of(k)] + common })
		if err != nil {
			return err
		}
		if !alike(slices.Concat(asIs, turned)) {
			return errShape
		}
		before, after := agreements(asIs, turned, e.threads)
		if k == 0 || after > p.After {
			best, p.Before, p.After = common, before, after
		}
	}
	for i, a := range p.Angles {
		p.Angles[i] = -math.Remainder(-a-best, 2*math.Pi)
	}
	return nil
}

// estimator looks at images through the network.
type estimator struct {
	threads int
	view    View
}

// views makes tokens of count views.
func (e *estimator) views(ctx context.Context, count int, which func(k int) (i int, angle float64)) ([][]float32, error) {
	all := make([][]float32, count)
	err := parallel.Do(ctx, count, e.threads, func(k int) (err error) {
		i, angle := which(k)
		all[k], err = e.tokens(ctx, i, angle)
		return err
	}, nil)
	return all, err
}

// alike reports whether views are of one shape.
func alike(views [][]float32) bool {
	return !slices.ContainsFunc(views, func(v []float32) bool { return len(v) != len(views[0]) })
}

// tokens returns the unit tokens of one view, [Grid²][C].
func (e *estimator) tokens(ctx context.Context, i int, angle float64) ([]float32, error) {
	m, err := e.view(ctx, i, angle)
	if err != nil {
		return nil, err
	}
	if m.H != Grid || m.W != Grid || len(m.Data) != Grid*Grid*m.C || m.C < 1 {
		return nil, errShape
	}
	t := make([]float32, len(m.Data))
	copy(t, m.Data)
	for p := range Grid * Grid {
		row := t[p*m.C : (p+1)*m.C]
		unit(row)
	}
	return t, nil
}

// agreements are those of images as they lie and as turned, with tokens measured from
// the mean of the first.
func agreements(asIs, turned [][]float32, threads int) (before, after float64) {
	centre := mean(asIs)
	for _, t := range slices.Concat(asIs, turned) {
		for at := 0; at < len(t); at += len(centre) {
			row := t[at : at+len(centre)]
			for c, v := range centre {
				row[c] -= v
			}
			unit(row)
		}
	}
	return agreement(asIs, len(centre), threads), agreement(turned, len(centre), threads)
}

// agreement is the mean agreement of views, of c channels, with their mean.
func agreement(views [][]float32, c, threads int) float64 {
	whole := make([]float32, len(views[0]))
	for _, v := range views {
		for k, x := range v {
			whole[k] += x
		}
	}
	for at := 0; at < len(whole); at += c {
		unit(whole[at : at+c])
	}
	template, each := newReference(whole, c), make([]float64, len(views))
	parallel.ForEach(context.Background(), len(views), threads, func() func(i int) {
		return func(i int) { each[i] = template.agree(views[i]) }
	})
	return average(each)
}

// mean is the mean token of all views.
func mean(views [][]float32) []float32 {
	c := len(views[0]) / (Grid * Grid)
	sum := make([]float64, c)
	for _, v := range views {
		for k, x := range v {
			sum[k%c] += float64(x)
		}
	}
	out := make([]float32, c)
	for k, s := range sum {
		out[k] = float32(s / float64(len(views)*Grid*Grid))
	}
	return out
}

// inside reports whether a patch lies in the inscribed circle.
func inside(x, y int) bool {
	const middle = float64(Grid-1) / 2
	dx, dy := float64(x)-middle, float64(y)-middle
	return dx*dx+dy*dy <= middle*middle
}

func dot(a, b []float32) float32 {
	var s0, s1, s2, s3 float32
	for len(a) >= 4 && len(b) >= 4 {
		s0 += a[0] * b[0]
		s1 += a[1] * b[1]
		s2 += a[2] * b[2]
		s3 += a[3] * b[3]
		a, b = a[4:], b[4:]
	}
	for k, v := range a {
		s0 += v * b[k]
	}
	return s0 + s1 + s2 + s3
}

func unit(v []float32) {
	scale := float32(1 / math.Sqrt(float64(dot(v, v))+1e-12))
	for k := range v {
		v[k] *= scale
	}
}

// reference is a view that others are compared with, laid out for products.
type reference struct {
	c      int // channels
	packed gemm.Packed
}

func newReference(view []float32, c int) *reference {
	r := &reference{c: c}
	r.packed.Columns(view, c, Grid*Grid, c)
	return r
}

// products is room for the products of the patches of two views.
var products = sync.Pool{New: func() any {
	dots := make([]float32, Grid*Grid*stride)
	return &dots
}}

// stride is the distance between rows of products.
var stride = gemm.Stride(Grid * Grid)

// agree is the agreement of a view with the reference; see the package
// documentation.
func (r *reference) agree(view []float32) float64 {
	dots := products.Get().(*[]float32)
	defer products.Put(dots)
	gemm.Mul(*dots, stride, view, r.c, Grid*Grid, &r.packed)
	var sum float64
	n := 0
	for y := range Grid {
		for x := range Grid {
			if !inside(x, y) {
				continue
			}
			row, best := (*dots)[(y*Grid+x)*stride:], float32(-2)
			for v := max(0, y-window); v <= min(Grid-1, y+window); v++ {
				for _, d := range row[v*Grid+max(0, x-window) : v*Grid+min(Grid-1, x+window)+1] {
					best = max(best, d)
				}
			}
			sum += float64(best)
			n++
		}
	}
	return sum / float64(n)
}
