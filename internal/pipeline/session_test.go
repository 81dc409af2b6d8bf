package pipeline

import (
	"context"
	"fmt"
	"reflect"
	"slices"
	"testing"

	"codegraph/internal/answer"
	"codegraph/internal/option"
	"codegraph/internal/stub"
)

// TestSession: what a session says after answers is what a scan with them does.
func TestSession(t *testing.T) {
	t.Parallel()
	ctx, set := context.Background(), stub.Stamped(16, stub.Every(3))
	set[15].Pixels = set[14].Pixels
	o, err := option.Complete(option.Options{Backbone: stub.Network{}, Align: option.AlignOff, Threads: 2, Evidence: 1000})
	if err != nil {
		t.Fatal(err)
	}
	first, s, err := Open(ctx, set, o)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if len(first.Families) == 0 {
		t.Fatal("no family to answer about")
	}
	var members []string
	for _, m := range first.Families[0].Members {
		members = append(members, first.Images[m.Image].Item.Name)
	}
	about := func(a answer.ForFamily) answer.Step {
		return answer.Step{Family: &answer.Family{ID: "F1", Answer: a, Members: members}}
	}
	image := func(name string, a answer.ForImage) answer.Step {
		return answer.Step{Image: &answer.Image{Name: name, Answer: a}}
	}
	for name, steps := range map[string][]answer.Step{
		"nothing":   nil,
		"images":    {image("00", answer.Bad), image("01", answer.Good), image("15", answer.Bad)},
		"defect":    {about(answer.Defect)},
		"harmless":  {about(answer.Harmless), image("02", answer.Good)},
		"no group":  {about(answer.NoGroup)},
		"reference": {image(members[0], answer.Reference)},
		"elsewhere": {image("not here", answer.Bad)},
	} {
		said := answer.After(steps)
		got, err := s.Judge(ctx, said)
		if err != nil {
			t.Fatal(name, err)
		}
		whole := o
		whole.Answers = said
		want, err := Detect(ctx, set, whole)
		if err != nil {
			t.Fatal(name, err)
		}
		got.Timing, want.Timing, got.Plan, want.Plan = nil, nil, MemoryPlan{}, MemoryPlan{}
		// Verdicts have NaN.
		if fmt.Sprint(got.Images) != fmt.Sprint(want.Images) || !reflect.DeepEqual(got.Families, want.Families) || !slices.Equal(got.Notes, want.Notes) || got.Limits != want.Limits {
			t.Errorf("%s: the session says\n%+v\n%q\nthe scan\n%+v\n%q", name, got.Families, got.Notes, want.Families, want.Notes)
		}
		if !reflect.DeepEqual(got.Evidence, want.Evidence) {
			t.Errorf("%s: other evidence", name)
		}
	}
	for a, want := range map[answer.ForFamily]Status{answer.Defect: StatusDefect, answer.Harmless: StatusRejected, answer.NoGroup: StatusDismissed} {
		r, err := s.Judge(ctx, answer.After([]answer.Step{about(a)}))
		if err != nil || r.Families[0].Status != want {
			t.Errorf("%s: %s, %v", a, r.Families[0].Status, err)
		}
	}
	r, err := s.Judge(ctx, answer.After([]answer.Step{image("15", answer.Bad)}))
	if err != nil || r.Images[14].Verdict.Label != "fail" || r.Images[15].Verdict.Label != "fail" {
		t.Errorf("an answer about a copy: %+v, %v", r.Images[22:], err)
	}
}
