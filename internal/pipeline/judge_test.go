package pipeline

import (
	"testing"

	"codegraph/internal/verdict"
)

func scored(n int) *Result {
	r := &Result{Options: Options{FDR: 0.05}}
	for i := range n {
		r.Images = append(r.Images, Image{Score: 0.4 + 0.005*float64(i), Family: -1})
	}
	return r
}

func TestConclude(t *testing.T) {
	r := scored(30)
	r.Images[7].Score = 2
	for k, status := range []Status{StatusDefect, StatusCandidate, StatusRejected} {
		r.Families = append(r.Families, Family{Status: status, Members: []Member{{Image: k}, {Image: 7}}})
	}
	if err := r.conclude(); err != nil {
		t.Fatal(err)
	}
	if im := r.Images[7]; im.Verdict.Label == verdict.Pass || im.Rank != 1 || !(im.Verdict.Q < 0.3) {
		t.Errorf("an image far off is %+v", im.Verdict)
	}
	for i := range 3 { // whatever its family is
		if v := r.Images[i].Verdict; v.Label != verdict.Pass {
			t.Errorf("image %d with a low score is %+v", i, v)
		}
	}
	if r.Null == nil || len(r.Notes) > 0 || !(r.Limits.Pass < r.Limits.Fail) {
		t.Errorf("null %v, limits %+v, notes %q", r.Null, r.Limits, r.Notes)
	}
}

func TestConcludeFewImages(t *testing.T) {
	r := scored(verdict.Fewest - 1)
	if err := r.conclude(); err != nil {
		t.Fatal(err)
	}
	for i, im := range r.Images {
		if im.Verdict.Label != verdict.Unsure {
			t.Errorf("image %d: %+v", i, im.Verdict)
		}
	}
	if r.Null != nil || len(r.Notes) != 1 {
		t.Errorf("null %v, notes %q", r.Null, r.Notes)
	}
}

// Tiles are ranked and not judged.
func TestConcludeTile(t *testing.T) {
	r := scored(20)
	r.Options.FDR = 0
	if err := r.conclude(); err != nil {
		t.Fatal(err)
	}
	if im := r.Images[19]; im.Rank != 1 || im.Verdict.Label != "" {
		t.Errorf("%+v", im)
	}
}
