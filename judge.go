package codegraph

import (
	"fmt"

	"codegraph/verdict"
)

// conclude ranks the images and judges them. Tiles are not judged, only whole
// images are: Options.FDR is 0 for them.
func (r *Result) conclude() error {
	r.rank()
	if r.Options.FDR == 0 {
		return nil
	}
	scores := make([]float64, len(r.Images))
	for i, im := range r.Images {
		scores[i] = im.Score
		if r.Options.Rescore == RescoreRsCIN {
			scores[i] = im.MapMax // what the null is a null of; averages are not
		}
	}
	params := verdict.DefaultParams()
	params.FDR = r.Options.FDR
	if len(r.believed) >= verdict.FewestReferences {
		j, err := verdict.JudgeBy(r.believed, scores, r.roles(), params)
		return r.take(j, err)
	}
	j, err := verdict.Judge(scores, r.roles(), params)
	return r.take(j, err)
}

// concludeLater does the same for images that came after those that earlier
// has.
func (r *Result) concludeLater(earlier []judgedImage) error {
	if len(earlier) == 0 {
		return r.conclude()
	}
	r.rank()
	var batch, scores []float64
	var of []verdict.Family
	for _, e := range earlier {
		batch, of = append(batch, e.Score), append(of, e.Family)
	}
	for _, im := range r.Images {
		scores = append(scores, im.Score)
	}
	params := verdict.DefaultParams()
	params.FDR = r.Options.FDR
	j, err := verdict.JudgeLater(batch, of, scores, r.roles(), params)
	return r.take(j, err)
}

// take takes over a judgement.
func (r *Result) take(j *verdict.Judgement, err error) error {
	if err != nil {
		return fmt.Errorf("codegraph: %w", err)
	}
	for i, v := range j.Verdicts {
		r.Images[i].Verdict = v
	}
	r.Null = j.Null
	if j.Note != "" {
		r.Notes = append(r.Notes, j.Note)
	}
	return nil
}

// judgedImage is what of an image counts for the verdicts on later ones.
type judgedImage struct {
	Score  float64        `json:"score"`
	Family verdict.Family `json:"family"`
}

func (r *Result) judged() []judgedImage {
	roles := r.roles()
	out := make([]judgedImage, len(r.Images))
	for i, im := range r.Images {
		out[i] = judgedImage{im.Score, roles[i]}
	}
	return out
}

// roles says of each image what its families tell of it.
func (r *Result) roles() []verdict.Family {
	roles := make([]verdict.Family, len(r.Images))
	for _, f := range r.Families {
		role := verdict.NoFamily
		switch f.Status {
		case StatusDefect:
			role = verdict.Defect
		case StatusCandidate:
			role = verdict.Candidate
		}
		for _, m := range f.Members {
			roles[m.Image] = max(roles[m.Image], role)
		}
	}
	return roles
}
