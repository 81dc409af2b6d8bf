package evidence

import (
	"context"
	"math"
	"slices"

	"codegraph/internal/knn"
	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/token"
)

// Question asks which patch of image To patch Patch of image From matches.
// Patches are those of the images as they were compared.
type Question struct{ From, Patch, To int }

// Matcher finds which patches match.
//
// The table holds d(x, I_j), the mean over variants v of
//
//	min over patches y of I_j of ‖x_v − y_v‖,
//
// so that each variant may match a patch of its own. These patches are the
// candidates; the match is the one with the least mean of ‖x_v − y_v‖ over all
// variants, the first of several.
type Matcher struct {
	Tokens  *token.Store
	Window  mutual.Window // as the distances were made
	Valid   mutual.Valid  // as the distances were made
	Threads int
}

// Match answers questions, in order.
func (m *Matcher) Match(ctx context.Context, questions []Question) ([]int, error) {
	s := m.Tokens
	byImage := make([][]int, s.N()) // questions, by the image asked about
	for k, q := range questions {
		byImage[q.To] = append(byImage[q.To], k)
	}
	candidates := make([][]int32, len(questions))
	err := m.eachVariant(ctx, questions, byImage, func(asked []int, own, other []float32, width int) {
		for i, y := range m.nearest(questions, asked, own, other, width) {
			candidates[asked[i]] = append(candidates[asked[i]], y)
		}
	})
	if err != nil {
		return nil, err
	}
	sums := make([][]float64, len(questions))
	for k, c := range candidates {
		slices.Sort(c)
		candidates[k] = slices.Compact(c)
		sums[k] = make([]float64, len(candidates[k]))
	}
	err = m.eachVariant(ctx, questions, byImage, func(asked []int, own, other []float32, width int) {
		for i, k := range asked {
			if len(candidates[k]) > 1 {
				for c, y := range candidates[k] {
					sums[k][c] += distance(own[i*width:(i+1)*width], other[int(y)*width:(int(y)+1)*width])
				}
			}
		}
	})
	if err != nil {
		return nil, err
	}
	matches := make([]int, len(questions))
	for k, sum := range sums {
		matches[k] = int(candidates[k][slices.Index(sum, slices.Min(sum))])
	}
	return matches, nil
}

// eachVariant calls do for each variant and image asked about, with the tokens
// of the patches that ask, [asked][width], and of the image, [P][width]. What
// is in memory is one variant of the patches that ask, and of one image a
// thread.
func (m *Matcher) eachVariant(ctx context.Context, questions []Question, byImage [][]int, do func(asked []int, own, other []float32, width int)) error {
	s := m.Tokens
	for v := range s.Variants() {
		width := s.Width(v)
		own, err := m.own(ctx, questions, v)
		if err != nil {
			return err
		}
		err = parallel.ForEach(ctx, s.N(), m.Threads, func() func(j int) {
			other := make([]float32, s.P()*width)
			var asking []float32
			return func(j int) {
				if len(byImage[j]) == 0 {
					return
				}
				s.Tokens(other, v, j)
				asking = asking[:0]
				for _, k := range byImage[j] {
					q := questions[k]
					asking = append(asking, own[q.From][q.Patch]...)
				}
				do(byImage[j], asking, other, width)
			}
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// own returns the tokens of the patches that ask, by image and patch.
func (m *Matcher) own(ctx context.Context, questions []Question, v int) ([]map[int][]float32, error) {
	s, width := m.Tokens, m.Tokens.Width(v)
	own := make([]map[int][]float32, s.N())
	for _, q := range questions {
		if own[q.From] == nil {
			own[q.From] = make(map[int][]float32)
		}
		own[q.From][q.Patch] = nil
	}
	return own, parallel.ForEach(ctx, s.N(), m.Threads, func() func(i int) {
		all := make([]float32, s.P()*width)
		return func(i int) {
			if own[i] == nil {
				return
			}
			s.Tokens(all, v, i)
			for p := range own[i] {
				own[i][p] = slices.Clone(all[p*width : (p+1)*width])
			}
		}
	})
}

// nearest returns the patch of other nearest to each that asks, in one variant.
func (m *Matcher) nearest(questions []Question, asked []int, own, other []float32, width int) []int32 {
	asking, rows := knn.NewRows(own, len(asked), width), new(knn.Rows)
	patches := m.Valid.Patches(questions[asked[0]].To, m.Tokens.P())
	found, out := make([]knn.Match, len(asked)), make([]int32, len(asked))
	if m.Window.Radius > 0 {
		rows.Set(other, m.Tokens.P(), nil, knn.Plain(width))
		hidden := m.Valid.Hidden(questions[asked[0]].To, m.Tokens.P())
		for i, k := range asked {
			out[i] = knn.Window(m.Window).Near(asking, i, questions[k].Patch, rows, hidden).Index
		}
		return out
	}
	rows.Set(other, m.Tokens.P(), patches, knn.Plain(width))
	var search knn.Searcher
	search.Load(asking)
	search.Search(rows, found, nil)
	for i, f := range found {
		out[i] = int32(patches[f.Index])
	}
	return out
}

func distance(a, b []float32) float64 {
	var sum float32
	for k, x := range a {
		d := x - b[k]
		sum += d * d
	}
	return math.Sqrt(float64(sum))
}
