package codegraph_test

import (
	"context"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/stub"
)

// TestBase: all images are scored, in order, and those outside the base join
// the family that was found in it.
func TestBase(t *testing.T) {
	t.Parallel()
	set, o := plates(33), stubbed()
	o.Base = 20
	r := detect(t, set, o)
	if len(r.Images) != len(set) {
		t.Fatalf("%d images", len(r.Images))
	}
	base, outside, ranks := 0, 0, make(map[int]bool)
	for i, im := range r.Images {
		if im.Item.Name != set[i].Name {
			t.Fatalf("image %d is %s, want %s", i, im.Item.Name, set[i].Name)
		}
		if ranks[im.Rank] = true; im.Base {
			base++
		}
	}
	if base != 20 || len(ranks) != len(set) {
		t.Errorf("%d images in the base, %d ranks", base, len(ranks))
	}
	if len(r.Families) == 0 || r.Families[0].Status != codegraph.StatusDefect {
		t.Fatalf("families %+v", r.Families)
	}
	for _, m := range r.Families[0].Members {
		im := r.Images[m.Image]
		if !barred(m.Image) || im.Family != 0 {
			t.Errorf("%s of family %d is a member", im.Item.Name, im.Family)
		}
		if !im.Base {
			outside++
		}
	}
	if outside == 0 || len(r.Families[0].Members) < 8 {
		t.Errorf("%d of 9 members, %d of them outside the base", len(r.Families[0].Members), outside)
	}
}

// TestQueries: queries score the same alone, among others, and as the images
// outside the base of a scan.
func TestQueries(t *testing.T) {
	t.Parallel()
	set, o := plates(33), stubbed()
	o.Base = 24
	whole := detect(t, set, o)
	r, snapshot, err := codegraph.Scan(context.Background(), set, o)
	if err != nil {
		t.Fatal(err)
	}
	var late imageset.Set
	var at []int
	for i, im := range r.Images {
		if im.Score != whole.Images[i].Score {
			t.Fatalf("image %d scores %v, want %v", i, im.Score, whole.Images[i].Score)
		}
		if !im.Base {
			late, at = append(late, set[i]), append(at, i)
		}
	}
	if len(snapshot.Images()) != 24 || len(late) != len(set)-24 {
		t.Fatalf("a base of %d images, %d others", len(snapshot.Images()), len(late))
	}
	missing := imageset.Item{Name: "missing", Path: "no such file"}
	again, err := snapshot.Score(context.Background(), append(imageset.Set{missing}, late...), codegraph.Options{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	if len(again.Skipped) != 1 || len(again.Images) != len(late) {
		t.Fatalf("%d images, %d skipped", len(again.Images), len(again.Skipped))
	}
	for k, im := range again.Images {
		if want := r.Images[at[k]]; im.Score != want.Score || im.MuScScore != want.MuScScore || im.Family != want.Family {
			t.Errorf("%s scores %v (%v), family %d, want %v (%v), family %d", im.Item.Name, im.Score, im.MuScScore, im.Family, want.Score, want.MuScScore, want.Family)
		}
	}
	alone, err := snapshot.Score(context.Background(), late[1:2], codegraph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if alone.Images[0].Score != again.Images[1].Score {
		t.Errorf("alone %s scores %v, among others %v", late[1].Name, alone.Images[0].Score, again.Images[1].Score)
	}
	if _, err := snapshot.Score(context.Background(), imageset.Set{missing}, codegraph.Options{}); err == nil {
		t.Error("no error where no image can be read")
	}
}

// TestBaseWithUnreadableRest: what is left over may all be unreadable.
func TestBaseWithUnreadableRest(t *testing.T) {
	t.Parallel()
	set := append(stub.Plates(8, 32, stub.Every(4)), imageset.Item{Name: "broken", Path: "no such file"})
	r := detect(t, set, codegraph.Options{Backbone: stub.Network{}, Base: 8, Align: codegraph.AlignOff})
	if len(r.Images) != 8 || len(r.Skipped) != 1 || r.Skipped[0].Name != "broken" {
		t.Errorf("%d images, skipped %v", len(r.Images), r.Skipped)
	}
}

// TestBaseWithReferencesConfirmed: a family can be confirmed where references
// take places of the base that no image of the result has.
func TestBaseWithReferencesConfirmed(t *testing.T) {
	t.Parallel()
	all := stub.Plates(48, 32, func(i int) bool { return i < 40 && barred(i) })
	o := stubbed()
	o.References, o.Base, o.Confirm = all[40:], 16, []string{"F1"}
	r := detect(t, all[:40], o)
	if len(r.Images) != 40 || len(r.Families) == 0 || r.Families[0].ID != "F1" || r.Families[0].Status != codegraph.StatusDefect {
		t.Fatalf("%d images, families %+v", len(r.Images), r.Families)
	}
	queries := 0
	for _, m := range r.Families[0].Members {
		if m.Image < 0 || m.Image >= len(r.Images) || !barred(m.Image) {
			t.Errorf("member %d", m.Image)
		} else if !r.Images[m.Image].Base {
			queries++
		}
	}
	if queries == 0 {
		t.Error("no image outside of the base joined the family")
	}
}
