package benchmark

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"codegraph/dataset"
	"codegraph/imageset"
)

// TestDraw: references are good images, fewer are among more, and the rest
// stays in order.
func TestDraw(t *testing.T) {
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
