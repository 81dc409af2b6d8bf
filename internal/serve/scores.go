package serve

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"

	"codegraph/internal/answer"
	"codegraph/internal/eval/metric"
	"codegraph/internal/serve/store"
	"codegraph/internal/verdict"
	"codegraph/report"
)

// imageScore is what a run says about an image, and a person.
type imageScore struct {
	Name      string  `json:"name"`
	Score     float64 `json:"score"`
	MuScScore float64 `json:"musc_score"`
	Rank      int     `json:"rank"`
	Family    *string `json:"family"`
	// Verdict is pass, unsure or fail; null, as the two that follow, if the
	// image was not judged.
	Verdict  *verdict.Label `json:"verdict"`
	PValue   *float64       `json:"p_value"`
	QValue   *float64       `json:"q_value"`
	Severity *float64       `json:"severity"`
	// Answer is a person's about the image; "" for none.
	Answer    answer.ForImage `json:"answer"`
	Warnings  []string        `json:"warnings"`
	Thumbnail string          `json:"thumbnail"` // addresses on this server
	Image     string          `json:"image"`
	Map       string          `json:"map"`
	Overlay   *string         `json:"overlay"`
}

type familyScore struct {
	ID      string   `json:"id"`
	Status  string   `json:"status"`
	Members []string `json:"members"`
}

// scores is the short form of results.json, with answers.
type scores struct {
	Run       store.Run        `json:"run"`
	Images    []imageScore     `json:"images"` // worst first
	Families  []familyScore    `json:"families"`
	Skipped   []report.Skipped `json:"skipped"`
	Notes     []string         `json:"notes"`
	Agreement agreement        `json:"agreement"`
	Limits    report.Limits    `json:"limits"`       // scores that verdicts change at
	Reason    string           `json:"verdict_note"` // why no image passes, or passes or fails
	// Pending says that answers about families have not been judged yet.
	Pending bool `json:"pending"`
	// Failed says why answers could not be judged: all else is as before them.
	Failed string `json:"failed"`
}

// agreement says how well scores order the images that were answered about.
type agreement struct {
	Good  int      `json:"good"`
	Bad   int      `json:"bad"`
	AUROC *float64 `json:"auroc"` // null unless there are both
	AP    *float64 `json:"ap"`
}

func (s *Server) getScores(w http.ResponseWriter, r *http.Request) {
	if run, ok := s.named(w, r); ok {
		s.answerScores(w, r, run)
	}
}

// answerScores sends the scores of a run that is done; of one that is not,
// there are none.
func (s *Server) answerScores(w http.ResponseWriter, r *http.Request, run store.Run) {
	sc, err := s.scores(r.Context(), run)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, sc)
}

// document reads the results of a run, which must be done.
func (s *Server) document(ctx context.Context, run store.Run) (*report.Document, error) {
	if run.Status != store.Done {
		return nil, &statusError{http.StatusConflict, fmt.Errorf("run %s is %s: it has no results", run.ID, run.Status)}
	}
	doc, err := s.store.Document(run.ID)
	if err != nil {
		// It may have been removed since.
		if _, gone := s.store.Run(ctx, run.ID); errors.Is(gone, store.ErrNotFound) {
			return nil, gone
		}
	}
	return doc, err
}

func (s *Server) scores(ctx context.Context, run store.Run) (*scores, error) {
	doc, err := s.document(ctx, run)
	if err != nil {
		return nil, err
	}
	j, err := s.judge(ctx, run, doc)
	if err != nil {
		return nil, err
	}
	doc = j.doc
	said := j.said.ByName()
	sc := &scores{Run: run, Images: []imageScore{}, Families: []familyScore{}, Skipped: doc.Skipped, Notes: doc.Notes, Agreement: agree(doc, said), Limits: doc.Limits, Reason: doc.VerdictNote, Pending: j.pending, Failed: j.failed}
	for i := range doc.Images {
		sc.Images = append(sc.Images, scoreOf(run, &doc.Images[i], said))
	}
	slices.SortStableFunc(sc.Images, func(a, b imageScore) int { return a.Rank - b.Rank })
	for _, f := range doc.Families {
		members := make([]string, len(f.Members))
		for k, m := range f.Members {
			members[k] = m.Name
		}
		sc.Families = append(sc.Families, familyScore{f.ID, f.Status, members})
	}
	return sc, nil
}

func scoreOf(run store.Run, im *report.Image, said map[string]answer.ForImage) imageScore {
	out := imageScore{
		Name: im.Name, Score: im.Score, MuScScore: im.MuScScore, Rank: im.Rank, Family: im.Family, Verdict: im.Verdict, PValue: im.PValue, QValue: im.QValue, Severity: im.Severity, Answer: said[im.Name], Warnings: im.Warnings,
		Thumbnail: at("/api/thumbnails/", run.Input, im.Name), Image: at("/files/inputs/", run.Input, im.Name), Map: at("/files/runs/", run.ID, im.Map),
	}
	if im.Overlay != nil {
		overlay := at("/files/runs/", run.ID, *im.Overlay)
		out.Overlay = &overlay
	}
	return out
}

func at(prefix, id, name string) string {
	return (&url.URL{Path: prefix + id + "/" + name}).EscapedPath()
}

func agree(doc *report.Document, said map[string]answer.ForImage) (a agreement) {
	var values []float64
	var bad []bool
	for _, im := range doc.Images {
		switch said[im.Name] {
		case answer.Good, answer.Reference:
			a.Good++
		case answer.Bad:
			a.Bad++
		default:
			continue
		}
		values, bad = append(values, im.Score), append(bad, said[im.Name] == answer.Bad)
	}
	if a.Good == 0 || a.Bad == 0 {
		return a
	}
	if v, err := metric.AUROC(values, bad); err == nil {
		a.AUROC = &v
	}
	if v, err := metric.AP(values, bad); err == nil {
		a.AP = &v
	}
	return a
}
