package benchmark

import (
	"cmp"
	"context"
	"math"
	"slices"

	"codegraph"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/pose"
	"codegraph/internal/token"
)

// lookAlikes is how many nearest images each defective patch is traced to.
const lookAlikes = 5

// tally counts, for a type of defect, the look-alikes of its defective
// patches, and those of them that are defective patches of the same type.
type tally struct{ all, same int }

// consistency traces the defective patches of each type to their nearest
// look-alikes: the nearest patch of each of the nearest images. masks are the
// images' on the patch grid.
func consistency(ctx context.Context, res *codegraph.Result, types []string, masks [][]bool) (map[string]tally, error) {
	if res.Intermediates == nil { // too few images for a graph
		return nil, nil
	}
	each := make([]tally, len(types))
	err := parallel.ForEach(ctx, len(types), res.Options.Threads, func() func(i int) {
		return func(i int) {
			if types[i] != dataset.Good && masks[i] != nil {
				tr := &tracer{res: res, types: types, masks: masks, image: i}
				each[i] = tr.trace()
			}
		}
	})
	if err != nil {
		return nil, err
	}
	out := make(map[string]tally)
	for i, t := range types {
		if t != dataset.Good {
			sum := out[t]
			sum.all, sum.same = sum.all+each[i].all, sum.same+each[i].same
			out[t] = sum
		}
	}
	return out, nil
}

// tracer finds the look-alikes of the defective patches of an image.
type tracer struct {
	res   *codegraph.Result
	types []string
	masks [][]bool
	image int
}

func (tr *tracer) trace() tally {
	var sum tally
	m := tr.res.Intermediates
	wanted := make(map[int][]int) // image → patches of ours that look there
	for x := range m.Table.P {
		if !tr.defective(tr.image, x) {
			continue
		}
		for _, j := range closest(m.Table, tr.image, x) {
			sum.all++
			// References, after the images, are good.
			if j < len(tr.types) && tr.types[j] == tr.types[tr.image] && tr.masks[j] != nil {
				wanted[j] = append(wanted[j], x)
			}
		}
	}
	for j, patches := range wanted {
		for _, y := range match(m.Tokens, tr.image, patches, j) {
			if tr.defective(j, y) {
				sum.same++
			}
		}
	}
	return sum
}

// defective says whether patch x of image i, as compared, is. Patches of
// turned images are traced back.
func (tr *tracer) defective(i, x int) bool {
	r := tr.res
	if turn := r.Images[i].Turn; turn != 0 {
		x = pose.ToOriginal(x, r.GridH, r.GridW, turn)
	}
	return x >= 0 && tr.masks[i] != nil && tr.masks[i][x]
}

// closest returns the images nearest to patch x of image i.
func closest(t *mutual.Table, i, x int) []int {
	row := t.Row(i, x)
	var images []int
	for j := range row {
		if j != i && !math.IsInf(float64(row[j]), 1) {
			images = append(images, j)
		}
	}
	slices.SortStableFunc(images, func(a, b int) int { return cmp.Compare(row[a], row[b]) })
	return images[:min(lookAlikes, len(images))]
}

// match finds the patch of image j nearest to each of the patches of image i:
// nearest in the mean over variants, as distances in the table are means.
func match(s *token.Store, i int, patches []int, j int) []int {
	total := make([]float64, len(patches)*s.P())
	for v := range s.Variants() {
		c := s.Width(v)
		from, to := make([]float32, s.P()*c), make([]float32, s.P()*c)
		s.Tokens(from, v, i)
		s.Tokens(to, v, j)
		for k, x := range patches {
			for y := range s.P() {
				total[k*s.P()+y] += distance(from[x*c:(x+1)*c], to[y*c:(y+1)*c])
			}
		}
	}
	out := make([]int, len(patches))
	for k := range patches {
		row := total[k*s.P() : (k+1)*s.P()]
		for y, d := range row {
			if d < row[out[k]] {
				out[k] = y
			}
		}
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
