package report

import (
	"fmt"
	"math"
	"slices"

	"codegraph/internal/verdict"
)

// Known is what a person knows of an image.
type Known = verdict.Known

// Judge returns the images of d with the verdicts that a person's answers make
// of their scores, by name. Nothing is compared again. The answers are verdicts
// themselves, and narrow the limits for the other images, unless these were
// judged by an earlier scan or by references, whose scores d does not hold.
func (d *Document) Judge(answers map[string]verdict.Known) ([]Image, Limits, error) {
	return d.judge(answers, d.asked(d.Answers))
}

func (d *Document) judge(answers map[string]verdict.Known, asked map[string]bool) ([]Image, Limits, error) {
	images := slices.Clone(d.Images)
	if len(answers) == 0 && d.Answers == nil || d.Verdicts == (Verdicts{}) {
		return images, d.Limits, nil
	}
	if !d.own() {
		for i := range images {
			label := d.Limits.label(images[i].Score, answers[images[i].Name], asked[images[i].Name])
			images[i].Verdict = &label
		}
		return images, d.Limits, nil
	}
	batch := make([]verdict.Image, len(images))
	for i, im := range images {
		batch[i] = verdict.Image{Score: im.Score, Height: im.PeakHeight, Known: answers[im.Name], Asked: asked[im.Name]}
	}
	params := verdict.DefaultParams()
	params.FDR, params.Threshold = d.Options.FDR, math.NaN()
	if d.Options.Threshold > 0 {
		params.Threshold = d.Options.Threshold
	}
	j, err := verdict.Judge(batch, params)
	if err != nil {
		return nil, Limits{}, fmt.Errorf("report: %w", err)
	}
	for i, v := range j.Verdicts {
		images[i].judged(v)
	}
	return images, newLimits(j.Limits), nil
}

// label is an answer or else what the limits say.
func (l Limits) label(score float64, known verdict.Known, asked bool) verdict.Label {
	switch {
	case known == verdict.Good:
		return verdict.Pass
	case known == verdict.Bad, l.Fail != nil && score >= *l.Fail:
		return verdict.Fail
	case l.Pass != nil && score <= *l.Pass && !asked:
		return verdict.Pass
	}
	return verdict.Unsure
}

// judged fills in a verdict.
func (im *Image) judged(v verdict.Verdict) {
	im.Verdict, im.PValue, im.QValue, im.Severity = &v.Label, &v.P, &v.Q, known(v.Severity)
}

func newLimits(l verdict.Limits) Limits { return Limits{known(l.Median), known(l.Pass), known(l.Fail)} }

// own says that the limits rest on the batch itself, and not on an earlier scan or
// on references.
func (d *Document) own() bool {
	return d.Counts.References == 0 && slices.ContainsFunc(d.Images, func(im Image) bool { return im.Base })
}
