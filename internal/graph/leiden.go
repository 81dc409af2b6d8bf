package graph

import (
	"context"
	"math"
	"math/rand/v2"
)

// Options control Leiden.
type Options struct {
	Gamma    float64 // resolution γ
	Seed     uint64
	Restarts int // independent runs, the best of which counts; 0: 40
}

// randomness is θ of the refinement, relative to the resolution.
const randomness = 0.01

// kick is the share of nodes that later runs take out of their communities.
const kick = 0.2

// Leiden returns the best partition that it finds, and its quality. The result
// depends on the graph and the options only.
//
// The first half of the runs start from single nodes, the others from the
// best partition so far with some nodes taken out (iterated local search).
func Leiden(ctx context.Context, g *Graph, o Options) (Partition, float64, error) {
	runs := o.Restarts
	if runs <= 0 {
		runs = 40
	}
	best := canonical(singletons(g.N()))
	quality := g.CPM(best, o.Gamma)
	for r := range runs {
		l := &leiden{gamma: o.Gamma, rng: rand.New(rand.NewPCG(o.Seed, uint64(r)))}
		from := singletons(g.N())
		if r >= runs/2 {
			for i, c := range best {
				if l.rng.Float64() >= kick {
					from[i] = g.N() + c
				}
			}
		}
		p, q, err := l.improve(ctx, g, canonical(from))
		if err != nil {
			return nil, 0, err
		}
		if q > quality {
			best, quality = p, q
		}
	}
	return best, quality, nil
}

// improve repeats passes until the quality does not grow.
func (l *leiden) improve(ctx context.Context, g *Graph, p Partition) (Partition, float64, error) {
	q := g.CPM(p, l.gamma)
	for {
		if err := ctx.Err(); err != nil {
			return nil, 0, err
		}
		next := canonical(l.pass(g, p))
		gained := g.CPM(next, l.gamma)
		if gained <= q+1e-12*math.Abs(q) {
			return p, q, nil
		}
		p, q = next, gained
	}
}

func singletons(n int) []int {
	labels := make([]int, n)
	for i := range labels {
		labels[i] = i
	}
	return labels
}

type leiden struct {
	gamma float64
	rng   *rand.Rand
}

// pass runs one Leiden iteration over all levels, from partition p.
func (l *leiden) pass(g *Graph, p []int) []int {
	node := singletons(g.N()) // the node of the current level, per original
	labels := append([]int(nil), p...)
	for {
		labels = l.move(g, labels)
		parts := canonical(l.refine(g, labels))
		count := len(parts.Communities())
		if count == g.N() {
			break
		}
		of := make([]int, count)
		for i, c := range parts {
			of[c] = labels[i]
		}
		for i := range node {
			node[i] = parts[node[i]]
		}
		g, labels = aggregate(g, parts, count), canonical(of)
	}
	out := make([]int, len(node))
	for i, v := range node {
		out[i] = labels[v]
	}
	return out
}

// move moves nodes to the community where the quality gains most. Its queue holds
// the nodes with a neighbour that moved (Leiden's fast local moving). Labels are
// below g.N().
func (l *leiden) move(g *Graph, labels []int) []int {
	n := g.N()
	labels = canonical(labels)
	size := make([]float64, n) // nodes per community
	for i, c := range labels {
		size[c] += g.size[i]
	}
	var empty []int
	for c, s := range size {
		if s == 0 {
			empty = append(empty, c)
		}
	}
	queue, queued := l.rng.Perm(n), make([]bool, n)
	for i := range queued {
		queued[i] = true
	}
	links := newTally(n)
	for len(queue) > 0 {
		i := queue[0]
		queue = queue[1:]
		queued[i] = false
		links.count(g, i, labels, nil)
		from := labels[i]
		size[from] -= g.size[i]
		if size[from] == 0 {
			empty = append(empty, from)
		}
		best, gain := from, links.weight[from]-l.gamma*g.size[i]*size[from]
		for _, c := range links.touched {
			if d := links.weight[c] - l.gamma*g.size[i]*size[c]; d > gain+1e-12 {
				best, gain = c, d
			}
		}
		if gain < -1e-12 { // better alone
			best = empty[len(empty)-1]
		}
		if size[best] == 0 {
			empty = remove(empty, best)
		}
		size[best] += g.size[i]
		if best == from {
			continue
		}
		labels[i] = best
		to, _ := g.row(i)
		for _, j := range to {
			if labels[j] != best && !queued[j] {
				queue, queued[j] = append(queue, j), true
			}
		}
	}
	return labels
}

