package evidence

import (
	"cmp"
	"context"
	"math"
	"slices"

	"codegraph/internal/burnout"
	"codegraph/internal/evt"
	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/pose"
	"codegraph/internal/stats"
	"codegraph/internal/token"
)

const (
	keptNearest = 6  // images of a Vector
	keptRanks   = 16 // distances of a Vector, about
	// maxShapes bounds the patches that Low and High are taken over, and
	// maxMatched those, over all images, whose matches are looked for: both
	// take time, and people ask about what scores high.
	maxShapes  = 1 << 16
	maxMatched = 1 << 13
)

// Batch is what evidence is gathered from: N images of P patches.
type Batch struct {
	Table  *mutual.Table // before any filtering
	Scores [][]float32   // MuSc's, [N][P], of rotated patches
	Tokens *token.Store
	Angles []float64 // [N], that images were rotated by, in radians
	Window mutual.Window
	Valid  mutual.Valid
	Omega  int // reference rank ω
	// Overlap is how many patches count as one for burnout.NewModel.
	Overlap float64
	Keep    int // vectors to keep at most
	Seed    uint64
	Threads int
}

// Gather makes the evidence of a batch of 3 images or more, but for the graph.
func (b *Batch) Gather(ctx context.Context) (*Evidence, error) {
	n, h, w := b.Table.N, b.Tokens.H, b.Tokens.W
	e := &Evidence{Omega: b.Omega, Ranks: ranks(n-1, b.Omega), Vectors: make([][]Vector, n)}
	for e.Block = 1; n*blocks(h, e.Block)*blocks(w, e.Block) > b.Keep && e.Block < max(h, w); {
		e.Block++
	}
	if err := b.shapes(ctx, e); err != nil {
		return nil, err
	}
	m, err := b.model(ctx, e)
	if err != nil {
		return nil, err
	}
	err = parallel.ForEach(ctx, n, b.Threads, func() func(i int) {
		return func(i int) { e.Vectors[i] = b.vectors(e, m, i) }
	})
	if err != nil {
		return nil, err
	}
	return e, b.match(ctx, e)
}

func blocks(side, block int) int { return (side + block - 1) / block }

// ranks are the first ranks, the last, ω and steps of about equal ratio in
// between.
func ranks(last, omega int) []int {
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

// shapes fills in the form that the vectors of the batch have: Alpha, Low and
// High.
func (b *Batch) shapes(ctx context.Context, e *Evidence) error {
	t := b.Table
	step := max(1, t.N*t.P/maxShapes)
	alphas, logs := make([][]float64, t.N), make([][][]float64, t.N) // by image, and rank
	err := parallel.ForEach(ctx, t.N, b.Threads, func() func(i int) {
		var v []burnout.Entry
		return func(i int) {
			logs[i] = make([][]float64, len(e.Ranks))
			for p := i % step; p < t.P; p += step {
				v = burnout.Vector(v, t.Row(i, p))
				if len(v) < t.N-1 || !burnout.Tells(v, e.Omega) {
					continue
				}
				alphas[i] = append(alphas[i], burnout.Hill(v, e.Omega).Alpha)
				for k, rank := range e.Ranks {
					logs[i][k] = append(logs[i][k], math.Log(float64(v[rank-1].Distance/v[e.Omega-1].Distance)))
				}
			}
		}
	})
	if err != nil {
		return err
	}
	e.Alpha = stats.Median(slices.Concat(alphas...))
	for k := range e.Ranks {
		var all []float64
		for i := range logs {
			all = append(all, logs[i][k]...)
		}
		q := stats.Quantiles(all, 0.05, 0.95)
		e.Low, e.High = append(e.Low, q[0]), append(e.High, q[1])
	}
	return nil
}

// model fits that of normal patches; nil where ω leaves nothing to fit.
func (b *Batch) model(ctx context.Context, e *Evidence) (*burnout.Model, error) {
	if e.Omega < 3 {
		return nil, nil
	}
	m, err := burnout.NewModel(ctx, b.Table, e.Omega, b.Overlap, b.Threads)
	if err != nil || !(m.Batch.Alpha > 0) {
		return nil, err
	}
	fit, err := m.Fit(ctx, b.Table, b.Seed)
	if err != nil {
		return nil, err
	}
	e.Alpha, e.Model = m.Batch.Alpha, &Model{Alpha: m.Batch, Fit: *fit}
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

// vectors returns those of image i: of each block the patch that scores most.
func (b *Batch) vectors(e *Evidence, m *burnout.Model, i int) []Vector {
	h, w := b.Tokens.H, b.Tokens.W
	var out []Vector
	var entries []burnout.Entry
	for y := 0; y < h; y += e.Block {
		for x := 0; x < w; x += e.Block {
			best, row := -1, -1
			for p := range inBlock(y, x, e.Block, h, w) {
				if q := b.rotated(i, p); q >= 0 && (best < 0 || b.Scores[i][q] > b.Scores[i][row]) {
					best, row = p, q
				}
			}
			if best < 0 {
				continue
			}
			entries = burnout.Vector(entries, b.Table.Row(i, row))
			if len(entries) == b.Table.N-1 && entries[e.Omega-1].Distance > 0 {
				out = append(out, e.vector(m, entries, best, row))
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

// rotated is the rotated patch that shows the original patch p of image i.
func (b *Batch) rotated(i, p int) int {
	return pose.ToRotated(p, b.Tokens.H, b.Tokens.W, b.Angles[i])
}

// vector is that of an original patch, which was compared at place x.
func (e *Evidence) vector(m *burnout.Model, entries []burnout.Entry, patch, x int) Vector {
	v := Vector{Patch: patch, Distances: make([]float32, len(e.Ranks)), P: 1}
	for k, rank := range e.Ranks {
		v.Distances[k] = entries[rank-1].Distance
	}
	for _, n := range entries[:min(keptNearest, len(entries))] {
		v.Nearest = append(v.Nearest, n.Image)
	}
	if m == nil {
		return v
	}
	test := m.TestPatch(entries, x)
	v.P, v.Position = test.P, m.Alpha(x)
	if test.BurnsOut() {
		v.Burnout, v.Growth, v.Usual = test.Rank, test.Growth, test.Usual
	}
	if burnout.Tells(entries, m.Omega) {
		v.Alpha = burnout.Hill(entries, m.Omega).Alpha
	}
	return v
}

// match fills in the matches of the vectors of each image that score most.
func (b *Batch) match(ctx context.Context, e *Evidence) error {
	var asked []Question
	var answers []*int32
	for i, vectors := range e.Vectors {
		order := make([]int, len(vectors))
		for k := range order {
			order[k] = k
		}
		score := func(k int) float32 { return b.Scores[i][b.rotated(i, vectors[k].Patch)] }
		slices.SortStableFunc(order, func(x, y int) int { return cmp.Compare(score(y), score(x)) })
		for _, k := range order[:min(max(1, maxMatched/len(e.Vectors)), len(order))] {
			v := &vectors[k]
			v.Matches = make([]int32, len(v.Nearest))
			for at, j := range v.Nearest {
				asked = append(asked, Question{From: i, Patch: b.rotated(i, v.Patch), To: int(j)})
				answers = append(answers, &v.Matches[at])
			}
		}
	}
	m := Matcher{b.Tokens, b.Window, b.Valid, b.Threads}
	matches, err := m.Match(ctx, asked)
	for k, p := range matches {
		*answers[k] = int32(pose.ToOriginal(p, b.Tokens.H, b.Tokens.W, b.Angles[asked[k].To]))
	}
	return err
}
