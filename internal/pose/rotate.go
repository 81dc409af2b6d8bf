package pose

import "math"

// A rotated image keeps its patch grid. "Original" is the grid of the image as
// it was read, "rotated" that of the image rotated by angle, in radians.

// ToRotated returns the patch of the rotated grid that shows the middle of
// patch p of the original, −1 if that lies outside of the rotated image.
func ToRotated(p, h, w int, angle float64) int {
	if angle == 0 {
		return p
	}
	x, y := Place(p, h, w, angle)
	u, v := int(math.Floor(x+0.5)), int(math.Floor(y+0.5))
	if u < 0 || u >= w || v < 0 || v >= h {
		return -1
	}
	return v*w + u
}

// ToOriginal returns the patch of the original grid that patch p of the rotated
// one shows, −1 if that lies in the padding around the original image.
func ToOriginal(p, h, w int, angle float64) int { return ToRotated(p, h, w, -angle) }

// Place returns where the middle of patch p of the original lies in the rotated
// grid, in patches from the middle of the first.
func Place(p, h, w int, angle float64) (x, y float64) {
	sin, cos := math.Sincos(angle)
	dx := (float64(p%w)+0.5)/float64(w) - 0.5
	dy := (float64(p/w)+0.5)/float64(h) - 0.5
	return (cos*dx-sin*dy+0.5)*float64(w) - 0.5, (sin*dx+cos*dy+0.5)*float64(h) - 0.5
}
