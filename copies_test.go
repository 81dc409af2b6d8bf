package codegraph_test

import (
	"image"
	"strings"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/eval/synth"
)

// TestCopies: what is there several times counts once, and all have its result.
func TestCopies(t *testing.T) {
	t.Parallel()
	set := render(t, synth.Config{Kind: synth.Washer, Size: 96, Seed: 2, Good: 9, Rare: 1})
	o := small()
	alone := detect(t, set, o)
	last := set[0]
	for _, it := range set {
		if !strings.Contains(it.Name, "good") {
			last = it
		}
	}
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

// TestIntensity: a camera of 10 bits gives what one of 8 bits does.
func TestIntensity(t *testing.T) {
	t.Parallel()
	set := render(t, synth.Config{Kind: synth.Washer, Size: 64, Seed: 3, Good: 8, Rare: 2})
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
	a, b := detect(t, eight, small()), detect(t, ten, small())
	if b.Options.Intensity != "10" || a.Options.Intensity != "full" {
		t.Errorf("intensities %q and %q", a.Options.Intensity, b.Options.Intensity)
	}
	for i := range a.Images {
		if a.Images[i].Score != b.Images[i].Score {
			t.Errorf("%s: %v with 8 bits, %v with 10", a.Images[i].Item.Name, a.Images[i].Score, b.Images[i].Score)
		}
	}
}
