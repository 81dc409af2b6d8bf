package pipeline

import (
	"cmp"
	"context"
	"slices"

	"codegraph/internal/anomap"
	"codegraph/internal/imagescore"
	"codegraph/internal/rscin"
)

// finish fills in maps and scores.
func (d *detector) finish(ctx context.Context) error {
	r := d.result
	d.pattern = imagescore.NewPattern(d.final)
	for i := range r.Images {
		im := &r.Images[i]
		im.Map, im.MuScMap = d.upright(i, d.final[i]), d.upright(i, d.musc[i])
		r.score(im, d.pattern.Score(d.final[i]))
	}
	if d.opts.Rerank == RerankRsCIN {
		return d.rescore(ctx)
	}
	return nil
}

// score fills in the scores of an image, whose maps are there. Mutual scoring
// alone scores an image by the maximum of its map, and so does what is published
// about ranking images again.
func (r *Result) score(im *Image, s imagescore.Score) {
	im.MapMax, im.MuScScore = r.mapMax(im.Map), r.mapMax(im.MuScMap)
	im.Score, im.PeakHeight = s.Peak, s.Height
	if r.Method == MethodMuSc || r.Options.Rerank == RerankRsCIN {
		im.Score = im.MapMax
	}
}

// rescore ranks the images again by their class tokens, by either method.
// References count: they are images of the comparison.
func (d *detector) rescore(ctx context.Context) error {
	images := d.result.Images
	for _, score := range []func(*Image) *float64{
		func(im *Image) *float64 { return &im.Score },
		func(im *Image) *float64 { return &im.MuScScore },
	} {
		before := make([]float64, len(images))
		for i := range images {
			before[i] = *score(&images[i])
		}
		after, err := rscin.Rescore(ctx, before, d.class, d.opts.RsCINWindows, d.opts.Threads)
		if err != nil {
			return err
		}
		for i, s := range after {
			*score(&images[i]) = s
		}
	}
	return nil
}

// rank numbers the images by score.
func (r *Result) rank() {
	order := make([]int, len(r.Images))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(r.Images[b].Score, r.Images[a].Score) })
	for rank, i := range order {
		r.Images[i].Rank = rank + 1
	}
}

// mapMax is the maximum of a map at the pixels that the network sees, Size ×
// Size, which MuSc takes as the score of an image.
func (r *Result) mapMax(scores []float32) float64 {
	return float64(anomap.New(scores, r.GridH, r.GridW).Max(r.Size, r.Size))
}
