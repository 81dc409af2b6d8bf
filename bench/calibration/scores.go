package main

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"gonum.org/v1/gonum/stat"

	"codegraph/internal/eval/benchmark"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/eval/metric"
	"codegraph/internal/imagescore"
	"codegraph/internal/stats"
)

// scoring is a way to make image scores of the maps [N][P] of a batch.
type scoring struct {
	name  string
	score func(maps [][]float32) []float64
}

// scorings are the image score and what it was chosen among: the mean of the
// highest patches (one in so many; 0: the highest) less so much of the pattern
// and of the image's own level.
func scorings() []scoring {
	all := []scoring{{"the program's", own}}
	for _, oneIn := range []int{0, 200, 100} {
		for _, pattern := range []float64{0, 0.125, 0.25} {
			for _, level := range []float64{0, 0.5, 1} {
				name := fmt.Sprintf("mean of the highest 1/%d, less %g m and %g l", oneIn, pattern, level)
				if oneIn == 0 {
					name = fmt.Sprintf("maximum, less %g m and %g l", pattern, level)
				}
				all = append(all, scoring{name, func(maps [][]float32) []float64 { return reduced(maps, oneIn, pattern, level) }})
			}
		}
	}
	return all
}

func own(maps [][]float32) []float64 {
	pattern, out := imagescore.NewPattern(maps), make([]float64, len(maps))
	for i, m := range maps {
		out[i] = pattern.Score(m).Peak
	}
	return out
}

func reduced(maps [][]float32, oneIn int, share, level float64) []float64 {
	pattern, out := imagescore.NewPattern(maps), make([]float64, len(maps))
	for i, m := range maps {
		above, high := make([]float64, len(m)), make([]float64, len(m))
		for x, a := range m {
			above[x], high[x] = float64(a-pattern[x]), float64(a)-share*float64(pattern[x])
		}
		slices.Sort(above)
		slices.Sort(high)
		k := 1
		if oneIn > 0 {
			k = (len(m) + oneIn - 1) / oneIn
		}
		for _, v := range high[len(high)-k:] {
			out[i] += v / float64(k)
		}
		out[i] -= level * above[len(above)/2]
	}
	return out
}

// printScores prints how well image scores rank the batches of the files, beside
// MuSc's maximum without filtering.
func printScores(w io.Writer, files []string) error {
	all := scorings()
	figures, musc := make([][]float64, len(all)), []float64(nil)
	var recurs []bool
	err := readBatches(files, func(b *benchmark.ScoredBatch) error {
		before, aurocs, err := rankBatch(b, all)
		if err != nil || aurocs == nil {
			return err
		}
		musc = append(musc, before)
		recurs = append(recurs, !strings.Contains(b.Name, "-nothing") && !strings.Contains(b.Name, "-harmless"))
		for k, v := range aurocs {
			figures[k] = append(figures[k], v)
		}
		return nil
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "%d batches with defective images, mean image AUROC of MuSc's maximum %.1f\n\n", len(musc), 100*stat.Mean(musc, nil))
	fmt.Fprintln(w, "| image score | mean | more than 1 point below MuSc's maximum | points lost in these | median change where that is below 90 and a defect recurs |")
	fmt.Fprintln(w, "| --- | --- | --- | --- | --- |")
	for k, s := range all {
		below, lost, low := 0, 0.0, []float64(nil)
		for i, v := range figures[k] {
			change := v - musc[i]
			if change < -0.01 {
				below++
				lost -= change
			}
			if musc[i] < 0.9 && recurs[i] {
				low = append(low, change)
			}
		}
		fmt.Fprintf(w, "| %s | %.1f | %d | %.1f | %+.1f |\n", s.name, 100*stat.Mean(figures[k], nil), below, 100*lost, 100*stats.Median(low))
	}
	return nil
}

// rankBatch is the image AUROC of MuSc's maximum and of the scorings; nil of a
// batch without defective or good images.
func rankBatch(b *benchmark.ScoredBatch, all []scoring) (before float64, aurocs []float64, err error) {
	var maps [][]float32
	var musc []float64
	var defective []bool
	for _, im := range b.Images {
		if im.Final == nil {
			return 0, nil, fmt.Errorf("%s was scored by an earlier version, without patches: score it again", b.Name)
		}
		maps, musc = append(maps, im.Final), append(musc, im.MuScScore)
		defective = append(defective, im.Type != dataset.Good)
	}
	if !slices.Contains(defective, true) || !slices.Contains(defective, false) {
		return 0, nil, nil
	}
	if before, err = metric.AUROC(musc, defective); err != nil {
		return 0, nil, err
	}
	for _, s := range all {
		v, err := metric.AUROC(s.score(maps), defective)
		if err != nil {
			return 0, nil, err
		}
		aurocs = append(aurocs, v)
	}
	return before, aurocs, nil
}
