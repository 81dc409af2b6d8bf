package imageset

import (
	"bytes"
	"image"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"codegraph/internal/cpu"
)

// TestResizePaths: every set of instructions gives the bytes of the portable code.
func TestResizePaths(t *testing.T) {
	defer func(old weighing) { active = old }(active)
	rapid.Check(t, func(t *rapid.T) {
		side := rapid.IntRange(1, 90)
		src := image.NewNRGBA(image.Rect(0, 0, side.Draw(t, "width"), side.Draw(t, "height")))
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 5))
		for i := range src.Pix { // mostly black and white, which bicubic filters overshoot
			src.Pix[i] = uint8(rng.IntN(3) * 255 / 2)
		}
		w, h := side.Draw(t, "new width"), side.Draw(t, "new height")
		filter := rapid.SampledFrom([]Filter{Bicubic, Bilinear}).Draw(t, "filter")
		active = portable
		want := Resize(src, w, h, filter)
		for _, name := range cpu.Available() {
			active = implementation(name)
			if got := Resize(src, w, h, filter); !bytes.Equal(got.Pix, want.Pix) {
				t.Fatalf("%s: %v to %d × %d differs from portable code", name, src.Rect.Size(), w, h)
			}
		}
	})
}
