package pipeline

import (
	"codegraph/internal/burnout"
	"codegraph/internal/evt"
	"codegraph/internal/family"
	"codegraph/internal/graph"
)

// Evidence is what a result rests on, small enough to be shown: similarity
// vectors before any filtering and the image graph. Unlike those of
// Intermediates, its patches are those of the images as they are.
type Evidence struct {
	Omega int // reference rank ω
	// Alpha is the tail index α of the batch: the median of Hill's estimate
	// over all patches, most of which are normal. Of a normal patch
	// d⁽ⁱ⁾ ≈ d⁽ω⁾·(i/ω)^(1/α).
	Alpha float64
	// Ranks are those at which vectors are kept, ascending from 1 to N−1.
	Ranks []int
	// Low and High are the 5 % and 95 % quantiles, over all patches, of
	// ln(d⁽ⁱ⁾/d⁽ω⁾) at Ranks.
	Low, High []float64
	// Block is the side of the blocks of patches of which each the one with
	// the highest score has its vector kept; 1 keeps all.
	Block   int
	Vectors [][]Vector  // of each image, by patch
	Graph   *ImageGraph // nil if none was built
	Model   *Model      // nil for batches too small for one
}

// Model is what a normal patch does, by the theory of package evt.
type Model struct {
	Alpha evt.Estimate // of the batch: the median of its images
	Fit   evt.BatchFit
	// Expected, Low and High are, at those of Evidence.Ranks up to ω, α times
	// the logarithm of d⁽ⁱ⁾/d⁽ω⁾ of a normal patch: its mean, 5 % and 95 %.
	Expected, Low, High []float64
}

// Vector is the mutual similarity vector of one patch.
type Vector struct {
	Patch     int
	Distances []float32 // at Evidence.Ranks
	Nearest   []int32   // the nearest images
	// Matches are the patches of the nearest images that this one matches, −1
	// where that is out of sight; nil if they were not looked for.
	Matches []int32
	// Burnout is the rank i < ω after which the distances grow by far more
	// than those of a normal patch do, and Growth the factor d⁽ⁱ⁺¹⁾/d⁽ⁱ⁾
	// there; 0 if there is none.
	Burnout int
	Growth  float64
	// Alpha is Hill's estimate of the patch by itself, Position that of its
	// place, the median over the images; 0 where there is none.
	Alpha, Position float64
	// P is the p-value of the test for burnout, 1 without a model.
	P float64
}

// ImageGraph is the graph of suspicious links between images.
type ImageGraph struct {
	Gamma float64 // resolution of the communities
	Edges []graph.Edge
	// Communities are those of two images or more at that resolution.
	Communities []Community
	// Families holds the same figures of each of Result.Families.
	Families []Community
	Links    []burnout.Link // most suspicious first
}

// Community is a group of images in the graph and how it fares by the
// density rule: it is suspicious if Density exceeds Limit.
type Community struct {
	Images         []int
	Density, Limit float64
}

// gatherGraph adds the image graph.
func (d *detector) gatherGraph(graph *family.Graph, f *family.Finding) {
	e := d.result.Evidence
	if e == nil {
		return
	}
	figures := func(images []int) Community {
		return Community{Images: images, Density: graph.Density(images), Limit: graph.Limit}
	}
	g := &ImageGraph{Gamma: graph.Gamma, Edges: graph.Edges(), Links: d.uprightLinks(graph.Links)}
	for _, c := range graph.Partition.Communities() {
		if len(c) > 1 {
			g.Communities = append(g.Communities, figures(c))
		}
	}
	for _, fam := range f.Families {
		g.Families = append(g.Families, figures(fam.Images()))
	}
	e.Graph = g
}

// uprightLinks places links on the patches of the images as they are.
func (d *detector) uprightLinks(links []burnout.Link) []burnout.Link {
	out := make([]burnout.Link, 0, len(links))
	for _, l := range links {
		l.Patch = int32(d.shown(int(l.From), int(l.Patch)))
		if l.Patch >= 0 {
			out = append(out, l)
		}
	}
	return out
}
