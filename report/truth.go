package report

import (
	"context"
	"fmt"
	"math"

	"codegraph"
	"codegraph/internal/anomap"
	"codegraph/internal/eval/metric"
)

// TruthSide is the resolution of the pixel figures in MuSc's protocol.
const TruthSide = 518

// Truth is what is known about the images of a result, to hold against what
// was found. The page shows it: figures and curves, what was missed, outlines
// of the defects.
type Truth struct {
	Defective []bool // by image
	// Mask returns which pixels of image i, w × h, are defective, [h][w]; nil
	// if that is not known. A nil Mask knows no image's. It is called from
	// several goroutines.
	Mask func(ctx context.Context, i, w, h int) ([]bool, error)
	// Side is the resolution of the pixel figures, Side × Side; 0: TruthSide.
	Side int
}

func (t *Truth) check(images int) error {
	if t != nil && len(t.Defective) != images {
		return fmt.Errorf("the truth of %d images, want %d", len(t.Defective), images)
	}
	return nil
}

// evaluator gathers what the truth says about the images of a result. Images may
// be added from several goroutines: each has a place of its own.
type evaluator struct {
	truth   *Truth
	res     *codegraph.Result
	methods []codegraph.Method
	pixels  [][]metric.Pixels // by image and method; none without a mask
	masks   []*pageMask       // by image; nil for no defect and for no mask
}

func newEvaluator(truth *Truth, res *codegraph.Result) *evaluator {
	j := &evaluator{truth: truth, res: res, methods: []codegraph.Method{codegraph.MethodMuSc}}
	if res.Method != codegraph.MethodMuSc {
		j.methods = append(j.methods, codegraph.MethodCoDeGraph)
	}
	j.pixels, j.masks = make([][]metric.Pixels, len(res.Images)), make([]*pageMask, len(res.Images))
	return j
}

// add takes the mask of image i.
func (j *evaluator) add(ctx context.Context, i int) error {
	im := &j.res.Images[i]
	if j.truth.Mask == nil {
		return nil
	}
	mask, err := j.truth.Mask(ctx, i, im.Width, im.Height)
	if mask == nil || err != nil {
		return err
	}
	if len(mask) != im.Width*im.Height {
		return fmt.Errorf("the mask has %d pixels, the image %d × %d", len(mask), im.Width, im.Height)
	}
	side := j.truth.Side
	if side == 0 {
		side = TruthSide
	}
	small := anomap.ScaleMask(mask, im.Height, im.Width, side, side)
	j.masks[i] = newPageMask(mask, im.Width, im.Height)
	for _, m := range j.methods {
		scores := im.Map
		if m == codegraph.MethodMuSc {
			scores = im.MuScMap
		}
		var work, kept metric.Pixels // kept is without the work space
		if err := work.Add(anomap.New(scores, j.res.GridH, j.res.GridW).Upsample(side, side), small, side, side); err != nil {
			return err
		}
		kept.Join(&work)
		j.pixels[i] = append(j.pixels[i], kept)
	}
	return nil
}

// imageFigures judges the scores of the images.
func (j *evaluator) imageFigures(m codegraph.Method) *pageFigures {
	scores := make([]float64, len(j.res.Images))
	for i := range scores {
		scores[i] = j.res.Images[i].Score
		if m == codegraph.MethodMuSc {
			scores[i] = j.res.Images[i].MuScScore
		}
	}
	f := metric.Figures{AUROC: math.NaN(), AP: math.NaN(), F1Max: math.NaN(), PRO: math.NaN()}
	for _, figure := range []struct {
		to *float64
		of func([]float64, []bool) (float64, error)
	}{{&f.AUROC, metric.AUROC[float64]}, {&f.AP, metric.AP[float64]}, {&f.F1Max, f1Max}} {
		if v, err := figure.of(scores, j.truth.Defective); err == nil {
			*figure.to = v
		}
	}
	curve, err := metric.Trace(scores, j.truth.Defective, 0)
	if err != nil {
		return nil // scores are numbers, as many as labels
	}
	return newPageFigures(f, curve)
}

func f1Max(scores []float64, labels []bool) (float64, error) {
	f1, _, err := metric.F1Max(scores, labels)
	return f1, err
}

// pixelFigures judges the maps of the images with a mask, in their order, the
// k-th method's; nil without any defect marked.
func (j *evaluator) pixelFigures(k int) *pageFigures {
	var all metric.Pixels
	for _, p := range j.pixels {
		if p != nil {
			all.Join(&p[k])
		}
	}
	f, curve, _ := all.Trace(curveStep) // what is not defined is NaN
	if curve.Positive == 0 {
		return nil
	}
	return newPageFigures(f, curve)
}
