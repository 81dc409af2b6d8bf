package burnout

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"codegraph/internal/mutual"
)

func entries(d ...float32) []Entry {
	return Vector(nil, d)
}

func TestVector(t *testing.T) {
	t.Parallel()
	v := entries(3, float32(math.Inf(1)), 1, 3, 2)
	want := []Entry{{2, 1}, {4, 2}, {0, 3}, {3, 3}}
	if !slices.Equal(v, want) {
		t.Fatalf("%v, want %v", v, want)
	}
}

func TestGrowthEnduranceHill(t *testing.T) {
	t.Parallel()
	v := entries(1, 2, 4, 8)
	for i, g := range Growth(v) {
		if math.Abs(g-math.Ln2) > 1e-12 {
			t.Errorf("growth %d = %v, want ln 2", i, g)
		}
	}
	if z := endurance(v, 4); !slices.Equal(z, []float64{0.125, 0.25, 0.5}) {
		t.Errorf("endurance %v", z)
	}
	// (4−1) / (ln 8 + ln 4 + ln 2) = 3 / (6 ln 2)
	if a := Hill(v, 4).Alpha; math.Abs(a-0.5/math.Ln2) > 1e-12 {
		t.Errorf("Hill %v", a)
	}
	if z := endurance(entries(0, 0, 0), 3); !slices.Equal(z, []float64{1, 1}) {
		t.Errorf("endurance of copies %v, want ones", z)
	}
	if Growth(entries(1)) != nil || endurance(v, 5) != nil || !math.IsNaN(Hill(v, 5).Alpha) {
		t.Error("short vectors are not refused")
	}
	if g := Growth(entries(0, 0, 1)); g[0] != 0 || !math.IsInf(g[1], 1) {
		t.Errorf("growth from zero %v", g)
	}
}

// TestHillRecoversAlpha draws the model: d = u^(1/α).
func TestHillRecoversAlpha(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(1, 2))
	d := make([]float32, 20000)
	for i := range d {
		d[i] = float32(math.Pow(rng.Float64(), 1.0/8))
	}
	if a := Hill(Vector(nil, d), 6000).Alpha; math.Abs(a-8) > 0.4 {
		t.Errorf("α̂ = %v, want 8", a)
	}
}

func randomTable(n, p int) *mutual.Table {
	rng := rand.New(rand.NewPCG(7, 7))
	t := mutual.NewTable(n, p)
	for i := range n {
		for x := range p {
			row := t.Row(i, x)
			for j := range row {
				row[j] = float32(1 + rng.Float64())
			}
			row[i] = float32(math.Inf(1))
		}
	}
	return t
}

// TestSelect compares with sorting every ratio there is, among them equal ones and,
// of an image that is at no distance, none.
func TestSelect(t *testing.T) {
	t.Parallel()
	coarse, alone := randomTable(12, 30), randomTable(12, 30)
	for i := range coarse.N {
		for x := range coarse.P {
			for j, d := range coarse.Row(i, x) {
				coarse.Row(i, x)[j] = float32(math.Floor(8 * float64(d)))
				if i == 5 || j == 5 {
					alone.Row(i, x)[j] = float32(math.Inf(1))
				}
			}
		}
	}
	for name, tab := range map[string]*mutual.Table{"random": randomTable(12, 30), "coarse": coarse, "alone": alone} {
		for _, coverage := range []float64{0, 0.1, 0.5, 0.9, 1} {
			p := Params{Omega: 0.5, Beta: 1, Coverage: coverage, Threads: 2}
			got, err := Select(context.Background(), ranked(t, tab), p)
			if err != nil {
				t.Fatal(err)
			}
			all := everyLink(tab, p)
			if n := cover(all, tab.N, coverage); !slices.Equal(got, all[:n]) {
				t.Errorf("%s, coverage %v: %d links, want the first %d of all %d", name, coverage, len(got), n, len(all))
			}
		}
	}
}

func ranked(t *testing.T, tab *mutual.Table) *mutual.Ranked {
	t.Helper()
	r, err := mutual.Rank(context.Background(), tab, false, "", 2)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// everyLink lists the links of a table in order.
func everyLink(t *mutual.Table, p Params) (all []Link) {
	for i := range t.N {
		for x := range t.P {
			eachLink(Vector(nil, t.Row(i, x)), Omega(t.N, p.Omega), p.Beta, i, x, func(l Link) bool {
				all = append(all, l)
				return true
			})
		}
	}
	slices.SortFunc(all, compareLinks)
	return all
}

// cover counts the first links that touch ⌈share·n⌉ images, or all that are
// touched.
func cover(links []Link, n int, share float64) (count int) {
	want, seen := math.Ceil(share*float64(n)-1e-9), make(map[int32]bool)
	for k, l := range links {
		if float64(len(seen)) >= want {
			break
		}
		for _, i := range []int32{l.From, l.To} {
			if !seen[i] {
				seen[i] = true
				count = k + 1
			}
		}
	}
	return count
}

// TestSelectFindsSharedDefect plants a patch that images 0…3 share.
func TestSelectFindsSharedDefect(t *testing.T) {
	t.Parallel()
	tab := randomTable(20, 10)
	for i := range 4 {
		row := tab.Row(i, 5)
		for j := range row {
			row[j] *= 2
			if j < 4 && j != i {
				row[j] = 0.3
			}
		}
	}
	links, err := Select(context.Background(), ranked(t, tab), Params{Omega: 0.4, Beta: 1, Coverage: 0.2})
	if err != nil {
		t.Fatal(err)
	}
	if len(links) == 0 {
		t.Fatal("no links")
	}
	for _, l := range links {
		if l.From > 3 || l.To > 3 || l.Patch != 5 {
			t.Errorf("link %+v is not of the shared defect", l)
		}
	}
}

func TestSelectCopies(t *testing.T) {
	t.Parallel()
	tab := mutual.NewTable(6, 3) // every distance 0
	links, err := Select(context.Background(), ranked(t, tab), Params{Omega: 0.4, Beta: 1, Coverage: 0.9})
	if err != nil || len(links) != 0 {
		t.Fatalf("%d links, error %v; want none", len(links), err)
	}
}
