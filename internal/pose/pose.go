package pose

import (
	"context"
	"errors"
	"math"

	"codegraph/backbone"
	"codegraph/internal/parallel"
)

// Constants of the estimate.
const (
	// Grid is the side of the patch grid that views are compared on.
	Grid = 14
	// window is how far a patch looks for its counterpart, in patches: parts
	// may lie off the centre by as much.
	window = 2
	// coarse is the number of angles tried at first, one every 7.5°.
	coarse = 48
	// least is the share of the disagreement that turning must remove to be
	// worthwhile, and angle how far half of the parts must be turned. Batches
	// of parts in a fixture gain below 0.02, textures below 0.05, parts that
	// lie at any angle 0.3 and more.
	least = 0.1
	angle = 10 * math.Pi / 180
	// sample is the number of images that a large batch is tried on.
	sample = 24
)

// rounds are the turns of the refinement, in degrees. The first looks at the others
// whole: where a part differs from most, such as one upside down, agreement has
// several peaks. The others climb, at most reach steps to either side.
var (
	whole  = []float64{-15, -7.5, 7.5, 15}
	rounds = []float64{3, 1.5}
)

const reach = 2

// View returns the features of image i turned by angle (radians, clockwise as
// the image is seen) on a grid of Grid × Grid. It is called concurrently.
type View func(ctx context.Context, i int, angle float64) (backbone.Map, error)

// Poses are how the images of a batch have to be turned to lie alike.
type Poses struct {
	Angles []float64 // [N], radians in (−π, π], clockwise as the image is seen
	// Before and After are the mean agreements, cosines, with the mean image
	// of the batch as it is and as turned.
	Before, After float64
}

// Gain is the share of the disagreement that turning removes.
func (p *Poses) Gain() float64 {
	if p.Before >= 1 {
		return 0
	}
	return (p.After - p.Before) / (1 - p.Before)
}

// Worthwhile reports whether the parts lie at so different angles, and agree
// so much better when turned, that they should be.
func (p *Poses) Worthwhile() bool {
	turned := 0
	for _, a := range p.Angles {
		if math.Abs(a) > angle {
			turned++
		}
	}
	return 2*turned > len(p.Angles) && p.Gain() >= least
}

// Estimate finds the poses of n images. The result does not depend on the
// number of threads. For fewer than two images there is nothing to turn.
func Estimate(ctx context.Context, n, threads int, view View) (*Poses, error) {
	p := &Poses{Angles: make([]float64, n)}
	if n < 2 {
		return p, nil
	}
	e := &estimator{n: n, threads: max(1, threads), view: view}
	upright, err := e.views(ctx, n, func(k int) (int, float64) { return k, 0 })
	if err != nil {
		return nil, err
	}
	e.centre = mean(upright)
	if err := e.start(ctx, p, upright); err != nil {
		return nil, err
	}
	p.Before = e.agreement(upright)
	if pays, err := e.pays(ctx, p, upright); err != nil || !pays {
		p.After = p.Before
		clear(p.Angles)
		return p, err
	}
	if e.now, err = e.views(ctx, n, func(k int) (int, float64) { return k, p.Angles[k] }); err != nil {
		return nil, err
	}
	if err := e.refine(ctx, p); err != nil {
		return nil, err
	}
	p.After = e.agreement(e.now)
	for i, a := range p.Angles {
		p.Angles[i] = -math.Remainder(-a, 2*math.Pi)
	}
	return p, nil
}

// refine betters the angles, round after round.
func (e *estimator) refine(ctx context.Context, p *Poses) error {
	if err := e.round(ctx, func(i int, template *reference) error { return e.search(ctx, p, i, template) }); err != nil {
		return err
	}
	for _, step := range rounds {
		if err := e.round(ctx, func(i int, template *reference) error { return e.climb(ctx, p, i, step, template) }); err != nil {
			return err
		}
	}
	return nil
}

type estimator struct {
	n, threads int
	view       View
	centre     []float32   // [C], the batch's mean token
	before     float64     // mean agreement with the first image, upright
	best       float64     // and as turned
	now        [][]float32 // tokens of the images as turned so far
}

var errShape = errors.New("a view is not of the shape of the others")

// views makes tokens of count views, centred once the centre is known.
func (e *estimator) views(ctx context.Context, count int, which func(k int) (i int, angle float64)) ([][]float32, error) {
	all := make([][]float32, count)
	err := parallel.Do(ctx, count, e.threads, func(k int) (err error) {
		i, angle := which(k)
		all[k], err = e.tokens(ctx, i, angle)
		return err
	}, nil)
	return all, err
}

// tokens returns the unit tokens of one view, [Grid²][C].
func (e *estimator) tokens(ctx context.Context, i int, angle float64) ([]float32, error) {
	m, err := e.view(ctx, i, angle)
	if err != nil {
		return nil, err
	}
	if m.H != Grid || m.W != Grid || len(m.Data) != Grid*Grid*m.C || (e.centre != nil && m.C != len(e.centre)) {
		return nil, errShape
	}
	t := make([]float32, len(m.Data))
	copy(t, m.Data)
	for p := range Grid * Grid {
		row := t[p*m.C : (p+1)*m.C]
		unit(row)
		if e.centre != nil {
			e.recentre(row)
		}
	}
	return t, nil
}

