package family

import (
	"context"
	"slices"

	"codegraph/burnout"
	"codegraph/graph"
	"codegraph/mutual"
)

// Params are the constants of the search for families.
type Params struct {
	Neighbours float64 // share of the other images a score averages over
	Gamma      float64 // CPM resolution as a quantile of the positive edge weights
	Outlier    float64 // k of the density rule
	MinMembers int
	Percentile float64 // of ln ρ outside the community, in [0, 100]
	MinLogRho  float64 // no patch below is guilty
	RelLogRho  float64 // nor below this share of its family's gain
	MinGain    float64 // below: images that look alike, no family
	MaxArea    float64 // above: a candidate, not a defect
	Seed       uint64
	Threads    int
}

// Member is an image of a family with its guilty patches, ascending, and the
// one among them with the highest ρ.
type Member struct {
	Image          int
	Patches        []int
	Representative int
}

// Family is a group of images that share a consistent anomaly.
type Family struct {
	Members []Member // ascending by image
	Density float64  // of its members in the image graph
	Gain    float64
	Area    float64
	Local   bool // Area is at most Params.MaxArea: a defect
}

// Finding holds every intermediate result.
type Finding struct {
	Graph      *graph.Graph
	Gamma      float64
	Partition  graph.Partition
	Quality    float64
	Suspicious [][]int // communities that pass the density rule
	Families   []Family
}

// Find looks for the families of a batch. scores are a_B(x), [N][P], of t.
func Find(ctx context.Context, t *mutual.Table, scores [][]float32, links []burnout.Link, p Params) (*Finding, error) {
	g, err := ImageGraph(t.N, links)
	if err != nil {
		return nil, err
	}
	f := &Finding{Graph: g, Gamma: g.Quantile(p.Gamma)}
	f.Partition, f.Quality, err = graph.Leiden(ctx, g, graph.Options{Gamma: f.Gamma, Seed: p.Seed})
	if err != nil {
		return nil, err
	}
	f.Suspicious = suspicious(g, f.Partition, p)
	d := &dependence{table: t, scores: scores, p: p}
	var taken []bool
	for _, c := range f.Suspicious {
		fam, err := d.family(ctx, c, f.Suspicious)
		if err != nil {
			return nil, err
		}
		if fam == nil {
			continue
		}
		if taken == nil {
			taken = make([]bool, t.N)
		}
		if fam = fam.without(taken, p); fam == nil {
			continue
		}
		for _, m := range fam.Members {
			taken[m.Image] = true
		}
		fam.Density = g.Density(fam.images())
		f.Families = append(f.Families, *fam)
	}
	return f, nil
}

// ImageGraph counts the links between each pair of images, both directions.
func ImageGraph(n int, links []burnout.Link) (*graph.Graph, error) {
	edges := make([]graph.Edge, len(links))
	for k, l := range links {
		edges[k] = graph.Edge{I: int(l.From), J: int(l.To), W: 1}
	}
	return graph.New(n, edges)
}

// suspicious returns the communities that pass the density rule, densest
// first.
func suspicious(g *graph.Graph, partition graph.Partition, p Params) [][]int {
	var found [][]int
	for _, c := range partition.Communities() {
		if len(c) < p.MinMembers {
			continue
		}
		in := make([]bool, g.N())
		for _, i := range c {
			in[i] = true
		}
		q := g.PairQuantiles(func(i, j int) bool { return in[i] && in[j] }, 0.25, 0.75)
		if g.Density(c) > q[1]+p.Outlier*max(q[1]-q[0], 1) {
			found = append(found, c)
		}
	}
	slices.SortStableFunc(found, func(a, b []int) int {
		switch x, y := g.Density(a), g.Density(b); {
		case x > y:
			return -1
		case x < y:
			return 1
		}
		return 0
	})
	return found
}

func (f *Family) images() []int {
	var images []int
	for _, m := range f.Members {
		images = append(images, m.Image)
	}
	return images
}

// without drops members that a denser family has taken; nil if too few stay.
func (f *Family) without(taken []bool, p Params) *Family {
	f.Members = slices.DeleteFunc(f.Members, func(m Member) bool { return taken[m.Image] })
	if len(f.Members) < p.MinMembers {
		return nil
	}
	return f
}

// Removed lists, by image, the guilty patches of the families that filtered
// selects by index.
func Removed(families []Family, filtered func(k int) bool) map[int][]int {
	removed := make(map[int][]int)
	for k, f := range families {
		if !filtered(k) {
			continue
		}
		for _, m := range f.Members {
			removed[m.Image] = m.Patches
		}
	}
	return removed
}
