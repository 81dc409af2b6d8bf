package pipeline

import (
	"fmt"
	"slices"

	"codegraph/internal/verdict"
)

// conclude ranks the images and judges them. Tiles are not judged, only whole
// images are: Options.FDR is 0 for them.
func (r *Result) conclude() error {
	r.rank()
	if r.Options.FDR == 0 {
		return nil
	}
	params := verdict.DefaultParams()
	params.FDR = r.Options.FDR
	j, err := r.judge(params, func(im judgedImage) verdict.Image {
		return verdict.Image{Score: im.Score, Height: im.Height, Known: im.Known}
	})
	if err != nil {
		return err
	}
	for i, v := range j.Verdicts {
		r.Images[i].Verdict = v
	}
	r.Null, r.Limits = j.Null, j.Limits
	if j.Note != "" {
		r.Notes = append(r.Notes, j.Note)
		return nil
	}
	maps, err := r.judge(params, func(im judgedImage) verdict.Image {
		return verdict.Image{Score: im.MapMax, Known: im.Known}
	})
	if err != nil {
		return err
	}
	r.MapNull = maps.Null
	return nil
}

// judge judges the images by the best witness of what good ones score: the
// scan that they came after, or else the references and the batch.
func (r *Result) judge(params verdict.Params, by func(judgedImage) verdict.Image) (*verdict.Judgement, error) {
	scored := r.judged()
	batch := r.earlier
	if len(batch) == 0 {
		batch = slices.Concat(r.believed, scored)
	}
	j, err := verdict.JudgeLater(judgedBy(by, batch), judgedBy(by, scored), params)
	if err != nil {
		return nil, fmt.Errorf("codegraph: %w", err)
	}
	return j, nil
}

func judgedBy(by func(judgedImage) verdict.Image, images []judgedImage) []verdict.Image {
	out := make([]verdict.Image, len(images))
	for i, im := range images {
		out[i] = by(im)
	}
	return out
}

// judgedImage is what of an image counts for the verdicts.
type judgedImage struct {
	Score  float64       `json:"score"`
	Height float64       `json:"height"`
	MapMax float64       `json:"map_max"`
	Known  verdict.Known `json:"known"`
}

func judged(im *Image) judgedImage {
	out := judgedImage{Score: im.Score, Height: im.PeakHeight, MapMax: im.MapMax}
	if im.reference {
		out.Known = verdict.Good
	}
	return out
}

func (r *Result) judged() []judgedImage {
	out := make([]judgedImage, len(r.Images))
	for i := range r.Images {
		out[i] = judged(&r.Images[i])
	}
	return out
}
