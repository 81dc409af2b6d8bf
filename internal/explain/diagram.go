package explain

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"codegraph"
	"codegraph/internal/burnout"
	"codegraph/internal/evt"
)

// group is the patches that a diagram shows together.
type group struct {
	name   string
	rows   []place
	vector []burnout.Entry // scratch
}

// place is a patch as compared.
type place struct{ image, row int }

// maxShown bounds the normal patches of a diagram: a sample does.
const maxShown = 4000

// normal samples the patches of images that are in no family and score no
// higher than the median image, so that defects of their own are left out.
func (e *Explainer) normal() group {
	var images []int
	for i, im := range e.res.Images {
		if im.Family < 0 && 2*im.Rank > len(e.res.Images) {
			images = append(images, i)
		}
	}
	p := e.res.Intermediates.Table.P
	step := max(1, len(images)*p/maxShown)
	g := group{name: "normal patches"}
	for k := 0; k < len(images)*p; k += step {
		g.rows = append(g.rows, place{images[k/p], k % p})
	}
	return g
}

// consistent lists the patches that carry the anomaly of a family: of the one
// given, else of the first that is a defect, else of the first. It is empty
// without families.
func (e *Explainer) consistent(family int) group {
	families := e.res.Families
	if family < 0 {
		family = max(0, slices.IndexFunc(families, func(f codegraph.Family) bool { return f.Status == codegraph.StatusDefect }))
	}
	if family >= len(families) {
		return group{}
	}
	g := group{name: "consistent anomaly " + families[family].ID}
	for _, m := range families[family].Members {
		for _, p := range m.Patches {
			if row := e.rotated(m.Image, p); row >= 0 {
				g.rows = append(g.rows, place{m.Image, row})
			}
		}
	}
	return g
}

// one is the place that is explained.
func (e *Explainer) one(x *Explanation) group {
	return group{name: "this place", rows: []place{{x.Image, e.rotated(x.Image, x.Patch)}}}
}

// each calls do with the vectors of a group that say something.
func (e *Explainer) each(g *group, do func(v []burnout.Entry, row int)) {
	for _, at := range g.rows {
		g.vector = burnout.Vector(g.vector, e.res.Intermediates.Table.Row(at.image, at.row))
		if burnout.Tells(g.vector, e.Model.Omega) {
			do(g.vector, at.row)
		}
	}
}

// Growth shows growth rates τ⁽ⁱ⁾ against the rank i, as the paper does: the
// power law of normal patches, and where those of a consistent anomaly leave
// it. Lines are means, the band holds 90 % of the normal patches.
func (e *Explainer) Growth(x *Explanation) *Figure {
	f := &Figure{Title: "Growth of distances", X: "rank i", Y: "growth rate τ(i)"}
	law := Series{Name: fmt.Sprintf("1/(αi), α = %.3g", e.Model.Batch.Alpha), Line: true, Theory: true}
	for i := 1; i < e.Model.Omega; i++ {
		law.Points = append(law.Points, Point{float64(i), evt.ExpectedGrowth(e.Model.Batch.Alpha, i)})
	}
	for k, g := range []group{e.normal(), e.consistent(x.Family), e.one(x)} {
		rates := make([][]float64, len(x.Vector)) // by rank
		e.each(&g, func(v []burnout.Entry, _ int) {
			for i, tau := range burnout.Growth(v) {
				rates[i+1] = append(rates[i+1], tau)
			}
		})
		s := Series{Name: g.name, Line: k < 2}
		for i, r := range rates {
			if len(r) == 0 {
				continue
			}
			slices.Sort(r)
			s.Points = append(s.Points, Point{float64(i), mean(r)})
			if k == 0 {
				s.Low, s.High = append(s.Low, r[len(r)/20]), append(s.High, r[len(r)-1-len(r)/20])
			}
		}
		if len(s.Points) > 0 {
			f.Series = append(f.Series, s)
		}
	}
	f.Floor = evt.ExpectedGrowth(e.Model.Batch.Alpha, len(x.Vector)) / 20
	f.Series = append(f.Series, law)
	return f
}

// QQ shows quantiles of the normalised spacings α·i·τ⁽ⁱ⁾ below ω, α that of
// the position, against those of the Exp(1) distribution.
func (e *Explainer) QQ(x *Explanation) *Figure {
	f := &Figure{Title: "Normalised spacings", X: "quantile of Exp(1)", Y: "quantile of α·i·τ(i)"}
	low, high := math.Inf(1), 0.0
	for _, g := range []group{e.normal(), e.consistent(x.Family), e.one(x)} {
		var u []float64
		e.each(&g, func(v []burnout.Entry, row int) {
			for _, s := range burnout.Spacings(nil, v, e.Model.Omega) {
				u = append(u, s*e.Model.Alpha(row))
			}
		})
		if len(u) == 0 {
			continue
		}
		s := Series{Name: g.name, Points: quantiles(u)}
		low, high = min(low, s.Points[0].X), max(high, s.Points[len(s.Points)-1].X)
		f.Series = append(f.Series, s)
	}
	f.Series = append(f.Series, Series{Name: "the model", Points: []Point{{low, low}, {high, high}}, Line: true, Theory: true})
	return f
}

// A distribution is shown by so many points, from this quantile of Exp(1) on.
const (
	maxQuantiles   = 120
	lowestQuantile = 0.005
)

// quantiles pairs quantiles of u with those of Exp(1), in even steps of their
// logarithm, so that both ends are seen.
func quantiles(u []float64) []Point {
	slices.Sort(u)
	exponential := func(k int) float64 { return -math.Log1p(-(float64(k) + 0.5) / float64(len(u))) }
	var out []Point
	first, last := math.Log(max(exponential(0), lowestQuantile)), math.Log(exponential(len(u)-1))
	for n := range maxQuantiles {
		at := math.Exp(first + (last-first)*float64(n)/(maxQuantiles-1))
		k := min(max(int(-math.Expm1(-at)*float64(len(u))), 0), len(u)-1)
		out = append(out, Point{exponential(k), u[k]})
	}
	return slices.CompactFunc(out, func(a, b Point) bool { return cmp.Compare(a.X, b.X) == 0 })
}

func mean(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}
