package family

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"codegraph/internal/burnout"
	"codegraph/internal/graph"
	"codegraph/internal/mutual"
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
	MinGain    float64 // of a defect; below: images that look alike, no family
	// CandidateGain is the same of candidates: poses and light make whole
	// parts look alike, too.
	CandidateGain float64
	// MinCoherence is the least share of the other members that a guilty
	// patch finds, on average: below, different things were lumped together.
	MinCoherence float64
	MaxArea      float64 // above: a candidate, not a defect
	// MinSharpness is the least gain of a defect for each Footprint of guilty
	// patches; below: a candidate.
	MinSharpness float64
	Footprint    float64 // patches over which a token averages; 0 counts as 1
	Seed         uint64
	Threads      int
	NewTable     func() (*mutual.Table, error) // of t's size, for scratch; nil: in memory
}

// Member is an image of a family with its guilty patches, ascending, and the
// one among them with the highest ρ.
type Member struct {
	Image          int
	Patches        []int
	LogRho         []float64 // ln ρ of each of Patches
	Representative int
}

// Family is a group of images that share a consistent anomaly.
type Family struct {
	Members []Member // ascending by image
	Density float64  // of its members in the image graph
	Gain    float64
	Area    float64
	// Coherence is the median over members of the share of the other members
	// that their guilty patches find.
	Coherence float64
	Local     bool // Area is at most Params.MaxArea
	// Sharp says that the gain is large for the area: a recurring defect is
	// one and the same thing in a few patches, what poses and the light make
	// alike is thin and spread out.
	Sharp bool
}

// Defect says whether the family is a local defect; else it is a candidate,
// for a person to decide.
func (f *Family) Defect() bool { return f.Local && f.Sharp }

// Finding holds every intermediate result.
type Finding struct {
	Graph      *graph.Graph
	Gamma      float64
	Partition  graph.Partition
	Suspicious [][]int // communities that stand out
	Proposed   [][]int // groups that single patches propose, local ones first
	Families   []Family
}

// Find looks for the families of a batch. scores are a_B(x), [N][P], of t.
func Find(ctx context.Context, t *mutual.Table, scores [][]float32, links []burnout.Link, p Params) (*Finding, error) {
	if t.N > mostImages {
		return nil, fmt.Errorf("family: %d images in a batch; at most %d can be searched, split it", t.N, mostImages)
	}
	g, err := ImageGraph(t.N, links)
	if err != nil {
		return nil, err
	}
	f := &Finding{Graph: g, Gamma: g.Quantile(p.Gamma)}
	f.Partition, _, err = graph.Leiden(ctx, g, graph.Options{Gamma: f.Gamma, Seed: p.Seed})
	if err != nil {
		return nil, err
	}
	if f.Suspicious, err = suspicious(ctx, g, f.Partition, p); err != nil {
		return nil, err
	}
	families, err := f.examine(ctx, t, scores, p)
	if err != nil {
		return nil, err
	}
	for k := range families {
		families[k].Density = g.Density(families[k].Images())
	}
	f.Families = disjoint(families, t.N, p)
	return f, nil
}

// examine judges communities and proposals twice: on the distances as they
// are, which find variants of the whole part, and without what the patches of
// an image have in common, which find local defects.
func (f *Finding) examine(ctx context.Context, t *mutual.Table, scores [][]float32, p Params) ([]Family, error) {
	newTable := p.NewTable
	if newTable == nil {
		newTable = func() (*mutual.Table, error) { return mutual.NewTable(t.N, t.P), nil }
	}
	flat, err := newTable()
	if err != nil {
		return nil, err
	}
	defer flat.Close()
	if err := Deflate(ctx, flat, t, p.Threads); err != nil {
		return nil, err
	}
	r, err := newRanking(ctx, flat, nil, p.Threads)
	if err != nil {
		return nil, err
	}
	flatScores, err := r.scores(ctx, mutual.Neighbours(t.N, p.Neighbours), p.Threads)
	if err != nil {
		return nil, err
	}
	defects, err := f.pass(ctx, &dependence{r, flatScores, p}, true)
	if err != nil {
		return nil, err
	}
	if r, err = newRanking(ctx, t, r, p.Threads); err != nil {
		return nil, err
	}
	p.MinGain = p.CandidateGain
	candidates, err := f.pass(ctx, &dependence{r, scores, p}, false)
	return slices.Concat(defects, candidates), err
}

