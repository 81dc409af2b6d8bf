package codegraph_test

import (
	"fmt"
	"image"
	"strings"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/eval/synth"
	"codegraph/internal/stub"
)

// TestCopies: what is there several times counts once, and all have its result.
func TestCopies(t *testing.T) {
	t.Parallel()
	set, o := stub.Plates(10, 96, func(int) bool { return false }), stubbed()
	stub.Spoil(set, 9)
	alone, last := detect(t, set, o), set[9]
	with := append(imageset.Set{}, set...)
	for k := range 6 {
		it := last
		it.Name = strings.Repeat("copy/", k+1) + it.Name
		with = append(with, it)
	}
	for _, tile := range []int{0, 64} {
		o.Tile = tile
		if tile > 0 {
			alone = detect(t, set, o)
		}
		r := detect(t, with, o)
		if len(r.Images) != len(with) || len(r.Notes) == 0 || !strings.Contains(strings.Join(r.Notes, "\n"), "6 images are copies") {
			t.Fatalf("%d images, notes %q", len(r.Images), r.Notes)
		}
		var original codegraph.Image
		for i, im := range r.Images {
			if i < len(set) && (im.Score != alone.Images[i].Score || im.Verdict.Label != alone.Images[i].Verdict.Label || im.Verdict.P != alone.Images[i].Verdict.P) {
				t.Errorf("tile %d: %s scores %v, %v without copies; verdicts %v, %v", tile, im.Item.Name, im.Score, alone.Images[i].Score, im.Verdict, alone.Images[i].Verdict)
			}
			if im.Item.Name == last.Name {
				original = im
			}
		}
		for _, im := range r.Images[len(set):] {
			if im.Score != original.Score || im.Verdict.Label != original.Verdict.Label || im.Family != original.Family || len(im.Warnings) == 0 {
				t.Errorf("tile %d: copy %s: %v, %v, %q", tile, im.Item.Name, im.Score, im.Verdict, im.Warnings)
			}
		}
	}
}

// TestTwoKindsOfParts: a folder with good parts of two kinds is said to hold them.
func TestTwoKindsOfParts(t *testing.T) {
	t.Parallel()
	var set imageset.Set
	for k, kind := range []synth.Kind{synth.Washer, synth.Bracket} {
		samples, err := synth.Render(t.Context(), synth.Config{Kind: kind, Size: 96, Seed: 5, Good: []int{14, 8}[k]})
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range samples {
			set = append(set, imageset.Item{Name: fmt.Sprintf("%s/%s", kind, s.Name), Pixels: s.Image})
		}
	}
	o := codegraph.Options{Size: 96, Grid: 8, Align: codegraph.AlignOff}
	if said := strings.Join(detect(t, set, o).Notes, "\n"); !strings.Contains(said, "F1 (8 images) differs from the other 14 as a whole: two kinds of parts in one folder, which are to be scanned apart") {
		t.Errorf("notes %q", said)
	}
}

// TestIntensity: a camera of 10 bits gives what one of 8 bits does.
func TestIntensity(t *testing.T) {
	t.Parallel()
	set := plates(10)
	eight, ten := imageset.Set{}, imageset.Set{}
	for _, it := range set {
		b := it.Pixels.Bounds()
		narrow, wide := image.NewGray(b), image.NewGray16(b)
		for y := b.Min.Y; y < b.Max.Y; y++ {
			for x := b.Min.X; x < b.Max.X; x++ {
				narrow.Set(x, y, it.Pixels.At(x, y))
				v := uint16(narrow.GrayAt(x, y).Y)<<2 | 3
				at := wide.PixOffset(x, y)
				wide.Pix[at], wide.Pix[at+1] = uint8(v>>8), uint8(v)
			}
		}
		eight = append(eight, imageset.Item{Name: it.Name, Pixels: narrow})
		ten = append(ten, imageset.Item{Name: it.Name, Pixels: wide})
	}
	a, b := detect(t, eight, stubbed()), detect(t, ten, stubbed())
	if b.Options.Intensity != "10" || a.Options.Intensity != "full" {
		t.Errorf("intensities %q and %q", a.Options.Intensity, b.Options.Intensity)
	}
	for i := range a.Images {
		if a.Images[i].Score != b.Images[i].Score {
			t.Errorf("%s: %v with 8 bits, %v with 10", a.Images[i].Item.Name, a.Images[i].Score, b.Images[i].Score)
		}
	}
}
