package pipeline

import (
	"fmt"

	"codegraph/internal/verdict"
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
		if r.Options.Rerank == RerankRsCIN {
			scores[i] = im.MapMax // what the null is a null of; averages are not
		}
	}
	params := verdict.DefaultParams()
	params.FDR = r.Options.FDR
	j, err := r.judge(scores, params)
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

// judge judges by the best witness of what good images score: the scan that
// the images came after, enough references, else the batch itself.
func (r *Result) judge(scores []float64, params verdict.Params) (*verdict.Judgement, error) {
	switch {
	case len(r.earlier) > 0:
		var batch []float64
		var of []verdict.Family
		for _, e := range r.earlier {
			batch, of = append(batch, e.Score), append(of, e.Family)
		}
		return verdict.JudgeLater(batch, of, scores, r.roles(), params)
	case len(r.believed) >= verdict.FewestReferences:
		return verdict.JudgeBy(r.believed, scores, r.roles(), params)
	default:
		return verdict.Judge(scores, r.roles(), params)
	}
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
