package serve

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"time"

	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"

	"codegraph/internal/serve/store"
	"codegraph/internal/verdict"
	"codegraph/report"
)

// drift says whether new parts score as those of the saved scan that they are
// compared with.
type drift struct {
	Snapshot string       `json:"snapshot"`
	Points   []driftPoint `json:"points"` // runs, the earliest first
	// Parts are the latest that did not fail, Above those of them that score above
	// the middle of the saved scan: half would if nothing has changed.
	Parts  int     `json:"parts"`
	Above  int     `json:"above"`
	PValue float64 `json:"p_value"` // of the sign test, both sides
	// Tail is what the tail index of the parts says in the same way; it does not
	// depend on how large distances are, only on how they grow.
	Tail driftTail `json:"tail"`
	// Warning says what has changed; "" if nothing shows.
	Warning string `json:"warning"`
}

// driftPoint is a run against the snapshot.
type driftPoint struct {
	Run     string    `json:"run"`
	Name    string    `json:"name"`
	Created time.Time `json:"created"`
	Images  int       `json:"images"`
	Failing int       `json:"failing"`
	// Severity is the median of the run's images: 0 is the middle of the saved scan,
	// 1 the limit to fail. It is null where there is no limit.
	Severity *float64 `json:"severity"`
	// Tail is the median of the run's tail indices; null where there is none.
	Tail    *float64 `json:"tail"`
	Seconds float64  `json:"seconds"` // that the run took for each image
}

// driftTail compares the tail index of new parts with that of the saved scan.
type driftTail struct {
	Index  *float64 `json:"index"` // of the saved scan: the median of its images; null: not known
	Parts  int      `json:"parts"` // that have one
	Above  int      `json:"above"`
	PValue float64  `json:"p_value"`
}

// Bounds on what drift looks at, and the chance of a warning about nothing.
const (
	driftRuns  = 500
	driftParts = 500
	driftLevel = 0.001
)

// getDrift answers with how the runs against a snapshot compare with it.
func (s *Server) getDrift(w http.ResponseWriter, r *http.Request) {
	name := r.URL.Query().Get("snapshot")
	snapshots, err := s.cfg.Engine.Snapshots()
	if err == nil && !slices.Contains(snapshots, name) {
		err = fmt.Errorf("snapshot %q: %w", name, store.ErrNotFound)
	}
	var runs []store.Run
	if err == nil {
		runs, err = s.store.Runs(r.Context(), "", driftRuns)
	}
	if err != nil {
		s.fail(w, r, err)
		return
	}
	d := &drift{Snapshot: name, Points: []driftPoint{}, PValue: 1, Tail: driftTail{PValue: 1}}
	for _, run := range runs {
		var o struct{ Snapshot string }
		if run.Status != store.Done || json.Unmarshal(run.Options, &o) != nil || o.Snapshot != name {
			continue
		}
		doc, err := s.document(r.Context(), run)
		if err != nil {
			s.log.Warn("drift: a run is passed over", "run", run.ID, "error", err)
			continue
		}
		d.add(run, doc)
	}
	slices.Reverse(d.Points)
	d.test()
	s.answer(w, http.StatusOK, d)
}

// add adds a run, which is earlier than those before.
func (d *drift) add(run store.Run, doc *report.Document) {
	p := driftPoint{Run: run.ID, Name: run.Name, Created: run.Created, Images: len(doc.Images), Failing: doc.Verdicts.Fail}
	if run.Started != nil && run.Ended != nil && p.Images > 0 {
		p.Seconds = run.Ended.Sub(*run.Started).Seconds() / float64(p.Images)
	}
	var severities, tails []float64
	if d.Tail.Index == nil {
		d.Tail.Index = doc.TailIndex
	}
	for _, im := range doc.Images {
		if doc.Limits.Median == nil {
			continue
		}
		if im.TailIndex != nil {
			tails = append(tails, *im.TailIndex)
		}
		if im.Severity != nil {
			severities = append(severities, *im.Severity)
		}
		if d.Parts < driftParts && im.Verdict != nil && *im.Verdict != verdict.Fail {
			d.Parts++
			if im.Score > *doc.Limits.Median {
				d.Above++
			}
			d.Tail.count(im.TailIndex, doc.TailIndex)
		}
	}
	p.Severity, p.Tail = middle(severities), middle(tails)
	d.Points = append(d.Points, p)
}

// middle is the median; nil of none.
func middle(values []float64) *float64 {
	if len(values) == 0 {
		return nil
	}
	slices.Sort(values)
	median := stat.Quantile(0.5, stat.LinInterp, values, nil)
	return &median
}

// count counts a part with the tail index own, against that of the saved scan.
func (t *driftTail) count(own, saved *float64) {
	if own == nil || saved == nil {
		return
	}
	t.Parts++
	if *own > *saved {
		t.Above++
	}
}

// signTest is the chance that as few of n, or fewer, lie on one side of the middle.
func signTest(above, n int) float64 {
	b := distuv.Binomial{N: float64(n), P: 0.5}
	return min(1, 2*b.CDF(float64(min(above, n-above))))
}

// test is the sign test: does half of the parts score above the middle, and has half
// a higher tail index?
func (d *drift) test() {
	if d.Parts == 0 {
		return
	}
	d.PValue = signTest(d.Above, d.Parts)
	if d.Tail.Parts > 0 {
		d.Tail.PValue = signTest(d.Tail.Above, d.Tail.Parts)
	}
	switch {
	case d.PValue > driftLevel && d.Tail.PValue > driftLevel:
	case d.PValue > driftLevel:
		d.Warning = fmt.Sprintf("Of the last %d parts that did not fail, %d have a tail index above the middle of the saved scan; half would if nothing had changed. The parts are like those of the saved scan in another way than these are like each other, though scores do not show it: look at the latest parts.", d.Tail.Parts, d.Tail.Above)
	case 2*d.Above > d.Parts:
		d.Warning = fmt.Sprintf("%d of the last %d parts that did not fail score above the middle of the saved scan; half would if nothing had changed. Light, focus, pose or material may be others: look at the latest parts, and make a new snapshot if they are good.", d.Above, d.Parts)
	default:
		d.Warning = fmt.Sprintf("%d of the last %d parts that did not fail score below the middle of the saved scan; half would if nothing had changed. The photographs may have become blurred or dark, so that defects show less: look at the latest parts.", d.Parts-d.Above, d.Parts)
	}
}
