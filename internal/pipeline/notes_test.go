package pipeline

import (
	"context"
	"image"
	"slices"
	"strings"
	"testing"

	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/stub"
)

// TestBatchNotes: each way in which photographs are not alike as files, or poor, is
// said once, with what to do; photographs that are alike say nothing.
func TestBatchNotes(t *testing.T) {
	t.Parallel()
	batch := func(n int, change func(i int, im *Image)) (out Outcome) {
		for i := range n {
			im := Image{Width: 640, Height: 480, kind: "PNG", levels: 200}
			if change != nil {
				change(i, &im)
			}
			out.Images = append(out.Images, ItemImage{Item: Item{Index: i}, Image: im})
		}
		return out
	}
	late := batch(1, nil)
	late.Earlier, late.Before = Earlier{Images: []JudgedImage{{}}}, &Looks{800, 600, "JPEG"}
	tiles := batch(20, func(_ int, im *Image) { im.Width = 4800 })
	tiles.Options.Tile = 480
	for name, c := range map[string]struct {
		o    Outcome
		want []string
	}{
		"alike": {batch(20, nil), nil},
		"sizes": {batch(20, func(i int, im *Image) { im.Width += i % 2 }), []string{"2 sizes (10 of 640 × 480, 10 of 641 × 480)", "scan each size apart"}},
		"kinds": {batch(20, func(i int, im *Image) { im.kind = []string{"PNG", "JPEG"}[i/19] }), []string{"2 kinds (19 of PNG, 1 of JPEG)", "save all as one kind"}},
		"long":  {batch(20, func(_ int, im *Image) { im.Width = 4800 }), []string{"squeezed", "--tile 480"}},
		"tiles": {tiles, nil},
		"poor":  {batch(20, func(i int, im *Image) { im.levels = 4 + i/18*200 }), []string{"18 images have 32 grey levels or fewer", "--intensity"}},
		"few":   {batch(14, nil), []string{"14 images are few", "--reference"}},
		"late":  {late, []string{"640 × 480 pixels", "800 × 600", "files are PNG", "JPEG"}},
	} {
		notes := c.o.batchNotes()
		for _, w := range c.want {
			if !strings.Contains(strings.Join(notes, "\n"), w) {
				t.Errorf("%s: %q do not say %q", name, notes, w)
			}
		}
		if most := 1 + len(c.want)/4; len(c.want) == 0 && len(notes) > 0 || len(notes) > most {
			t.Errorf("%s: %q", name, notes)
		}
	}
}

// TestNearCopies: a photograph taken twice is named, and is not merged.
func TestNearCopies(t *testing.T) {
	t.Parallel()
	set := stub.Plates(12, 32, stub.Every(20))
	copied := *set[3].Pixels.(*image.Gray)
	copied.Pix = slices.Clone(copied.Pix)
	copied.Pix[5]++
	near := append(slices.Clone(set), imageset.Item{Name: "again", Pixels: &copied})
	for _, c := range []struct {
		set  imageset.Set
		want int
	}{{set, 0}, {near, 1}} {
		r, err := detect(context.Background(), c.set, option.Options{Backbone: stub.Network{}, Align: option.AlignOff})
		if err != nil {
			t.Fatal(err)
		}
		named := slices.DeleteFunc(slices.Clone(r.Notes), func(n string) bool { return !strings.Contains(n, "such images are compared like any") })
		if len(named) != c.want || len(r.Images) != len(c.set) || c.want > 0 && !strings.Contains(named[0], "03 of again") {
			t.Errorf("%d images: %q", len(r.Images), r.Notes)
		}
	}
}
