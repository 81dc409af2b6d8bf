package rehearse

import (
	"io"
	"maps"
	"slices"

	"codegraph/internal/eval/benchmark"
	"codegraph/internal/plant"
)

// curves is how many kinds a panel shows.
const curves = 4

// Draw draws the report as a PNG picture: above, the share of rare defects
// that do not pass, by size; below, that of recurring ones, by share.
func (r *Report) Draw(w io.Writer) error {
	kinds := r.kinds()
	var rare, recurring []benchmark.Panel
	for some := range slices.Chunk(kinds, curves) {
		a := benchmark.Panel{Title: "rare defects that do not pass", X: "size in pixels", Y: "per cent", Percent: true}
		b := benchmark.Panel{Title: "recurring defects that do not pass", X: "share of the photographs, per cent", Y: "per cent", Percent: true}
		for _, k := range some {
			a.Curves = append(a.Curves, r.rareCurve(k))
			b.Curves = append(b.Curves, r.recurringCurve(k))
		}
		rare, recurring = append(rare, a), append(recurring, b)
	}
	return benchmark.Draw(w, [][]benchmark.Panel{rare, recurring})
}

func (r *Report) kinds() (all []plant.Kind) {
	for _, d := range r.Rare {
		all = append(all, d.Kind)
	}
	for _, d := range r.Recurring {
		all = append(all, d.Kind)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func (r *Report) rareCurve(k plant.Kind) benchmark.Curve {
	c := benchmark.Curve{Name: string(k)}
	for _, d := range r.Rare {
		if d.Kind == k {
			c.X, c.Mean, c.Std = append(c.X, d.Size), append(c.Mean, 100*(1-d.Missed())), append(c.Std, 0)
		}
	}
	return c
}

// recurringCurve adds up the sizes.
func (r *Report) recurringCurve(k plant.Kind) benchmark.Curve {
	c := benchmark.Curve{Name: string(k)}
	by := make(map[float64]Verdicts)
	for _, d := range r.Recurring {
		if d.Kind == k {
			v := by[d.Share]
			by[d.Share] = Verdicts{v.Fail + d.Fail, v.Unsure + d.Unsure, v.Pass + d.Pass}
		}
	}
	for _, share := range slices.Sorted(maps.Keys(by)) {
		c.X, c.Mean, c.Std = append(c.X, 100*share), append(c.Mean, 100*(1-by[share].Missed())), append(c.Std, 0)
	}
	return c
}
