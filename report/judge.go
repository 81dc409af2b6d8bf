package report

import (
	"fmt"
	"math"
	"slices"

	"codegraph"
	"codegraph/internal/verdict"
)

// Known is what a person knows of an image.
type Known = verdict.Known

// judgement is what answers make of a document's verdicts.
type judgement struct {
	Images []Image
	Limits Limits
	Note   string // as Document.VerdictNote
}

// judge returns the images of d with the verdicts that a person's answers make of their
// scores, by name, and the limit that said has set. Nothing is compared again. The
// answers are verdicts themselves, and narrow the limits for the other images, unless
// these were judged by an earlier scan or by references, whose scores d does not hold.
func (d *Document) judge(answers map[string]verdict.Known, said *codegraph.Answers) (judgement, error) {
	images := slices.Clone(d.Images)
	if len(answers) == 0 && d.Answers == nil && said.Empty() || d.Verdicts == (Verdicts{}) {
		return judgement{images, d.Limits, d.VerdictNote}, nil
	}
	members, limit := d.members(said), said.FailLimit(d.Options.Threshold)
	if !d.own() {
		limits := d.Limits.moved(limit)
		for i := range images {
			im := &images[i]
			label := limits.label(im.Score, answers[im.Name], members[im.Name], limit > 0)
			im.Verdict, im.Severity = &label, limits.severity(im)
		}
		return judgement{images, limits, d.VerdictNote}, nil
	}
	batch := make([]verdict.Image, len(images))
	for i, im := range images {
		batch[i] = verdict.Image{Score: im.Score, Height: im.PeakHeight, Known: answers[im.Name], Member: members[im.Name]}
	}
	params := verdict.DefaultParams()
	params.FDR, params.Threshold = d.Options.FDR, math.NaN()
	if limit > 0 {
		params.Threshold = limit
	}
	j, err := verdict.Judge(batch, params)
	if err != nil {
		return judgement{}, fmt.Errorf("report: %w", err)
	}
	for i, v := range j.Verdicts {
		images[i].judged(v)
	}
	return judgement{images, newLimits(j.Limits), j.Note}, nil
}

// moved are the limits with another limit to fail, unless it is 0.
func (l Limits) moved(fail float64) Limits {
	if fail <= 0 {
		return l
	}
	l.Fail = &fail
	if below := math.Nextafter(fail, math.Inf(-1)); l.Pass != nil && *l.Pass > below {
		l.Pass = &below
	}
	return l
}

// severity is that of an image between the middle and the limit to fail.
func (l Limits) severity(im *Image) *float64 {
	if l.Median == nil || l.Fail == nil || *l.Fail == *l.Median {
		return im.Severity
	}
	v := (im.Score - *l.Median) / (*l.Fail - *l.Median)
	return &v
}

// label is an answer or else what the limits say, of which that to fail may be given.
func (l Limits) label(score float64, known verdict.Known, member verdict.Member, given bool) verdict.Label {
	switch {
	case known == verdict.Good:
		return verdict.Pass
	case known == verdict.Bad, l.Fail != nil && score >= *l.Fail && (given || member != verdict.OfCandidate):
		return verdict.Fail
	case l.Pass != nil && score <= *l.Pass && member == verdict.OfNone:
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
