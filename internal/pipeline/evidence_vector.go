package pipeline

import (
	"context"
	"math"
	"slices"

	"codegraph/internal/burnout"
	"codegraph/internal/evt"
	"codegraph/internal/parallel"
)

const (
	keptNearest = 6  // images of a Vector
	keptRanks   = 16 // distances of a Vector, about
)

// vectors makes the evidence but for the graph.
func (g *gatherer) vectors(ctx context.Context) (*Evidence, error) {
	n, h, w := len(g.b.Images), g.b.Tokens.H, g.b.Tokens.W
	omega := burnout.Omega(n, g.opts.Constants.Omega)
	e := &Evidence{Omega: omega, Ranks: evidenceRanks(n-1, omega), Vectors: make([][]Vector, n)}
	for e.Block = 1; n*blocks(h, e.Block)*blocks(w, e.Block) > g.opts.Evidence && e.Block < max(h, w); {
		e.Block++
	}
	shapes := newShapes(e)
	if err := shapes.measure(ctx, g); err != nil {
		return nil, err
	}
	e.Alpha, e.Low, e.High = shapes.summary()
	m, err := g.model(ctx, e)
	if err != nil {
		return nil, err
	}
	err = parallel.Do(ctx, n, g.opts.Threads, func(i int) error {
		e.Vectors[i] = g.vectorsOf(e, m, i)
		return ctx.Err()
	}, nil)
	if err != nil {
		return nil, err
	}
	return e, g.match(ctx, e)
}

// model fits that of normal patches; nil where ω leaves nothing to fit.
func (g *gatherer) model(ctx context.Context, e *Evidence) (*burnout.Model, error) {
	if e.Omega < 3 {
		return nil, nil
	}
	m, err := burnout.NewModel(ctx, g.d.Table, e.Omega, footprint(g.opts), g.opts.Threads)
	if err != nil || !(m.Batch.Alpha > 0) {
		return nil, err
	}
	fit, err := m.Fit(ctx, g.d.Table, g.opts.Seed)
	if err != nil {
		return nil, err
	}
	e.Model = &Model{Alpha: m.Batch, Fit: *fit}
	expected := evt.Expected(1, e.Omega)
	for _, rank := range e.Ranks {
		if rank > e.Omega {
			break
		}
		low, high := 1.0, 1.0
		if rank < e.Omega {
			low, high = evt.Quantile(0.05, 1, rank, e.Omega), evt.Quantile(0.95, 1, rank, e.Omega)
		}
		e.Model.Expected = append(e.Model.Expected, math.Log(expected[rank-1]))
		e.Model.Low, e.Model.High = append(e.Model.Low, math.Log(low)), append(e.Model.High, math.Log(high))
	}
	return m, nil
}

func blocks(side, block int) int { return (side + block - 1) / block }

// evidenceRanks are the first ranks, the last, ω and steps of about equal
// ratio in between.
func evidenceRanks(last, omega int) []int {
	ranks := []int{last, min(omega, last)}
	for k := range min(keptNearest, last) {
		ranks = append(ranks, k+1)
	}
	for k := range keptRanks {
		at := math.Pow(float64(last), float64(k)/(keptRanks-1))
		ranks = append(ranks, min(max(k/2+1, int(math.Round(at))), last))
	}
	slices.Sort(ranks)
	return slices.Compact(ranks)
}

// shapes collects the form of the vectors of a batch.
type shapes struct {
	e     *Evidence
	alpha [][]float64   // by image
	logs  [][][]float64 // by image and rank
}

func newShapes(e *Evidence) *shapes {
	return &shapes{e, make([][]float64, len(e.Vectors)), make([][][]float64, len(e.Vectors))}
}

// mostShapes bounds the patches whose form is looked at, for time's sake.
const mostShapes = 1 << 16

