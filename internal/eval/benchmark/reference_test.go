package benchmark

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"codegraph/imageset"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/eval/synth"
	"codegraph/internal/eval/table"
)

// TestDraw: references are good images, fewer are among more, and the rest
// stays in order.
func TestDraw(t *testing.T) {
	t.Parallel()
	b := &Batch{Name: "b", Warnings: []string{"w"}}
	for i := range 12 {
		kind := dataset.Good
		if i%3 == 0 {
			kind = "crack"
		}
		b.Items = append(b.Items, imageset.Item{Name: fmt.Sprintf("%s-%02d", kind, i)})
		b.Types, b.HasMask = append(b.Types, kind), append(b.HasMask, i%2 == 0)
	}
	var before imageset.Set
	for k := range 9 {
		rest, references, err := b.draw(k, 3)
		if err != nil {
			t.Fatal(err)
		}
		if len(references) != k || len(rest.Items) != 12-k || !slices.Equal(rest.Warnings, b.Warnings) {
			t.Fatalf("%d references, %d images left", len(references), len(rest.Items))
		}
		last := ""
		for i, it := range rest.Items {
			kind, number, _ := strings.Cut(it.Name, "-")
			if kind != rest.Types[i] || number <= last {
				t.Errorf("image %d of the rest is %s, of type %s, after %s", i, it.Name, rest.Types[i], last)
			}
			last = number
		}
		for i, it := range references {
			if !strings.HasPrefix(it.Name, dataset.Good) || i < len(before) && it.Name != before[i].Name {
				t.Errorf("reference %d is %s", i, it.Name)
			}
		}
		before = references
	}
	if _, _, err := b.draw(9, 3); err == nil {
		t.Error("nine of eight good images were drawn")
	}
}

// TestEvaluateWithReferences: references take part in the comparison and in
// nothing that is counted.
func TestEvaluateWithReferences(t *testing.T) {
	t.Parallel()
	o := quick()
	o.References = 3
	e, err := Evaluate(context.Background(), FromSamples("washers", washers(t)), o)
	if err != nil {
		t.Fatal(err)
	}
	o.References, o.HeldOut = 0, 3
	without, err := Evaluate(context.Background(), FromSamples("washers", washers(t)), o)
	if err != nil {
		t.Fatal(err)
	}
	if e.Images != 19 || without.Images != 19 {
		t.Errorf("%d and %d images of 22 without 3", e.Images, without.Images)
	}
	for i, x := range e.Types {
		y := without.Types[i]
		if x.Type != y.Type || x.Images != y.Images || (x.Type == synth.TypeRecurring) != (x.Consistency > 0) {
			t.Errorf("%+v, without references %+v", x, y)
		}
	}
	if e.Figures[table.MuSc] == without.Figures[table.MuSc] {
		t.Error("references change nothing")
	}
}