// recentre measures a token from the batch's mean.
func (e *estimator) recentre(token []float32) {
	for c, v := range e.centre {
		token[c] -= v
	}
	unit(token)
}

// start compares every image with turns of the first.
func (e *estimator) start(ctx context.Context, p *Poses, upright [][]float32) error {
	for _, t := range upright {
		c := len(e.centre)
		for at := 0; at < len(t); at += c {
			e.recentre(t[at : at+c])
		}
	}
	turns, err := e.views(ctx, coarse, func(k int) (int, float64) { return 0, 2 * math.Pi * float64(k) / coarse })
	if err != nil {
		return err
	}
	references := references(turns, len(e.centre))
	asIs, best := make([]float64, e.n), make([]float64, e.n)
	err = parallel.ForEach(ctx, e.n, e.threads, func() func(i int) {
		return func(i int) {
			at := 0
			for k, t := range references {
				a := t.agree(upright[i])
				if k == 0 {
					asIs[i] = a
				}
				if k == 0 || a > best[i] {
					best[i], at = a, k
				}
			}
			p.Angles[i] = -2 * math.Pi * float64(at) / coarse
		}
	})
	e.before, e.best = average(asIs), average(best)
	return err
}

// pays reports whether the refinement of p is worth its views: whether turns of the
// first image promise that turning pays, and a sample, refined, keeps the promise.
// Round parts that lie alike agree with some turn by chance.
func (e *estimator) pays(ctx context.Context, p *Poses, upright [][]float32) (bool, error) {
	rough := Poses{Angles: make([]float64, e.n), Before: e.before, After: e.best}
	for i, a := range p.Angles {
		rough.Angles[i] = math.Remainder(a, 2*math.Pi)
	}
	if !rough.Worthwhile() || e.n < 2*sample {
		return rough.Worthwhile(), nil
	}
	some := &Poses{Angles: make([]float64, sample)}
	of := func(k int) int { return k * e.n / sample }
	few := &estimator{n: sample, threads: e.threads, centre: e.centre, view: func(ctx context.Context, k int, angle float64) (backbone.Map, error) {
		return e.view(ctx, of(k), angle)
	}}
	asIs := make([][]float32, sample)
	for k := range some.Angles {
		some.Angles[k], asIs[k] = p.Angles[of(k)], upright[of(k)]
	}
	some.Before = few.agreement(asIs)
	var err error
	if few.now, err = few.views(ctx, sample, func(k int) (int, float64) { return k, some.Angles[k] }); err != nil {
		return false, err
	}
	if err := few.refine(ctx, some); err != nil {
		return false, err
	}
	some.After = few.agreement(few.now)
	for k, a := range some.Angles {
		some.Angles[k] = math.Remainder(a, 2*math.Pi)
	}
	return some.Worthwhile(), nil
}

// round betters the angle of each image against the mean of all as turned so far.
func (e *estimator) round(ctx context.Context, better func(i int, template *reference) error) error {
	template := newReference(e.template(e.now), len(e.centre))
	return parallel.Do(ctx, e.n, e.threads, func(i int) error { return better(i, template) }, nil)
}

// search turns image i to where it agrees best with template.
func (e *estimator) search(ctx context.Context, p *Poses, i int, template *reference) error {
	from, best := p.Angles[i], template.agree(e.now[i])
	for _, d := range whole {
		angle := from + d*math.Pi/180
		t, err := e.tokens(ctx, i, angle)
		if err != nil {
			return err
		}
		if a := template.agree(t); a > best {
			best, p.Angles[i], e.now[i] = a, angle, t
		}
	}
	return nil
}

// climb turns image i by steps from the angle so far, to the side where it agrees
// better with template, as long as it does: views are what costs, and this sees
// about half of those within reach.
func (e *estimator) climb(ctx context.Context, p *Poses, i int, step float64, template *reference) error {
	from, best := p.Angles[i], template.agree(e.now[i])
	for _, side := range []float64{-step, step} {
		for k := 1; k <= reach; k++ {
			angle := from + float64(k)*side*math.Pi/180
			t, err := e.tokens(ctx, i, angle)
			if err != nil {
				return err
			}
			a := template.agree(t)
			if a <= best {
				break
			}
			best, p.Angles[i], e.now[i] = a, angle, t
		}
		if p.Angles[i] != from {
			break
		}
	}
	return nil
}

// template is the mean of views, each token of unit length.
func (e *estimator) template(views [][]float32) []float32 {
	t, c := make([]float32, len(views[0])), len(e.centre)
	for _, v := range views {
		for k, x := range v {
			t[k] += x
		}
	}
	for at := 0; at < len(t); at += c {
		unit(t[at : at+c])
	}
	return t
}

// agreement is the mean agreement of views with their template.
func (e *estimator) agreement(views [][]float32) float64 {
	template, each := newReference(e.template(views), len(e.centre)), make([]float64, len(views))
	parallel.ForEach(context.Background(), len(views), e.threads, func() func(i int) {
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

func average(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}
