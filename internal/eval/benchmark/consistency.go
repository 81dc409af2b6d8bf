package benchmark

import (
	"cmp"
	"context"
	"math"
	"slices"

	"codegraph"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/evidence"
	"codegraph/internal/mutual"
	"codegraph/internal/pose"
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
	tr := &tracer{res: res, types: types, masks: masks}
	var asked []evidence.Question
	for i, t := range types {
		if t != dataset.Good && masks[i] != nil {
			asked = append(asked, tr.questions(i)...)
		}
	}
	o := res.Options
	m := evidence.Matcher{
		Tokens:  res.Intermediates.Tokens,
		Window:  mutual.Window{H: res.GridH, W: res.GridW, Radius: o.MatchRadius},
		Valid:   res.Intermediates.Valid,
		Threads: o.Threads,
	}
	matches, err := m.Match(ctx, asked)
	if err != nil {
		return nil, err
	}
	out := make(map[string]tally)
	for _, t := range types {
		if t != dataset.Good {
			out[t] = tally{}
		}
	}
	for k, q := range asked {
		t := types[q.From]
		sum := out[t]
		sum.all++
		// References, after the images, are good.
		if q.To < len(types) && types[q.To] == t && tr.defective(q.To, matches[k]) {
			sum.same++
		}
		out[t] = sum
	}
	return out, nil
}

// tracer knows the defective patches of the images.
type tracer struct {
	res   *codegraph.Result
	types []string
	masks [][]bool
}

// questions asks about the look-alikes of the defective patches of image i.
func (tr *tracer) questions(i int) []evidence.Question {
	t := tr.res.Intermediates.Table
	var asked []evidence.Question
	for x := range t.P {
		if !tr.defective(i, x) {
			continue
		}
		for _, j := range closest(t, i, x) {
			asked = append(asked, evidence.Question{From: i, Patch: x, To: j})
		}
	}
	return asked
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
