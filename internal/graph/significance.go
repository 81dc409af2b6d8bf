package graph

import (
	"math"

	"gonum.org/v1/gonum/stat/combin"
)

// PValue is the chance of a group of as many nodes anywhere in the graph with
// as much weight inside, if edges did not know about groups.
//
// That null is a configuration model: weights are counts with means θ_i·θ_j,
// fitted to the pairs that are not both in the group, so that a group does not
// raise what is expected of itself, as it would with degrees. Counts are taken
// to be Poisson but for a dispersion φ ≥ 1, the mean of Pearson's
// (w − θ_iθ_j)²/θ_iθ_j over those pairs: the links of an image are not
// independent. The chance of one group is bounded by Chernoff's
//
//	exp(−(w ln(w/μ) − w + μ)/φ),  w and μ summed over the pairs inside,
//
// and multiplied by the number of groups of this size, so that it holds
// however the group was found (our choice).
func (g *Graph) PValue(members []int) float64 {
	if len(members) < 2 || len(members) >= g.N() {
		return 1
	}
	f := newFit(g, members)
	w, pairs := g.within(members)
	// Half a count beside those outside keeps what never happened possible.
	mu := f.within(members) + 0.5*pairs/f.outside
	if w <= mu {
		return 1
	}
	logP := -(w*math.Log(w/mu) - w + mu) / f.dispersion(g)
	return math.Exp(min(0, logP+combin.LogGeneralizedBinomial(float64(g.N()), float64(len(members)))))
}

// within is the weight between members and the number of their pairs.
func (g *Graph) within(members []int) (weight, pairs float64) {
	n := float64(len(members))
	pairs = n * (n - 1) / 2
	return g.Density(members) * pairs, pairs
}

// fit is a configuration model of the pairs that are not both in a group.
type fit struct {
	in      []bool
	theta   []float64
	outside float64 // number of pairs
}

// fitSweeps is how often θ goes round; it settles within a few.
const fitSweeps = 50

func newFit(g *Graph, members []int) *fit {
	n, m := float64(g.N()), float64(len(members))
	f := &fit{in: make([]bool, g.N()), theta: make([]float64, g.N()), outside: (n*(n-1) - m*(m-1)) / 2}
	for _, i := range members {
		f.in[i] = true
	}
	degree := make([]float64, g.N())
	var total float64
	for i := range degree {
		to, w := g.row(i)
		for k, j := range to {
			if !f.in[i] || !f.in[j] {
				degree[i] += w[k]
			}
		}
		total += degree[i]
	}
	if total == 0 {
		return f
	}
	for i, d := range degree {
		f.theta[i] = d / math.Sqrt(total)
	}
	for range fitSweeps {
		f.sweep(degree)
	}
	return f
}

// sweep makes each node's expected degree its own, one after the other: the
// maximum likelihood of Poisson counts, by coordinates.
func (f *fit) sweep(degree []float64) {
	var all, inside float64
	for i, t := range f.theta {
		all += t
		if f.in[i] {
			inside += t
		}
	}
	for i, d := range degree {
		before, others := f.theta[i], all-f.theta[i]
		if f.in[i] {
			others = all - inside
		}
		if f.theta[i] = 0; others > 0 {
			f.theta[i] = d / others
		}
		all += f.theta[i] - before
		if f.in[i] {
			inside += f.theta[i] - before
		}
	}
}

// within is the expected weight between members.
func (f *fit) within(members []int) float64 {
	var sum, squares float64
	for _, i := range members {
		sum += f.theta[i]
		squares += f.theta[i] * f.theta[i]
	}
	return (sum*sum - squares) / 2
}

// dispersion is φ.
func (f *fit) dispersion(g *Graph) float64 {
	var sum, pairs float64
	dense := make([]float64, g.N())
	for i := range g.N() {
		clear(dense)
		to, w := g.row(i)
		for k, j := range to {
			dense[j] = w[k]
		}
		for j := range i {
			mu := f.theta[i] * f.theta[j]
			if f.in[i] && f.in[j] || !(mu > 0) {
				continue
			}
			sum += (dense[j] - mu) * (dense[j] - mu) / mu
			pairs++
		}
	}
	return max(1, sum/max(1, pairs))
}
