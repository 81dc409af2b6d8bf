package graph

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func mustNew(t interface{ Fatal(...any) }, n int, edges []Edge) *Graph {
	g, err := New(n, edges)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func mustLeiden(t interface{ Fatal(...any) }, g *Graph, o Options) (Partition, float64) {
	p, q, err := Leiden(context.Background(), g, o)
	if err != nil {
		t.Fatal(err)
	}
	return p, q
}

// TestAgainstLeidenalg: at least the best quality of leidenalg's 20 runs.
func TestAgainstLeidenalg(t *testing.T) {
	data, err := os.ReadFile("testdata/golden.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct {
		Cases []struct {
			Name           string
			N              int
			Edges          [][3]float64
			Gamma, Quality float64
		}
	}
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	for _, c := range golden.Cases {
		t.Run(fmt.Sprintf("%s/%.3g", c.Name, c.Gamma), func(t *testing.T) {
			var edges []Edge
			for _, e := range c.Edges {
				edges = append(edges, Edge{int(e[0]), int(e[1]), e[2]})
			}
			_, q := mustLeiden(t, mustNew(t, c.N, edges), Options{Gamma: c.Gamma})
			if q < c.Quality-1e-9 {
				t.Errorf("quality %.12g, leidenalg %.12g", q, c.Quality)
			}
		})
	}
}

func drawGraph(t *rapid.T, most int) *Graph {
	n := rapid.IntRange(0, most).Draw(t, "n")
	var edges []Edge
	for i := range n {
		for j := range i {
			if w := rapid.IntRange(-2, 4).Draw(t, "w"); w > 0 {
				edges = append(edges, Edge{i, j, float64(w)})
			}
		}
	}
	return mustNew(t, n, edges)
}

func TestLeidenProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := drawGraph(t, 12)
		o := Options{Gamma: rapid.Float64Range(0, 3).Draw(t, "gamma"), Seed: rapid.Uint64().Draw(t, "seed")}
		p, q := mustLeiden(t, g, o)
		again, _ := mustLeiden(t, g, o)
		if !slices.Equal(p, again) {
			t.Fatal("the same seed gives another partition")
		}
		if len(p) != g.N() || !slices.Equal(p, canonical(p)) {
			t.Fatalf("partition %v of %d nodes", p, g.N())
		}
		if math.Abs(q-g.CPM(p, o.Gamma)) > 1e-9 {
			t.Fatalf("quality %v, is %v", q, g.CPM(p, o.Gamma))
		}
		for i := range p {
			for c := range len(p.Communities()) + 1 {
				moved := slices.Clone(p)
				moved[i] = c
				if better := g.CPM(canonical(moved), o.Gamma); better > q+1e-9 {
					t.Fatalf("moving %d to %d gives %v over %v", i, c, better, q)
				}
			}
		}
	})
}

// TestLeidenOptimal compares with all partitions of small graphs.
func TestLeidenOptimal(t *testing.T) {
	rng := rand.New(rand.NewPCG(5, 5))
	for range 60 {
		n := 2 + rng.IntN(6)
		var edges []Edge
		for i := range n {
			for j := range i {
				if rng.Float64() < 0.6 {
					edges = append(edges, Edge{i, j, float64(1 + rng.IntN(9))})
				}
			}
		}
		g := mustNew(t, n, edges)
		gamma := 6 * rng.Float64()
		_, q := mustLeiden(t, g, Options{Gamma: gamma})
		if best := optimum(g, gamma, make(Partition, n), 0, 0); q < best-1e-9 {
			t.Errorf("quality %v, optimum %v", q, best)
		}
	}
}

func optimum(g *Graph, gamma float64, p Partition, i, used int) float64 {
	if i == len(p) {
		return g.CPM(p, gamma)
	}
	best := math.Inf(-1)
	for c := range used + 1 {
		p[i] = c
		best = max(best, optimum(g, gamma, p, i+1, max(used, c+1)))
	}
	return best
}

func TestGraph(t *testing.T) {
	g := mustNew(t, 4, []Edge{{0, 1, 1}, {1, 0, 2}, {2, 2, 5}, {1, 2, 4}, {0, 3, 0}})
	if g.Weight(1, 0) != 3 || g.Weight(2, 2) != 5 || g.Weight(0, 3) != 0 {
		t.Error("weights", g)
	}
	if want := []Edge{{0, 1, 3}, {1, 2, 4}}; !slices.Equal(g.Edges(), want) {
		t.Error("edges", g.Edges())
	}
	if d := g.Density([]int{0, 1, 2}); math.Abs(d-7.0/3) > 1e-12 {
		t.Error("density", d)
	}
	if g.Density([]int{1}) != 0 {
		t.Error("a single node has density", g.Density([]int{1}))
	}
	if q := g.Quantile(0.5); q != 3.5 {
		t.Error("median weight", q)
	}
}

func TestNewRefuses(t *testing.T) {
	for _, e := range []Edge{{0, 3, 1}, {-1, 0, 1}, {0, 1, -1}, {0, 1, math.NaN()}, {0, 1, math.Inf(1)}} {
		if _, err := New(3, []Edge{e}); err == nil {
			t.Errorf("%v is accepted", e)
		}
	}
}

func TestLeidenSmall(t *testing.T) {
	for n := range 3 {
		p, q := mustLeiden(t, mustNew(t, n, nil), Options{Gamma: 1})
		if len(p.Communities()) != n || q != 0 {
			t.Errorf("%d nodes, no edges: %v, %v", n, p, q)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, _, err := Leiden(ctx, mustNew(t, 2, nil), Options{}); err == nil {
		t.Error("a cancelled context is ignored")
	}
}

func ExampleLeiden() {
	// Two triangles and a bridge.
	g, err := New(6, []Edge{{0, 1, 1}, {1, 2, 1}, {0, 2, 1}, {3, 4, 1}, {4, 5, 1}, {3, 5, 1}, {2, 3, 1}})
	if err != nil {
		panic(err)
	}
	p, q, _ := Leiden(context.Background(), g, Options{Gamma: 0.5})
	fmt.Println(p.Communities(), q)
	// Output: [[0 1 2] [3 4 5]] 3
}

func BenchmarkLeiden(b *testing.B) {
	rng := rand.New(rand.NewPCG(1, 1))
	var edges []Edge
	for i := range 200 {
		for j := range i {
			edges = append(edges, Edge{i, j, rng.Float64()})
		}
	}
	g := mustNew(b, 200, edges)
	for b.Loop() {
		mustLeiden(b, g, Options{Gamma: 0.5})
	}
}
