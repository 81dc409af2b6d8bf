package explain

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"codegraph"
	"codegraph/internal/burnout"
	"codegraph/internal/evt"
	"codegraph/internal/pose"
)

// fewest is the least number of images of a batch that can be explained.
const fewest = 8

// Explainer explains the places of a batch.
type Explainer struct {
	Model *burnout.Model
	Fit   *evt.BatchFit
	res   *codegraph.Result
	found []float64 // p-values of a sample of the batch's patches, ascending
}

// New fits the model to a result, which must have its intermediates
// (codegraph.Options.KeepIntermediates).
func New(ctx context.Context, res *codegraph.Result) (*Explainer, error) {
	if n := len(res.Images); n < fewest {
		return nil, fmt.Errorf("%d images are too few to say what is normal; give at least %d", n, fewest)
	}
	if res.Intermediates == nil {
		return nil, errors.New("the result has no intermediates: set Options.KeepIntermediates, without tiles, on images that are not all identical")
	}
	t, o := res.Intermediates.Table, res.Options
	if t.N != len(res.Images) {
		return nil, errors.New("the batch was scored with references, which have no explanation: leave them out")
	}
	r := slices.Max(o.Radii)
	m, err := burnout.NewModel(ctx, t, burnout.Omega(len(res.Images), o.Constants.Omega), float64(r*r), o.Threads)
	if err != nil {
		return nil, err
	}
	fit, err := m.Fit(ctx, t, o.Seed)
	if err != nil {
		return nil, err
	}
	e := &Explainer{Model: m, Fit: fit, res: res}
	return e, e.survey(ctx)
}

// maxSurveyed bounds the patches whose p-values are looked at.
const maxSurveyed = 1 << 14

// survey tests patches of the whole batch.
func (e *Explainer) survey(ctx context.Context) error {
	t := e.res.Intermediates.Table
	step := max(1, (t.N*t.P+maxSurveyed-1)/maxSurveyed)
	var v []burnout.Entry
	for k := 0; k < t.N*t.P; k += step {
		if err := ctx.Err(); err != nil {
			return err
		}
		v = burnout.Vector(v, t.Row(k/t.P, k%t.P))
		if test := e.Model.Test(v, k%t.P); test.Ranks != nil {
			e.found = append(e.found, test.P)
		}
	}
	slices.Sort(e.found)
	return nil
}

// Share is the share of the batch's patches whose p-value for burnout is p or
// less: p itself where the model holds and nothing recurs.
func (e *Explainer) Share(p float64) float64 {
	n, _ := slices.BinarySearchFunc(e.found, p, func(v, p float64) int {
		if v <= p {
			return -1
		}
		return 1
	})
	return float64(n) / float64(max(1, len(e.found)))
}

// Neighbour is one element of a mutual similarity vector.
type Neighbour struct {
	Image    int
	Distance float64
	// Patch is what is matched there, on the grid of the image as it is; −1
	// where it was not looked for, or is out of sight.
	Patch int
}

// Alphas are estimates of the tail index α.
type Alphas struct {
	Hill                   evt.Estimate // of the patch by itself
	Image, Position, Batch evt.Estimate
}

// Explanation says why a patch scores as it does.
type Explanation struct {
	Image, Patch     int // Patch is y·GridW + x on the image as it is
	Score, MuScScore float64
	// Vector holds the other images, nearest first.
	Vector []Neighbour
	Omega  int // reference rank ω
	Alpha  Alphas
	// Expected, Low and High are the distances d⁽¹⁾ … d⁽ω⁾ of a normal patch
	// at this position with the same d⁽ω⁾: exp of the mean logarithm, and the
	// 5 % and 95 % quantiles.
	Expected, Low, High []float64
	Test                burnout.Test
	// Family indexes Result.Families, −1 for none; Anomalous says that the patch
	// is one of those that carry its anomaly.
	Family    int
	Anomalous bool
}

// Worst is the patch of image i with the highest score.
func (e *Explainer) Worst(i int) int {
	worst := 0
	for p, a := range e.res.Images[i].Map {
		if a > e.res.Images[i].Map[worst] {
			worst = p
		}
	}
	return worst
}

// PatchAt is the patch of image i at pixel (x, y) of the original.
func (e *Explainer) PatchAt(i, x, y int) (int, error) {
	im := &e.res.Images[i]
	if x < 0 || y < 0 || x >= im.Width || y >= im.Height {
		return 0, fmt.Errorf("%s is %d × %d pixels; there is no pixel %d,%d", im.Item.Name, im.Width, im.Height, x, y)
	}
	return y*e.res.GridH/im.Height*e.res.GridW + x*e.res.GridW/im.Width, nil
}

// Pixel is the middle of patch p of image i in pixels of the original.
func (e *Explainer) Pixel(i, p int) (x, y int) {
	im := &e.res.Images[i]
	return (2*(p%e.res.GridW) + 1) * im.Width / (2 * e.res.GridW), (2*(p/e.res.GridW) + 1) * im.Height / (2 * e.res.GridH)
}

// Place explains patch p of image i and finds what it matches in the nearest
// images, so many of them.
func (e *Explainer) Place(ctx context.Context, i, p, nearest int) (*Explanation, error) {
	row := e.rotated(i, p)
	if row < 0 {
		return nil, fmt.Errorf("that place of %s was not compared: it is out of sight since the part was turned", e.res.Images[i].Item.Name)
	}
	im := &e.res.Images[i]
	x := &Explanation{
		Image: i, Patch: p, Score: float64(im.Map[p]), MuScScore: float64(im.MuScMap[p]), Omega: e.Model.Omega,
		Alpha:  Alphas{Image: e.Model.Images[i], Position: e.Model.Positions[row], Batch: e.Model.Batch},
		Family: im.Family,
	}
	v := burnout.Vector(nil, e.res.Intermediates.Table.Row(i, row))
	x.Test = e.Model.Test(v, row)
	x.measure(v, e.Model.Alpha(row))
	if x.Family >= 0 {
		x.Anomalous = slices.ContainsFunc(e.res.Families[x.Family].Members, func(m codegraph.Member) bool {
			return m.Image == i && slices.Contains(m.Patches, p)
		})
	}
	return x, e.match(ctx, x, row, nearest)
}

// measure fills in what follows from the vector.
func (x *Explanation) measure(v []burnout.Entry, alpha float64) {
	for _, n := range v {
		x.Vector = append(x.Vector, Neighbour{int(n.Image), float64(n.Distance), -1})
	}
	x.Alpha.Hill = burnout.Hill(v, x.Omega)
	if !burnout.Tells(v, x.Omega) || !(alpha > 0) {
		return
	}
	end := float64(v[x.Omega-1].Distance)
	x.Expected = evt.Expected(alpha, x.Omega)
	for k := range x.Expected {
		x.Expected[k] *= end
		low, high := end, end
		if k+1 < x.Omega {
			low, high = end*evt.Quantile(0.05, alpha, k+1, x.Omega), end*evt.Quantile(0.95, alpha, k+1, x.Omega)
		}
		x.Low, x.High = append(x.Low, low), append(x.High, high)
	}
}

// rotated is the patch, as it was compared, that shows patch p of image i; −1
// for none.
func (e *Explainer) rotated(i, p int) int {
	return pose.ToRotated(p, e.res.GridH, e.res.GridW, e.res.Images[i].Turn)
}