// pass examines the communities and what single patches propose, and returns
// the families that are local, or those that are not.
func (f *Finding) pass(ctx context.Context, d *dependence, local bool) ([]Family, error) {
	proposed, err := followers(ctx, d.ranking, d.p)
	if err != nil {
		return nil, err
	}
	f.Proposed = append(f.Proposed, proposed...)
	families, err := d.families(ctx, slices.Concat(f.Suspicious, proposed))
	return slices.DeleteFunc(families, func(f Family) bool { return f.Local != local }), err
}

// disjoint keeps the best of families that share images: defects first,
// then those that explain most. What overlaps a kept one by half is another
// view of it; smaller overlaps are given to the better family.
func disjoint(families []Family, n int, p Params) []Family {
	weight := func(f Family) float64 { return float64(len(f.Members)) * f.Gain * f.Coherence }
	slices.SortStableFunc(families, func(a, b Family) int {
		switch {
		case a.Defect() != b.Defect() && a.Defect():
			return -1
		case a.Defect() != b.Defect():
			return 1
		}
		return cmp.Compare(weight(b), weight(a))
	})
	taken := make([]bool, n)
	var kept []Family
	for _, f := range families {
		all := len(f.Members)
		f.Members = slices.DeleteFunc(f.Members, func(m Member) bool { return taken[m.Image] })
		if len(f.Members) < p.MinMembers || 2*len(f.Members) <= all {
			continue
		}
		for _, m := range f.Members {
			taken[m.Image] = true
		}
		kept = append(kept, f)
	}
	return kept
}

// ImageGraph counts the links between each pair of images, both directions.
func ImageGraph(n int, links []burnout.Link) (*graph.Graph, error) {
	ends := make([][]int32, n) // of the links, by the lower end
	for k, l := range links {
		i, j := min(l.From, l.To), max(l.From, l.To)
		if i < 0 || int(j) >= n {
			return nil, fmt.Errorf("family: link %d joins images %d and %d, but there are %d", k, l.From, l.To, n)
		}
		ends[i] = append(ends[i], j)
	}
	var edges []graph.Edge
	counts := make([]float64, n)
	for i, js := range ends {
		for _, j := range js {
			counts[j]++
		}
		for j, w := range counts {
			if w > 0 {
				edges = append(edges, graph.Edge{I: i, J: j, W: w})
			}
		}
		clear(counts)
	}
	return graph.New(n, edges)
}

// resolutions are the quantiles of the edge weights at which communities are
// looked for beside Params.Gamma: families differ in size and strength, and
// two that share images come apart at a higher resolution only.
var resolutions = []float64{0.5, 0.75, 0.9, 0.97}

// most bounds the number of communities examined.
const most = 32

// suspicious returns the communities that stand out at any resolution, densest
// first.
func suspicious(ctx context.Context, g *graph.Graph, first graph.Partition, p Params) ([][]int, error) {
	partitions := []graph.Partition{first}
	for _, q := range resolutions {
		next, _, err := graph.Leiden(ctx, g, graph.Options{Gamma: g.Quantile(q), Seed: p.Seed, Restarts: 8})
		if err != nil {
			return nil, err
		}
		partitions = append(partitions, next)
	}
	var found [][]int
	for _, partition := range partitions {
		for _, c := range partition.Communities() {
			if err := ctx.Err(); err != nil {
				return nil, err
			}
			same := func(o []int) bool { return slices.Equal(o, c) }
			if len(c) >= p.MinMembers && !slices.ContainsFunc(found, same) && g.Density(c) > Limit(g, c, p.Outlier) {
				found = append(found, c)
			}
		}
	}
	slices.SortStableFunc(found, func(a, b []int) int { return cmp.Compare(g.Density(b), g.Density(a)) })
	return found[:min(len(found), most)], nil
}

// Limit is the density that community c must exceed to be suspicious,
// Q3 + k·max(IQR, 1) over the pairs of images that are not both in c.
func Limit(g *graph.Graph, c []int, k float64) float64 {
	in := make([]bool, g.N())
	for _, i := range c {
		in[i] = true
	}
	q := g.PairQuantiles(func(i, j int) bool { return in[i] && in[j] }, 0.25, 0.75)
	return q[1] + k*max(q[1]-q[0], 1)
}

// Images lists the members' images.
func (f *Family) Images() []int {
	var images []int
	for _, m := range f.Members {
		images = append(images, m.Image)
	}
	return images
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