func (s *shapes) measure(ctx context.Context, g *gatherer) error {
	t := g.d.Table
	step := max(1, t.N*t.P/mostShapes)
	return parallel.Do(ctx, t.N, g.opts.Threads, func(i int) error {
		s.logs[i] = make([][]float64, len(s.e.Ranks))
		var v []burnout.Entry
		for p := i % step; p < t.P; p += step {
			v = burnout.Vector(v, t.Row(i, p))
			if len(v) < t.N-1 || v[0].Distance == 0 || v[0].Distance == v[s.e.Omega-1].Distance {
				continue
			}
			s.alpha[i] = append(s.alpha[i], burnout.Hill(v, s.e.Omega))
			for k, rank := range s.e.Ranks {
				s.logs[i][k] = append(s.logs[i][k], math.Log(float64(v[rank-1].Distance/v[s.e.Omega-1].Distance)))
			}
		}
		return ctx.Err()
	}, nil)
}

func (s *shapes) summary() (alpha float64, low, high []float64) {
	alpha = quantile(slices.Concat(s.alpha...), 0.5)
	for k := range s.e.Ranks {
		var logs []float64
		for i := range s.logs {
			logs = append(logs, s.logs[i][k]...)
		}
		low, high = append(low, quantile(logs, 0.05)), append(high, quantile(logs, 0.95))
	}
	return alpha, low, high
}

// quantile sorts v; it is 0 of nothing.
func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return 0
	}
	slices.Sort(v)
	return v[int(q*float64(len(v)-1)+0.5)]
}

// vectorsOf returns those of image i: of each block the patch that scores most.
func (g *gatherer) vectorsOf(e *Evidence, m *burnout.Model, i int) []Vector {
	h, w := g.b.Tokens.H, g.b.Tokens.W
	var out []Vector
	var entries []burnout.Entry
	for y := 0; y < h; y += e.Block {
		for x := 0; x < w; x += e.Block {
			best, row := -1, -1
			for p := range inBlock(y, x, e.Block, h, w) {
				if q := g.toRotated(i, p); q >= 0 && (best < 0 || g.d.MuSc[i][q] > g.d.MuSc[i][row]) {
					best, row = p, q
				}
			}
			if best < 0 {
				continue
			}
			entries = burnout.Vector(entries, g.d.Table.Row(i, row))
			if len(entries) == len(g.b.Images)-1 && entries[e.Omega-1].Distance > 0 {
				v := newVector(e, best, entries)
				v.judge(m, entries, row)
				out = append(out, v)
			}
		}
	}
	slices.SortFunc(out, func(a, b Vector) int { return a.Patch - b.Patch })
	return out
}

// inBlock yields the patches of the block whose first is (y, x).
func inBlock(y, x, block, h, w int) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for v := y; v < min(y+block, h); v++ {
			for u := x; u < min(x+block, w); u++ {
				if !yield(v*w + u) {
					return
				}
			}
		}
	}
}

func newVector(e *Evidence, patch int, entries []burnout.Entry) Vector {
	v := Vector{Patch: patch, Distances: make([]float32, len(e.Ranks))}
	for k, rank := range e.Ranks {
		v.Distances[k] = entries[rank-1].Distance
	}
	for _, n := range entries[:min(keptNearest, len(entries))] {
		v.Nearest = append(v.Nearest, n.Image)
	}
	v.Burnout, v.Growth = burntOut(entries, e.Omega, e.Alpha)
	return v
}

// judge tests the vector of a patch that was compared at place x.
func (v *Vector) judge(m *burnout.Model, entries []burnout.Entry, x int) {
	v.P = 1
	if m == nil {
		return
	}
	v.P, v.Position = m.Test(entries, x).P, m.Alpha(x)
	if burnout.Tells(entries, m.Omega) {
		v.Alpha = burnout.Hill(entries, m.Omega)
	}
}

// burntOut finds the largest growth below ω. Of a normal patch α·i·τ⁽ⁱ⁾ is
// exponentially distributed, so that the largest of ω−1 exceeds
// ln(ω−1) + 3 for one in twenty.
func burntOut(v []burnout.Entry, omega int, alpha float64) (rank int, growth float64) {
	if alpha <= 0 || math.IsInf(alpha, 1) {
		return 0, 0
	}
	most := math.Log(float64(omega-1)) + 3
	for k, tau := range burnout.Growth(v[:omega]) {
		if at := alpha * float64(k+1) * tau; at > most && !math.IsInf(at, 1) {
			most, rank, growth = at, k+1, math.Exp(tau)
		}
	}
	return rank, growth
}
