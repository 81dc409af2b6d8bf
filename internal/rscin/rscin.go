package rscin

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"codegraph/internal/parallel"
)

// Windows are the numbers of neighbours k that MuSc takes for MVTec AD.
func Windows() []int { return []int{1, 2, 3} }

// Rescore returns s′ of each image: scores are those of the images, class
// their class tokens, all of one length, and windows the numbers k. It looks
// at every pair of images, but holds no table of them.
func Rescore(ctx context.Context, scores []float64, class [][]float32, windows []int, threads int) ([]float64, error) {
	if len(class) != len(scores) {
		return nil, fmt.Errorf("%d class tokens for %d images", len(class), len(scores))
	}
	if len(windows) == 0 {
		return nil, fmt.Errorf("there are no windows of images to average over")
	}
	for _, k := range windows {
		if k < 1 {
			return nil, fmt.Errorf("a window of %d images; an image and its nearest are at least 1", k)
		}
	}
	if err := check(class); err != nil {
		return nil, err
	}
	scaled := scale(scores)
	out := make([]float64, len(scores))
	err := parallel.ForEach(ctx, len(scores), threads, func() func(i int) {
		row := make([]neighbour, len(scores))
		return func(i int) { out[i] = rescore(row, i, scaled, class, windows) }
	})
	return out, err
}

// neighbour is an entry of a row of W.
type neighbour struct {
	image      int
	similarity float64
}

// rescore is s′ of image i; row is scratch.
func rescore(row []neighbour, i int, scaled []float64, class [][]float32, windows []int) float64 {
	for j := range row {
		row[j] = neighbour{j, dot(class[i], class[j])}
	}
	slices.SortFunc(row, func(a, b neighbour) int {
		switch {
		case a.similarity != b.similarity:
			return cmp.Compare(b.similarity, a.similarity)
		case a.image == i:
			return -1
		case b.image == i:
			return 1
		}
		return cmp.Compare(a.image, b.image)
	})
	var mean float64
	for _, k := range windows {
		var sum, weight float64
		for _, n := range row[:min(k, len(row))] {
			sum += n.similarity * scaled[n.image]
			weight += n.similarity
		}
		if weight > 0 {
			mean += sum / weight
		} else {
			mean += scaled[i]
		}
	}
	return mean / float64(len(windows))
}

// scale brings scores to 0…1.
func scale(scores []float64) []float64 {
	out := make([]float64, len(scores))
	if len(scores) == 0 {
		return out
	}
	lo, hi := slices.Min(scores), slices.Max(scores)
	if hi > lo {
		for i, s := range scores {
			out[i] = (s - lo) / (hi - lo)
		}
	}
	return out
}

// check makes sure that class tokens have one length and finite values.
func check(class [][]float32) error {
	for i, token := range class {
		if len(token) == 0 || len(token) != len(class[0]) {
			return fmt.Errorf("image %d has a class token of %d values, image 0 one of %d", i, len(token), len(class[0]))
		}
		if sum := dot(token, token); sum-sum != 0 {
			return fmt.Errorf("the class token of image %d has values that are not finite", i)
		}
	}
	return nil
}

func dot(a, b []float32) float64 {
	var sum float64
	for k, v := range a {
		sum += float64(v) * float64(b[k])
	}
	return sum
}
