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
	j, err := verdict.Judge(scores, r.roles(), params)
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