func remove(list []int, v int) []int {
	for k, x := range list {
		if x == v {
			return append(list[:k], list[k+1:]...)
		}
	}
	return list
}

// refine splits each community into parts that are well connected within it. Each
// node starts as a part; a node that is still alone joins a part of its community,
// drawn at random among those that gain.
func (l *leiden) refine(g *Graph, labels []int) []int {
	n := g.N()
	parts := singletons(n)
	total := make([]float64, n) // size of each community
	for i, c := range labels {
		total[c] += g.size[i]
	}
	size := append([]float64(nil), g.size...)
	outward := make([]float64, n) // weight from each part to its community's rest
	for i := range n {
		to, w := g.row(i)
		for k, j := range to {
			if labels[i] == labels[j] {
				outward[i] += w[k]
			}
		}
	}
	alone := make([]bool, n)
	for i := range alone {
		alone[i] = true
	}
	links := newTally(n)
	for _, i := range l.rng.Perm(n) {
		rest := total[labels[i]]
		if !alone[i] || outward[i] < l.gamma*size[i]*(rest-size[i]) {
			continue
		}
		links.count(g, i, parts, labels)
		to := l.choose(links, i, func(c int) (float64, bool) {
			well := outward[c] >= l.gamma*size[c]*(rest-size[c])
			return links.weight[c] - l.gamma*g.size[i]*size[c], well
		})
		if to == i {
			continue
		}
		parts[i] = to
		alone[i], alone[to] = false, false
		outward[to] += outward[i] - 2*links.weight[to]
		size[to] += size[i]
		size[i] = 0
	}
	return parts
}

// choose draws one of the parts with a gain ≥ 0, with probability ∝ exp(gain/θ).
// To stay alone has gain 0.
func (l *leiden) choose(links *tally, i int, gain func(c int) (float64, bool)) int {
	type option struct {
		part int
		gain float64
	}
	options := []option{{i, 0}}
	var most float64
	for _, c := range links.touched {
		if d, ok := gain(c); ok && d >= 0 && c != i {
			options = append(options, option{c, d})
			most = max(most, d)
		}
	}
	theta := randomness * max(l.gamma, 1e-12)
	var sum float64
	for _, o := range options {
		sum += math.Exp((o.gain - most) / theta)
	}
	at := l.rng.Float64() * sum
	for _, o := range options {
		if at -= math.Exp((o.gain - most) / theta); at < 0 {
			return o.part
		}
	}
	return options[len(options)-1].part
}

// aggregate makes a graph whose nodes are the parts.
func aggregate(g *Graph, parts Partition, count int) *Graph {
	size := make([]float64, count)
	var edges []Edge
	for i, c := range parts {
		size[c] += g.size[i]
		if g.self[i] > 0 {
			edges = append(edges, Edge{c, c, g.self[i]})
		}
	}
	for _, e := range g.Edges() {
		edges = append(edges, Edge{parts[e.I], parts[e.J], e.W})
	}
	return build(count, edges, size)
}

// tally sums the weights from one node to each label.
type tally struct {
	weight  []float64
	touched []int
	is      []bool
}

func newTally(n int) *tally { return &tally{weight: make([]float64, n), is: make([]bool, n)} }

// count sums over the neighbours of i. If within is not nil, it counts only those
// with the label of i there.
func (t *tally) count(g *Graph, i int, labels, within []int) {
	for _, c := range t.touched {
		t.weight[c], t.is[c] = 0, false
	}
	t.touched = t.touched[:0]
	to, w := g.row(i)
	for k, j := range to {
		if within != nil && within[j] != within[i] {
			continue
		}
		c := labels[j]
		if !t.is[c] {
			t.is[c] = true
			t.touched = append(t.touched, c)
		}
		t.weight[c] += w[k]
	}
}
