package report

import (
	"bytes"
	"image"
	"image/color"
	"image/png"
	"testing"

	"pgregory.net/rapid"
)

// TestEncodePNG: image/png reads back what was written.
func TestEncodePNG(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := image.Rect(0, 0, rapid.IntRange(1, 300).Draw(t, "w"), rapid.IntRange(1, 60).Draw(t, "h"))
		grey, mask, rgb := image.NewGray16(size), image.NewGray(size), image.NewRGBA(size)
		rng := rapid.Uint32().Draw(t, "seed")
		for y := range size.Dy() {
			for x := range size.Dx() {
				rng = rng*1664525 + 1013904223
				grey.SetGray16(x, y, color.Gray16{Y: uint16(rng >> 16)})
				mask.SetGray(x, y, color.Gray{Y: byte(rng >> 24)})
				rgb.SetRGBA(x, y, color.RGBA{R: byte(rng >> 8), G: byte(rng >> 16), B: byte(rng >> 24), A: 255})
			}
		}
		for _, img := range []image.Image{grey, mask, rgb} {
			var b bytes.Buffer
			if err := encodePNG(&b, img); err != nil {
				t.Fatal(err)
			}
			got, err := png.Decode(&b)
			if err != nil {
				t.Fatal(err)
			}
			for y := range size.Dy() {
				for x := range size.Dx() {
					if want := img.At(x, y); color.RGBA64Model.Convert(got.At(x, y)) != color.RGBA64Model.Convert(want) {
						t.Fatalf("pixel (%d, %d) of %T is %v, want %v", x, y, img, got.At(x, y), want)
					}
				}
			}
		}
	})
}

func TestEncodePNGRefuses(t *testing.T) {
	t.Parallel()
	if err := encodePNG(&bytes.Buffer{}, image.NewAlpha(image.Rect(0, 0, 1, 1))); err == nil {
		t.Error("an image of alpha alone is written")
	}
}
