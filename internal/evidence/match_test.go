package evidence

import (
	"math"
	"math/rand/v2"
	"testing"

	"codegraph/backbone"
	"codegraph/internal/mutual"
	"codegraph/internal/token"
)

// batch makes tokens of n images of h × w patches in two layers.
func batch(t *testing.T, n, h, w int) *token.Store {
	t.Helper()
	rng := rand.New(rand.NewPCG(1, 2))
	s := token.NewStore(n, 2, h, w, []int{1, 3})
	for i := range n {
		var maps []backbone.Map
		for _, c := range []int{5, 9} {
			m := backbone.Map{H: h, W: w, C: c, Data: make([]float32, h*w*c)}
			for k := range m.Data {
				m.Data[k] = float32(rng.NormFloat64())
			}
			maps = append(maps, m)
		}
		if err := s.Add(i, &backbone.Features{Layers: maps}); err != nil {
			t.Fatal(err)
		}
	}
	return s
}

// TestMatch holds matches against their definition, with and without a window.
func TestMatch(t *testing.T) {
	t.Parallel()
	const n, h, w = 4, 5, 6
	s := batch(t, n, h, w)
	var questions []Question
	for i := range n {
		for p := range h * w {
			questions = append(questions, Question{i, p, (i + 1 + p%(n-1)) % n})
		}
	}
	for _, radius := range []int{0, 1} {
		m := Matcher{Tokens: s, Window: mutual.Window{H: h, W: w, Radius: radius}, Threads: 3}
		got, err := m.Match(t.Context(), questions)
		if err != nil {
			t.Fatal(err)
		}
		for k, q := range questions {
			if want := define(s, q, radius); got[k] != want {
				t.Errorf("radius %d, %+v: %d, want %d", radius, q, got[k], want)
			}
		}
	}
}

// define is the definition of a match, written out.
func define(s *token.Store, q Question, radius int) int {
	distances := make([][]float64, s.Variants()) // by variant and patch of the other image
	candidate := make([]bool, s.P())
	for v := range distances {
		c := s.Width(v)
		from, to := make([]float32, s.P()*c), make([]float32, s.P()*c)
		s.Tokens(from, v, q.From)
		s.Tokens(to, v, q.To)
		best := -1
		for y := range s.P() {
			d := distance(from[q.Patch*c:(q.Patch+1)*c], to[y*c:(y+1)*c])
			distances[v] = append(distances[v], d)
			off := max(math.Abs(float64(y%s.W-q.Patch%s.W)), math.Abs(float64(y/s.W-q.Patch/s.W)))
			if (radius == 0 || off <= float64(radius)) && (best < 0 || d < distances[v][best]) {
				best = y
			}
		}
		candidate[best] = true
	}
	match, least := -1, math.Inf(1)
	for y := range s.P() {
		var sum float64
		for v := range distances {
			sum += distances[v][y]
		}
		if candidate[y] && sum < least {
			match, least = y, sum
		}
	}
	return match
}
