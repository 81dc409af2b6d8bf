package benchmark

import (
	"fmt"
	"math"
	"slices"

	"codegraph"
	"codegraph/internal/eval/synth"
	"codegraph/internal/stats"
)

// Group holds rendered batches that differ in their seeds only.
type Group struct {
	Kind    synth.Kind
	Images  int
	Share   float64
	Batches []*Rendered
}

// Groups puts batches that differ in their seeds together, in order.
func Groups(all []*Rendered) []Group {
	var out []Group
	for _, r := range all {
		k := slices.IndexFunc(out, func(g Group) bool { return g.Kind == r.Kind && g.Images == r.Images && g.Share == r.Share })
		if k < 0 {
			k = len(out)
			out = append(out, Group{Kind: r.Kind, Images: r.Images, Share: r.Share})
		}
		out[k].Batches = append(out[k].Batches, r)
	}
	return out
}

// Median is that of a figure over the batches for which it is defined.
func (g Group) Median(figure func(*Rendered) float64) float64 {
	var v []float64
	for _, r := range g.Batches {
		if f := figure(r); !math.IsNaN(f) {
			v = append(v, f)
		}
	}
	if len(v) == 0 {
		return math.NaN()
	}
	return stats.Median(v)
}

// Counts returns in how many batches the recurring defect was found, and in
// how many a defect was reported that is none.
func (g Group) Counts() (found, wrong int) {
	for _, r := range g.Batches {
		if r.Found() {
			found++
		}
		if r.FalseDefects() > 0 {
			wrong++
		}
	}
	return found, wrong
}

// ShareFigure shows the pixel AP on the recurring defect against its share: a
// row for each kind, a panel for each number of images.
func ShareFigure(all []*Rendered) [][]Panel {
	var rows [][]Panel
	var kinds []synth.Kind
	for _, g := range Groups(all) {
		if len(kinds) == 0 || kinds[len(kinds)-1] != g.Kind {
			kinds, rows = append(kinds, g.Kind), append(rows, nil)
		}
		row := &rows[len(rows)-1]
		title := fmt.Sprintf("%s, %d images", g.Kind, g.Images)
		if n := len(*row); n == 0 || (*row)[n-1].Title != title {
			*row = append(*row, Panel{
				Title: title, X: "images with the recurring defect, %", Y: "pixel AP on it, %",
				Curves: []Curve{{Name: "MuSc"}, {Name: "CoDeGraph"}},
			})
		}
		panel := &(*row)[len(*row)-1]
		for k, m := range methods {
			panel.Curves[k].point(100*g.Share, g.Batches, m)
		}
	}
	return rows
}

// point appends the point of one share.
func (c *Curve) point(x float64, batches []*Rendered, m codegraph.Method) {
	var v []float64
	for _, r := range batches {
		v = append(v, r.PixelAP(m))
	}
	mean, std := spread(v)
	c.X, c.Mean, c.Std = append(c.X, x), append(c.Mean, mean), append(c.Std, std)
}
