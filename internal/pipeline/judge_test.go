package pipeline

import (
	"testing"

	"codegraph/internal/verdict"
)

func judged(n int) *Result {
	r := &Result{Options: Options{FDR: 0.05}}
	for i := range n {
		r.Images = append(r.Images, Image{Score: 0.4 + 0.005*float64(i), Family: -1})
	}
	return r
}

func TestConclude(t *testing.T) {
	r := judged(30)
	r.Images[7].Score = 2
	for k, status := range []Status{StatusDefect, StatusCandidate, StatusRejected} {
		r.Families = append(r.Families, Family{Status: status, Members: []Member{{Image: k}, {Image: 10}}})
	}
	if err := r.conclude(); err != nil {
		t.Fatal(err)
	}
	want := map[int]verdict.Label{0: verdict.Fail, 1: verdict.Unsure, 7: verdict.Fail, 10: verdict.Fail}
	for i, im := range r.Images {
		label := want[i]
		if label == "" {
			label = verdict.Pass
		}
		if im.Verdict.Label != label {
			t.Errorf("image %d: %+v, want %s", i, im.Verdict, label)
		}
	}
	if r.Images[7].Rank != 1 || r.Null == nil || len(r.Notes) > 0 {
		t.Errorf("rank %d, null %v, notes %q", r.Images[7].Rank, r.Null, r.Notes)
	}
}

func TestConcludeFewImages(t *testing.T) {
	r := judged(verdict.Fewest - 1)
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
	r := judged(20)
	r.Options.FDR = 0
	if err := r.conclude(); err != nil {
		t.Fatal(err)
	}
	if im := r.Images[19]; im.Rank != 1 || im.Verdict.Label != "" {
		t.Errorf("%+v", im)
	}
}
