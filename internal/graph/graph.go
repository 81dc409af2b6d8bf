package graph

import (
	"cmp"
	"fmt"
	"math"
	"slices"

	"codegraph/internal/stats"
)

// Edge joins nodes I and J with weight W.
type Edge struct {
	I, J int
	W    float64
}

// Graph is a weighted undirected graph. Its rows are flat: the neighbours of
// node i are to[start[i]:start[i+1]], ascending. It is immutable.
type Graph struct {
	start  []int
	to     []int
	weight []float64
	size   []float64 // nodes of the original graph that a node stands for
	self   []float64 // weight inside a node
}

// New makes a graph of n nodes. Edges between the same nodes, in either
// direction, add up. Weights must be finite and not negative.
func New(n int, edges []Edge) (*Graph, error) {
	if n < 0 {
		return nil, fmt.Errorf("a graph of %d nodes", n)
	}
	for k, e := range edges {
		if e.I < 0 || e.I >= n || e.J < 0 || e.J >= n {
			return nil, fmt.Errorf("edge %d joins %d and %d, but there are %d nodes", k, e.I, e.J, n)
		}
		if !(e.W >= 0) || math.IsInf(e.W, 1) {
			return nil, fmt.Errorf("edge %d has weight %v", k, e.W)
		}
	}
	size := make([]float64, n)
	for i := range size {
		size[i] = 1
	}
	return build(n, edges, size), nil
}

func build(n int, edges []Edge, size []float64) *Graph {
	g := &Graph{start: make([]int, n+1), size: size, self: make([]float64, n)}
	both := make([]Edge, 0, 2*len(edges))
	for _, e := range edges {
		if e.I == e.J {
			g.self[e.I] += e.W
		} else if e.W > 0 {
			both = append(both, e, Edge{e.J, e.I, e.W})
		}
	}
	slices.SortFunc(both, func(a, b Edge) int {
		return cmp.Or(cmp.Compare(a.I, b.I), cmp.Compare(a.J, b.J), cmp.Compare(a.W, b.W))
	})
	for k, e := range both {
		if k > 0 && both[k-1].I == e.I && both[k-1].J == e.J {
			g.weight[len(g.weight)-1] += e.W
			continue
		}
		g.to, g.weight = append(g.to, e.J), append(g.weight, e.W)
		g.start[e.I+1]++
	}
	for i := range n {
		g.start[i+1] += g.start[i]
	}
	return g
}

// N returns the number of nodes.
func (g *Graph) N() int { return len(g.size) }

func (g *Graph) row(i int) ([]int, []float64) {
	return g.to[g.start[i]:g.start[i+1]], g.weight[g.start[i]:g.start[i+1]]
}

// Weight returns the weight between i and j, 0 without an edge.
func (g *Graph) Weight(i, j int) float64 {
	if i == j {
		return g.self[i]
	}
	to, w := g.row(i)
	if k, ok := slices.BinarySearch(to, j); ok {
		return w[k]
	}
	return 0
}

// Edges lists the edges of positive weight with I < J, ascending; loops are
// left out.
func (g *Graph) Edges() []Edge {
	var edges []Edge
	for i := range g.N() {
		to, w := g.row(i)
		for k, j := range to {
			if i < j {
				edges = append(edges, Edge{i, j, w[k]})
			}
		}
	}
	return edges
}

// Quantile is the q-quantile of the positive edge weights, as stats.Quantile says;
// 0 without edges.
func (g *Graph) Quantile(q float64) float64 {
	var w []float64
	for _, e := range g.Edges() {
		w = append(w, e.W)
	}
	return stats.Quantile(w, q)
}

// Density is the mean weight over all pairs of members, absent edges counted
// as 0; 0 for fewer than two.
func (g *Graph) Density(members []int) float64 {
	var sum float64
	for a, i := range members {
		for _, j := range members[:a] {
			sum += g.Weight(i, j)
		}
	}
	if n := float64(len(members)); n > 1 {
		return sum / (n * (n - 1) / 2)
	}
	return 0
}
