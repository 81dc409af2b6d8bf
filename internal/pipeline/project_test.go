package pipeline

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"codegraph/internal/option"
	"codegraph/internal/stub"
	"codegraph/internal/verdict"
)

// outcome is that of n images of which nothing stands out.
func outcome(n int) Outcome {
	o := Outcome{Options: option.Options{FDR: 0.05, Backbone: stub.Network{}}}
	for i := range n {
		it := Item{Index: i, Image: i}
		o.Items = append(o.Items, it)
		o.Images = append(o.Images, ItemImage{Item: it, Image: Image{Score: 0.4 + 0.005*float64(i)}})
	}
	return o
}

func TestVerdicts(t *testing.T) {
	t.Parallel()
	o := outcome(30)
	o.Images[7].Image.Score = 2
	for k, status := range []Status{StatusDefect, StatusCandidate, StatusRejected} {
		o.Groups = append(o.Groups, Group{Status: status, Members: []GroupMember{{Item: k}, {Item: 7}}})
	}
	r, err := Project(context.Background(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	if im := r.Images[7]; im.Verdict.Label == verdict.Pass || im.Rank != 1 || !(im.Verdict.Q < 0.3) {
		t.Errorf("an image far off is %+v", im.Verdict)
	}
	// Members of what is a defect, or may be, do not pass.
	for i, want := range []verdict.Label{verdict.Unsure, verdict.Unsure, verdict.Pass} {
		if v := r.Images[i].Verdict; v.Label != want {
			t.Errorf("image %d with a low score is %+v", i, v)
		}
	}
	if r.Null == nil || len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "2 images share something") || !(r.Limits.Pass < r.Limits.Fail) {
		t.Errorf("null %v, limits %+v, notes %q", r.Null, r.Limits, r.Notes)
	}
}

func TestVerdictsOfFewImages(t *testing.T) {
	t.Parallel()
	r, err := Project(context.Background(), outcome(verdict.Fewest-1), nil)
	if err != nil {
		t.Fatal(err)
	}
	for i, im := range r.Images {
		if im.Verdict.Label != verdict.Unsure {
			t.Errorf("image %d: %+v", i, im.Verdict)
		}
	}
	if r.Null != nil || !strings.HasPrefix(r.VerdictNote, "no image passes") || len(r.Notes) != 0 {
		t.Errorf("null %v, note %q, notes %q", r.Null, r.VerdictNote, r.Notes)
	}
}

// TestProject: images are in the order of their items, references and families
// of references alone are left out, and the others are numbered anew.
func TestProject(t *testing.T) {
	t.Parallel()
	o := outcome(6)
	o.Items[1].Role, o.Items[5].Role = RoleQuery, RoleReference
	o.Images = []ItemImage{o.Images[5], o.Images[4], o.Images[0], o.Images[3], o.Images[1]} // 2 was not read
	for k := range o.Images {
		o.Images[k].Item = o.Items[o.Images[k].Item.Index]
	}
	o.Skipped = []Skipped{{Item: o.Items[2], Err: errors.New("broken")}}
	o.Groups = []Group{
		{ID: "F1", Members: []GroupMember{{Item: 5}}},
		{ID: "F2", Members: []GroupMember{{Item: 5}, {Item: 4}, {Item: 1}}},
	}
	r, err := Project(context.Background(), o, nil)
	if err != nil {
		t.Fatal(err)
	}
	var scores []float64
	var families []int
	for _, im := range r.Images {
		scores, families = append(scores, im.Score), append(families, im.Family)
	}
	want := outcome(5)
	for i, from := range []int{0, 1, 3, 4} {
		if scores[i] != want.Images[from].Image.Score {
			t.Errorf("scores %v", scores)
		}
	}
	if !slices.Equal(families, []int{-1, 0, -1, 0}) || len(r.Families) != 1 || r.Families[0].ID != "F2" || r.References != 1 || len(r.Skipped) != 1 {
		t.Errorf("families %v of %+v, %d references, skipped %v", families, r.Families, r.References, r.Skipped)
	}
	if m := r.Families[0].Members; len(m) != 2 || m[0].Image != 1 || m[1].Image != 3 {
		t.Errorf("members %+v", m)
	}
}
