package serve

import (
	"encoding/csv"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"

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
	Verdict   *verdict.Label `json:"verdict"`
	PValue    *float64       `json:"p_value"`
	QValue    *float64       `json:"q_value"`
	Severity  *float64       `json:"severity"`
	Label     store.Label    `json:"label"`
	Warnings  []string       `json:"warnings"`
	Thumbnail string         `json:"thumbnail"` // addresses on this server
	Image     string         `json:"image"`
	Map       string         `json:"map"`
	Overlay   *string        `json:"overlay"`
}

type familyScore struct {
	ID      string   `json:"id"`
	Status  string   `json:"status"`
	Members []string `json:"members"`
}

// scores is the short form of results.json, with labels.
type scores struct {
	Run       store.Run        `json:"run"`
	Images    []imageScore     `json:"images"` // worst first
	Families  []familyScore    `json:"families"`
	Skipped   []report.Skipped `json:"skipped"`
	Notes     []string         `json:"notes"`
	Agreement agreement        `json:"agreement"`
	Limits    report.Limits    `json:"limits"` // scores that verdicts change at
}

// agreement says how well scores order the images that are labelled.
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
	sc, err := s.scores(r, run)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, sc)
}

// document reads the results of a run, which must be done.
func (s *Server) document(run store.Run) (*report.Document, error) {
	if run.Status != store.Done {
		return nil, &statusError{http.StatusConflict, fmt.Errorf("run %s is %s: it has no results", run.ID, run.Status)}
	}
	return s.store.Document(run.ID)
}

func (s *Server) scores(r *http.Request, run store.Run) (*scores, error) {
	doc, err := s.document(run)
	if err != nil {
		return nil, err
	}
	labels, err := s.store.Labels(r.Context(), run.Input)
	if err != nil {
		return nil, err
	}
	sc := &scores{Run: run, Images: []imageScore{}, Families: []familyScore{}, Skipped: doc.Skipped, Notes: doc.Notes, Agreement: agree(doc, labels)}
	images, limits, err := doc.Judge(answers(labels))
	if err != nil {
		return nil, err
	}
	sc.Limits = limits
	for i := range images {
		sc.Images = append(sc.Images, scoreOf(run, &images[i], labels))
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

func scoreOf(run store.Run, im *report.Image, labels map[string]store.Label) imageScore {
	out := imageScore{
		Name: im.Name, Score: im.Score, MuScScore: im.MuScScore, Rank: im.Rank, Family: im.Family, Verdict: im.Verdict, PValue: im.PValue, QValue: im.QValue, Severity: im.Severity, Label: labels[im.Name], Warnings: im.Warnings,
		Thumbnail: at("/api/thumbnails/", run.Input, im.Name), Image: at("/files/inputs/", run.Input, im.Name), Map: at("/files/runs/", run.ID, im.Map),
	}
	if im.Overlay != nil {
		overlay := at("/files/runs/", run.ID, *im.Overlay)
		out.Overlay = &overlay
	}
	return out
}

// answers are the labels as verdicts count them.
func answers(labels map[string]store.Label) map[string]verdict.Known {
	known := make(map[string]verdict.Known)
	for name, l := range labels {
		switch l {
		case store.Good:
			known[name] = verdict.Good
		case store.Bad:
			known[name] = verdict.Bad
		}
	}
	return known
}

func at(prefix, id, name string) string {
	return (&url.URL{Path: prefix + id + "/" + name}).EscapedPath()
}

func agree(doc *report.Document, labels map[string]store.Label) (a agreement) {
	var values []float64
	var bad []bool
	for _, im := range doc.Images {
		switch labels[im.Name] {
		case store.Good:
			a.Good++
		case store.Bad:
			a.Bad++
		default:
			continue
		}
		values, bad = append(values, im.Score), append(bad, labels[im.Name] == store.Bad)
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

// putLabel labels an image, or takes its label away.
func (s *Server) putLabel(w http.ResponseWriter, r *http.Request) {
	var change struct {
		Image string
		Label store.Label
	}
	if err := decode(w, r, &change); err != nil {
		s.fail(w, r, err)
		return
	}
	run, ok := s.named(w, r)
	if !ok {
		return
	}
	doc, err := s.document(run)
	switch {
	case err != nil:
	case !slices.Contains([]store.Label{"", store.Good, store.Bad}, change.Label):
		err = fmt.Errorf("%w: label is %q; it must be good, bad or empty", errRequest, change.Label)
	case !slices.ContainsFunc(doc.Images, func(im report.Image) bool { return im.Name == change.Image }):
		err = fmt.Errorf("image %q: %w", change.Image, store.ErrNotFound)
	default:
		err = s.store.SetLabel(r.Context(), run.Input, change.Image, change.Label)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	labels, err := s.store.Labels(r.Context(), run.Input)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	s.answer(w, http.StatusOK, agree(doc, labels))
}

// exportLabels sends the labelled images of a run as a table, worst first.
func (s *Server) exportLabels(w http.ResponseWriter, r *http.Request) {
	run, ok := s.named(w, r)
	if !ok {
		return
	}
	sc, err := s.scores(r, run)
	if err != nil {
		s.fail(w, r, err)
		return
	}
	w.Header().Set("Content-Type", "text/csv; charset=utf-8")
	w.Header().Set("Content-Disposition", `attachment; filename="labels-`+run.ID+`.csv"`)
	out := csv.NewWriter(w)
	err = out.Write([]string{"image", "label", "score", "rank"})
	for _, im := range sc.Images {
		if im.Label != "" {
			err = errors.Join(err, out.Write([]string{report.Cell(im.Name), string(im.Label), strconv.FormatFloat(im.Score, 'g', -1, 64), strconv.Itoa(im.Rank)}))
		}
	}
	out.Flush()
	if err = errors.Join(err, out.Error()); err != nil {
		s.log.Warn("labels were not sent whole", "run", run.ID, "error", err)
	}
}
