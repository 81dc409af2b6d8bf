package verdict

import (
	"fmt"

	"codegraph/internal/stats"
)

// Label is what is said of an image.
type Label string

const (
	Pass   Label = "pass"   // nothing speaks against it
	Fail   Label = "fail"   // defective, at the stated false-discovery rate
	Unsure Label = "unsure" // for a person to judge
)

// Family says what is known of an image from the family it belongs to.
type Family int

const (
	NoFamily  Family = iota // none, or a harmless one
	Candidate               // a defect or a harmless variant
	Defect                  // a defect
)

// DefaultFDR is the usual false-discovery rate.
const DefaultFDR = 0.05

// Fewest is the number of images below which there is no verdict.
const Fewest = 8

// FewestReferences is the number of references from which on they tell better
// than the batch what a good image scores.
const FewestReferences = 20

// Params control Judge.
type Params struct {
	// FDR is the largest expected share of good images among the failed ones.
	FDR float64
	// Skew is the shape of the null: a normal image scores
	// a + b·(exp(Skew·z) − 1), z standard normal; 0: a + b·z.
	Skew float64
	// Body is the share of the normal images that is counted to estimate
	// their number, Used that from which location and scale are estimated.
	Body, Used float64
}

// DefaultParams are those that the calibration has chosen, see
// docs/verdicts.md.
func DefaultParams() Params { return Params{FDR: DefaultFDR, Skew: 0.5, Body: 0.9, Used: 0.9} }

// Verdict is the judgement of one image.
type Verdict struct {
	Label Label
	// P is the probability that a normal image scores as high.
	P float64
	// Q is the least false-discovery rate at which the image fails by its score.
	Q float64
}

// Judgement is that of a batch.
type Judgement struct {
	Verdicts []Verdict // of each image
	// Null is nil if the batch does not show what normal scores are: no image
	// passes then, and P and Q are 1. Note says why.
	Null *Null
	Note string
}

// Judge labels images by their scores and families.
func Judge(scores []float64, families []Family, p Params) (*Judgement, error) {
	if err := p.check(scores, families); err != nil {
		return nil, err
	}
	j := new(Judgement)
	j.Null, j.Note = fitWithoutDefects(scores, families, p)
	j.label(scores, families, p)
	return j, nil
}

// JudgeBy does the same with what the references score for the null, which are
// known or believed to be good: any share of the batch may be defective, and up
// to half of the references. They should be FewestReferences or more.
func JudgeBy(references, scores []float64, families []Family, p Params) (*Judgement, error) {
	if err := p.check(scores, families); err != nil {
		return nil, err
	}
	j := new(Judgement)
	if j.Null = Fit(references, p).Later(); j.Null == nil {
		j.Note = "no image passes: half of the references have the same score"
	}
	j.label(scores, families, p)
	return j, nil
}

// label fills in the verdicts, with p-values by the null.
func (j *Judgement) label(scores []float64, families []Family, p Params) {
	j.Verdicts = make([]Verdict, len(scores))
	for i, s := range scores {
		j.Verdicts[i] = Verdict{P: 1, Q: 1}
		if j.Null != nil {
			j.Verdicts[i].P = j.Null.P(s)
		}
	}
	adjust(j.Verdicts)
	for i, v := range j.Verdicts {
		j.Verdicts[i].Label = v.label(families[i], j.Null != nil, p.FDR)
	}
}

// JudgeLater labels images that came after a batch, each as if it had been in
// it: the null is that of the batch, and so are the p-values that its q-value
// is worked out among.
func JudgeLater(batch []float64, of []Family, scores []float64, families []Family, p Params) (*Judgement, error) {
	if err := p.check(scores, families); err != nil {
		return nil, err
	}
	before, err := Judge(batch, of, p)
	if err != nil {
		return nil, err
	}
	j := &Judgement{Verdicts: make([]Verdict, len(scores)), Null: before.Null.Later(), Note: before.Note}
	with := make([]Verdict, len(batch)+1)
	for i, s := range scores {
		v := Verdict{P: 1, Q: 1}
		if j.Null != nil {
			v.P = j.Null.P(s)
			with[copy(with, before.Verdicts)] = v
			adjust(with)
			v = with[len(batch)]
		}
		v.Label = v.label(families[i], j.Null != nil, p.FDR)
		j.Verdicts[i] = v
	}
	return j, nil
}

func (p Params) check(scores []float64, families []Family) error {
	if len(families) != len(scores) {
		return fmt.Errorf("verdict: %d scores and the families of %d images", len(scores), len(families))
	}
	for _, c := range []struct {
		name  string
		value float64
		ok    bool
	}{
		{"false-discovery rate", p.FDR, p.FDR > 0 && p.FDR < 1},
		{"skew", p.Skew, p.Skew >= 0 && p.Skew <= 2},
		{"body", p.Body, p.Body >= 0.5 && p.Body < 1},
		{"used share", p.Used, p.Used > 0 && p.Used <= 1},
	} {
		if !c.ok {
			return fmt.Errorf("verdict: a %s of %v", c.name, c.value)
		}
	}
	return nil
}

// fitWithoutDefects fits the null to the images that are in no family of a
// defect.
func fitWithoutDefects(scores []float64, families []Family, p Params) (*Null, string) {
	var kept []float64
	for i, s := range scores {
		if families[i] != Defect {
			kept = append(kept, s)
		}
	}
	if len(kept) < Fewest {
		return nil, fmt.Sprintf("no image passes: it takes at least %d that are in no defect family to say what normal images score, and there are %d", Fewest, len(kept))
	}
	null := Fit(kept, p)
	if null == nil {
		return nil, "no image passes: half of the images have the same score"
	}
	return null, ""
}

// adjust fills in the q-values.
func adjust(verdicts []Verdict) {
	p := make([]float64, len(verdicts))
	for i, v := range verdicts {
		p[i] = v.P
	}
	for i, q := range stats.BenjaminiHochberg(p) {
		verdicts[i].Q = q
	}
}

func (v Verdict) label(f Family, known bool, fdr float64) Label {
	switch {
	case f == Defect, known && v.Q <= fdr:
		return Fail
	case f == Candidate, !known, v.P <= fdr:
		return Unsure
	}
	return Pass
}
