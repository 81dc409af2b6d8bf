package graph

import (
	"context"
	"math/rand/v2"
	"testing"

	"gonum.org/v1/gonum/stat/distuv"
)

// counts draws a graph of the null model, nodes of different strength, with
// more between the first nodes.
func counts(rng *rand.Rand, n, first int, more float64) *Graph {
	var edges []Edge
	for i := range n {
		for j := range i {
			mean := (0.5 + float64(i%5)) * (0.5 + float64(j%5)) / 2
			if i < first {
				mean += more
			}
			edges = append(edges, Edge{i, j, distuv.Poisson{Lambda: mean, Src: rng}.Rand()})
		}
	}
	g, err := New(n, edges)
	if err != nil {
		panic(err)
	}
	return g
}

func numbers(n int) []int {
	v := make([]int, n)
	for i := range v {
		v[i] = i
	}
	return v
}

// TestPValueNull: communities that Leiden finds where there is none are not
// significant.
func TestPValueNull(t *testing.T) {
	wrong := 0
	for seed := range uint64(40) {
		g := counts(rand.New(rand.NewPCG(seed, 1)), 30, 0, 0)
		p, _, err := Leiden(context.Background(), g, Options{Gamma: g.Quantile(0.75), Seed: seed})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Communities() {
			if v := g.PValue(c); v < 0 || v > 1 {
				t.Fatalf("p = %v", v)
			} else if v < 0.05 {
				wrong++
				break
			}
		}
	}
	if wrong > 2 {
		t.Errorf("%d of 40 graphs without communities have a significant one", wrong)
	}
}

func TestPValuePlanted(t *testing.T) {
	g := counts(rand.New(rand.NewPCG(1, 2)), 40, 8, 25)
	if p := g.PValue(numbers(8)); p > 1e-10 {
		t.Errorf("p = %v of a planted community", p)
	}
	if p := g.PValue([]int{10, 15, 20, 25}); p < 0.5 {
		t.Errorf("p = %v of nodes that have nothing in common", p)
	}
	// The same weights, all inside: the group does not raise its own null.
	alone := counts(rand.New(rand.NewPCG(1, 3)), 8, 8, 25)
	g, err := New(40, alone.Edges())
	if err != nil {
		t.Fatal(err)
	}
	if p := g.PValue(numbers(8)); p > 1e-10 {
		t.Errorf("p = %v of a community that has all the weight", p)
	}
}

// TestPValueDispersed: the same excess is less surprising where counts scatter
// more than Poisson.
func TestPValueDispersed(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	g := counts(rng, 40, 6, 12)
	var edges []Edge
	for _, e := range g.Edges() {
		if e.J >= 6 {
			e.W *= 8 * float64(rng.IntN(2))
		}
		edges = append(edges, e)
	}
	wild, err := New(40, edges)
	if err != nil {
		t.Fatal(err)
	}
	if a, b := g.PValue(numbers(6)), wild.PValue(numbers(6)); !(a < 1e-6 && b > 1000*a) {
		t.Errorf("p = %v, dispersed %v", a, b)
	}
}

func TestPValueOfNothing(t *testing.T) {
	g, err := New(5, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, members := range [][]int{nil, {2}, {0, 1, 2}, numbers(5)} {
		if p := g.PValue(members); p != 1 {
			t.Errorf("p = %v of %v in an empty graph", p, members)
		}
	}
}
