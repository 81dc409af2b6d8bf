package pipeline

import (
	"image"
	"image/color"
	"math"
	"testing"

	"pgregory.net/rapid"

	"codegraph/imageset"
)

// ell is a region that no turn maps to itself.
func ell(t *rapid.T) (*imageset.ROI, *imageset.Scaled) {
	const side = 64
	img, shown := image.NewNRGBA(image.Rect(0, 0, side, side)), &imageset.Scaled{W: side, H: side, RGB: make([]uint8, 3*side*side)}
	wide, high := rapid.IntRange(6, 20).Draw(t, "wide"), rapid.IntRange(6, 20).Draw(t, "high")
	for y := 8; y < 56; y++ {
		for x := 12; x < 48; x++ {
			if x < 12+wide || y >= 56-high {
				img.SetNRGBA(x, y, color.NRGBA{255, 255, 255, 255})
				copy(shown.RGB[3*(y*side+x):], []uint8{255, 255, 255})
			}
		}
	}
	roi, err := imageset.ROIFromMask(img)
	if err != nil {
		t.Fatal(err)
	}
	return roi, shown
}

// TestRegionTurns: the patches that are compared of a turned image are those on which
// its region lies after it is turned as the image is.
func TestRegionTurns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		const grid, cell = 16, 4
		roi, shown := ell(t)
		angle := rapid.Float64Range(-math.Pi, math.Pi).Draw(t, "angle")
		turned := imageset.Turn(shown.Tensor([3]float32{}, [3]float32{1, 1, 1}), shown.W, angle)
		for p, valid := range validPatches(roi, grid, grid, angle) {
			// The patch and those beside it: on an outline it may fall to either side.
			least, most := float32(1), float32(0)
			for k := range 9 * cell * cell {
				y, x := (p/grid-1)*cell+k/(3*cell), (p%grid-1)*cell+k%(3*cell)
				if y >= 0 && y < shown.H && x >= 0 && x < shown.W {
					v := turned[y*shown.W+x]
					least, most = min(least, v), max(most, v)
				}
			}
			if valid && most < 0.5 || !valid && least > 0.5 {
				t.Fatalf("turned by %.0f°: patch %d is valid: %v, and around it is %v to %v of the region", angle*180/math.Pi, p, valid, least, most)
			}
		}
	})
}
