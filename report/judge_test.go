package report_test

import (
	"fmt"
	"strings"
	"testing"

	saying "codegraph/internal/answer"
	"codegraph/internal/verdict"
	"codegraph/report"
)

// judgedDocument has 30 images, the last of which score higher and higher.
func judgedDocument() *report.Document {
	d := &report.Document{Verdicts: report.Verdicts{Pass: 30}}
	d.Options.FDR = 0.05
	for i := range 30 {
		score := 0.3 + 0.002*float64(i)
		if i >= 24 {
			score += 0.01 * float64(i-23)
		}
		label := verdict.Pass
		d.Images = append(d.Images, report.Image{Name: fmt.Sprint(i), Score: score, PeakHeight: 0.3, Base: true, Verdict: &label})
	}
	return d
}

func TestJudgeWithAnswers(t *testing.T) {
	t.Parallel()
	d := judgedDocument()
	judged, err := d.Judged(&saying.Answers{Images: []saying.Image{{Name: "29", Answer: saying.Bad}, {Name: "28", Answer: saying.Bad}, {Name: "0", Answer: saying.Good}}})
	if err != nil {
		t.Fatal(err)
	}
	images, limits := judged.Images, judged.Limits
	for name, want := range map[int]verdict.Label{29: verdict.Fail, 28: verdict.Fail, 0: verdict.Pass} {
		if got := *images[name].Verdict; got != want {
			t.Errorf("image %d is %s, want %s", name, got, want)
		}
	}
	if limits.Fail == nil || limits.Pass != nil && *limits.Pass >= *limits.Fail {
		t.Errorf("limits %+v", limits)
	}
	if images[27].QValue == nil || *images[27].QValue >= 1 {
		t.Errorf("image 27 is not judged again: %+v", images[27])
	}
	if *d.Images[29].Verdict != verdict.Pass {
		t.Error("the document was changed")
	}
}

// TestJudgeByOthers: where the null is that of other images, the answers
// themselves count.
func TestJudgeByOthers(t *testing.T) {
	t.Parallel()
	d := judgedDocument()
	d.Counts.References = 20
	pass, fail := 0.45, 0.5
	d.Limits = report.Limits{Pass: &pass, Fail: &fail}
	judged, err := d.Judged(&saying.Answers{Images: []saying.Image{{Name: "29", Answer: saying.Bad}}})
	if err != nil {
		t.Fatal(err)
	}
	if images := judged.Images; *images[29].Verdict != verdict.Fail || *images[27].Verdict != verdict.Pass || images[27].QValue != nil {
		t.Errorf("%+v", images[27:])
	}
}

// TestVerdictNote: why nothing passes is said as long as it is so.
func TestVerdictNote(t *testing.T) {
	t.Parallel()
	d := judgedDocument()
	d.Images = d.Images[:verdict.Fewest]
	bad := &saying.Answers{Images: []saying.Image{{Name: "0", Answer: saying.Bad}}}
	few, err := d.Judged(bad) // leaves too few that may be good
	if err != nil || !strings.HasPrefix(few.VerdictNote, "no image passes") {
		t.Fatalf("the note is %q, %v", few.VerdictNote, err)
	}
	if back, err := few.Judged(nil); err != nil || back.VerdictNote != "" {
		t.Errorf("taken back, the note is %q, %v", back.VerdictNote, err)
	}
}

// TestJudgedBack: a document that was judged with answers is as before without them.
func TestJudgedBack(t *testing.T) {
	t.Parallel()
	for _, references := range []int{0, 20} {
		d := judgedDocument()
		d.Counts.References = references
		pass, fail := 0.35, 0.41
		d.Limits = report.Limits{Pass: &pass, Fail: &fail}
		first, err := d.Judged(&saying.Answers{Images: []saying.Image{{Name: "3", Answer: saying.Good}}}) // judges at all
		if err != nil {
			t.Fatal(err)
		}
		none, err := first.Judged(nil)
		if err != nil {
			t.Fatal(err)
		}
		said, err := none.Judged(&saying.Answers{Images: []saying.Image{{Name: "0", Answer: saying.Bad}}})
		if err != nil {
			t.Fatal(err)
		}
		back, err := said.Judged(nil)
		if err != nil || back.Answers != nil || back.Verdicts != none.Verdicts || said.Verdicts == none.Verdicts {
			t.Errorf("%d references: %+v with an answer, %+v before and %+v after it, %v", references, said.Verdicts, none.Verdicts, back.Verdicts, err)
		}
	}
}

// TestJudgedByLimit: a limit that a person set is the verdict of all images, whose
// limits it replaces, until it is taken back.
func TestJudgedByLimit(t *testing.T) {
	t.Parallel()
	for _, references := range []int{0, 20} {
		d := judgedDocument()
		d.Counts.References = references
		pass, fail := 0.35, 0.41
		d.Limits = report.Limits{Pass: &pass, Fail: &fail}
		d.Verdicts.Pass = len(d.Images)
		limit := d.Images[20].Score
		by := &saying.Answers{Limit: &limit}
		said, err := d.Judged(by)
		if err != nil {
			t.Fatal(err)
		}
		if said.Verdicts.Fail != 10 || *said.Limits.Fail != limit || said.Limits.Pass != nil && *said.Limits.Pass >= limit || said.Answers != by {
			t.Errorf("%d references: %+v by a limit of %v, limits %v", references, said.Verdicts, limit, *said.Limits.Fail)
		}
		if back := said.NeedsScan(nil); back != (references > 0) {
			t.Errorf("%d references: taking it back needs a scan: %v", references, back)
		}
	}
}
