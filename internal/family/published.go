package family

import (
	"context"
	"fmt"
	"math"
	"slices"

	"codegraph/internal/burnout"
	"codegraph/internal/graph"
	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/stats"
)

// The constants of the published pipeline. The paper names its steps; where it
// leaves a number open, this is our choice and no option: the pipeline is here
// to be compared with.
const (
	publishedOmega      = 0.3
	publishedBeta       = 1
	publishedCoverage   = 1
	publishedGamma      = 0.25 // quantile of the positive edge weights
	PublishedOutlier    = 1.5  // IQR above the third quartile of the densities
	publishedPercentile = 0.99 // of ln ρ outside
	publishedLogRho     = 0.02
)

// Graph is the image graph of the published pipeline.
type Graph struct {
	*graph.Graph
	Links     []burnout.Link // most suspicious first
	Gamma     float64
	Partition graph.Partition
	// Limit is the density above which a community is an outlier among all of
	// them, single images included.
	Limit float64
}

// NewGraph counts the suspicious links between images and divides these into
// communities (Leiden, Constant Potts Model).
func NewGraph(ctx context.Context, t *mutual.Ranked, seed uint64, threads int) (*Graph, error) {
	links, err := burnout.Select(ctx, t, burnout.Params{Omega: publishedOmega, Beta: publishedBeta, Coverage: publishedCoverage, Threads: threads})
	if err != nil {
		return nil, err
	}
	g, err := ImageGraph(t.N, links)
	if err != nil {
		return nil, err
	}
	out := &Graph{Graph: g, Links: links, Gamma: g.Quantile(publishedGamma)}
	if out.Partition, _, err = graph.Leiden(ctx, g, graph.Options{Gamma: out.Gamma, Seed: seed}); err != nil {
		return nil, err
	}
	var densities []float64
	for _, c := range out.Partition.Communities() {
		densities = append(densities, g.Density(c))
	}
	q := stats.Quantiles(densities, 0.25, 0.75)
	out.Limit = q[1] + PublishedOutlier*(q[1]-q[0])
	return out, nil
}

// Published finds the families of the published pipeline: the communities of
// an outlying density, and of their images the patches x whose dependence ratio
//
//	ρ(x) = a_{B∖C}(x) / a_B(x)
//
// is above its 99th percentile over the images outside C. All are defects.
func Published(ctx context.Context, t *mutual.Ranked, g *Graph, scores [][]float32, p Params) (*Finding, error) {
	r := plainRanking(t)
	found := new(Finding)
	for _, c := range g.Partition.Communities() {
		if len(c) < 2 || len(c) >= t.N-1 || g.Density(c) <= g.Limit {
			continue
		}
		rho, err := r.dependence(ctx, c, scores, p)
		if err != nil {
			return nil, err
		}
		if f := dependent(rho, c); len(f.Members) > 0 {
			f.Evidence.Share = float64(len(f.Members)) / float64(t.N)
			found.Families = append(found.Families, f)
		}
	}
	return found, nil
}

// dependence is ln ρ of every patch, [N][P], for the group c.
func (r *ranking) dependence(ctx context.Context, c []int, scores [][]float32, p Params) ([][]float64, error) {
	away := make([]uint16, len(c))
	for k, i := range c {
		away[k] = uint16(i)
	}
	rho := make([][]float64, r.N)
	err := parallel.ForEach(ctx, r.N, p.Threads, func() func(i int) {
		cur := r.cursor()
		return func(i int) {
			rho[i] = make([]float64, r.P)
			rest := r.N - len(c)
			if _, in := slices.BinarySearch(c, i); !in {
				rest--
			}
			for x := range r.P {
				cur.load(i, x)
				without := float64(cur.lowest(away, mutual.Neighbours(rest+1, p.Neighbours)))
				if now := float64(scores[i][x]); now > 0 && !math.IsInf(without, 1) {
					rho[i][x] = math.Log(without / now)
				}
			}
		}
	})
	return rho, err
}

// dependent is the family of the patches of c that depend on it.
func dependent(rho [][]float64, c []int) Family {
	var outside []float64
	for i, r := range rho {
		if _, in := slices.BinarySearch(c, i); !in {
			outside = append(outside, r...)
		}
	}
	limit := max(publishedLogRho, stats.Quantile(outside, publishedPercentile))
	f := Family{Defect: true}
	var areas []float64
	for _, i := range c {
		m := Member{Image: i}
		for x, r := range rho[i] {
			if r > limit {
				if len(m.Patches) == 0 || r > rho[i][m.Representative] {
					m.Representative = x
				}
				m.Patches = append(m.Patches, x)
			}
		}
		if len(m.Patches) > 0 {
			f.Members = append(f.Members, m)
			areas = append(areas, float64(len(m.Patches))/float64(len(rho[i])))
		}
	}
	if len(areas) > 0 {
		f.Evidence.Area = stats.Median(areas)
	}
	return f
}

// ImageGraph counts the links between each pair of images, both directions.
func ImageGraph(n int, links []burnout.Link) (*graph.Graph, error) {
	ends := make([][]int32, n) // of the links, by the lower end
	for k, l := range links {
		i, j := min(l.From, l.To), max(l.From, l.To)
		if i < 0 || int(j) >= n {
			return nil, fmt.Errorf("link %d joins images %d and %d, but there are %d", k, l.From, l.To, n)
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
