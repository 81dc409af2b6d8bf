package pipeline

import (
	"cmp"
	"context"
	"path/filepath"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"

	"codegraph/backbone/vit"
	"codegraph/internal/gemm"
	"codegraph/internal/option"
)

// TestFastTransformer: mutual scoring ranks the patches of a transformer that
// computes among integers as those of an exact one.
func TestFastTransformer(t *testing.T) {
	if !gemm.Fast() {
		t.Skip("this processor has no instructions for it")
	}
	for _, folder := range []string{"clip", "dinov2", "dinov3"} {
		var scores [2][]float64
		for i := range scores {
			network, err := vit.Open(filepath.Join("..", "..", "backbone", "vit", "testdata", folder), vit.Options{Fast: i == 1})
			if err != nil {
				t.Fatal(err)
			}
			res, err := detect(context.Background(), spotted(10), option.Options{Backbone: network, Size: 12 * network.Info().Multiple, Method: option.MethodMuSc, Threads: 2})
			if err != nil {
				t.Fatal(err)
			}
			for _, im := range res.Images {
				for _, v := range im.MuScMap {
					scores[i] = append(scores[i], float64(v))
				}
			}
		}
		rho := stat.Correlation(places(scores[0]), places(scores[1]), nil)
		t.Logf("%s: Spearman's coefficient 1 − %.1e", folder, 1-rho)
		if !(rho >= 0.999) || slices.Equal(scores[0], scores[1]) {
			t.Errorf("%s: Spearman's coefficient of %d patch scores is %v", folder, len(scores[0]), rho)
		}
	}
}

// places are the places of x in order.
func places(x []float64) []float64 {
	order := make([]int, len(x))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int { return cmp.Compare(x[i], x[j]) })
	out := make([]float64, len(x))
	for place, i := range order {
		out[i] = float64(place)
	}
	return out
}
