package pipeline

import (
	"context"
	"slices"

	"codegraph/internal/burnout"
	"codegraph/internal/evt"
	"codegraph/internal/graph"
	"codegraph/internal/pose"
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

// evidence gathers what the result rests on; nil if it was not asked for.
func (r *Run) evidence(ctx context.Context, n Numbering) (*Evidence, error) {
	if r.Options.Evidence <= 0 || len(r.Batch.Images) < 3 {
		return nil, nil
	}
	g := &gatherer{r.Batch, r.Distances, r.Options}
	e, err := g.vectors(ctx)
	if err != nil {
		return nil, err
	}
	if r.Families != nil {
		e.Graph = g.graph(r.Families)
	}
	return e.numbered(r.Batch, n), nil
}

// gatherer makes the evidence of a batch, by places in the batch.
type gatherer struct {
	b    *Batch
	d    *Distances
	opts Options
}

// graph is the image graph.
func (g *gatherer) graph(f *Families) *ImageGraph {
	graph := f.Graph
	figures := func(images []int) Community {
		return Community{Images: images, Density: graph.Density(images), Limit: graph.Limit}
	}
	out := &ImageGraph{Gamma: graph.Gamma, Edges: graph.Edges()}
	for _, l := range graph.Links {
		l.Patch = int32(g.toOriginal(int(l.From), int(l.Patch)))
		if l.Patch >= 0 {
			out.Links = append(out.Links, l)
		}
	}
	for _, c := range graph.Partition.Communities() {
		if len(c) > 1 {
			out.Communities = append(out.Communities, figures(c))
		}
	}
	for _, fam := range f.Finding.Families {
		out.Families = append(out.Families, figures(fam.Images()))
	}
	return out
}

// toRotated returns the patch of image i as it was compared that shows patch p
// of the image as it is, −1 for none; toOriginal the reverse.
func (g *gatherer) toRotated(i, p int) int {
	if angle := g.b.Images[i].Angle; angle != 0 {
		return pose.ToRotated(p, g.b.Tokens.H, g.b.Tokens.W, angle)
	}
	return p
}

func (g *gatherer) toOriginal(i, p int) int {
	if angle := g.b.Images[i].Angle; angle != 0 {
		return pose.ToOriginal(p, g.b.Tokens.H, g.b.Tokens.W, angle)
	}
	return p
}

// numbered is e, of which the images are places in b, as the result numbers
// them: without references.
func (e *Evidence) numbered(b *Batch, n Numbering) *Evidence {
	index := make([]int, len(b.Images))
	for k, im := range b.Images {
		index[k] = n.Image[im.Index]
	}
	out := *e
	out.Vectors = make([][]Vector, n.Images)
	for k, vectors := range e.Vectors {
		if index[k] < 0 {
			continue
		}
		for _, v := range vectors {
			out.Vectors[index[k]] = append(out.Vectors[index[k]], v.numbered(index))
		}
	}
	if e.Graph != nil {
		out.Graph = e.Graph.numbered(index, n)
	}
	return &out
}

func (v Vector) numbered(index []int) Vector {
	out := v
	out.Nearest, out.Matches = make([]int32, 0, len(v.Nearest)), nil
	for k, j := range v.Nearest {
		if index[j] < 0 {
			continue
		}
		out.Nearest = append(out.Nearest, int32(index[j]))
		if v.Matches != nil {
			out.Matches = append(out.Matches, v.Matches[k])
		}
	}
	return out
}

func (g *ImageGraph) numbered(index []int, n Numbering) *ImageGraph {
	out := &ImageGraph{Gamma: g.Gamma}
	for _, e := range g.Edges {
		if i, j := index[e.I], index[e.J]; i >= 0 && j >= 0 {
			out.Edges = append(out.Edges, graph.Edge{I: min(i, j), J: max(i, j), W: e.W})
		}
	}
	for _, l := range g.Links {
		if i, j := index[l.From], index[l.To]; i >= 0 && j >= 0 {
			l.From, l.To = int32(i), int32(j)
			out.Links = append(out.Links, l)
		}
	}
	for _, c := range g.Communities {
		out.Communities = append(out.Communities, c.numbered(index))
	}
	for k, c := range g.Families {
		if n.Group[k] >= 0 {
			out.Families = append(out.Families, c.numbered(index))
		}
	}
	return out
}

func (c Community) numbered(index []int) Community {
	out := Community{Density: c.Density, Limit: c.Limit}
	for _, i := range c.Images {
		if index[i] >= 0 {
			out.Images = append(out.Images, index[i])
		}
	}
	slices.Sort(out.Images)
	return out
}
