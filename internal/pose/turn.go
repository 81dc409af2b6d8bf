package pose

import "math"

// TurnBack reads a map of values, [h][w], of an image that was turned by
// angle, at the patches of the image as it was: bilinear between the centres
// of patches, the nearest where there is none.
func TurnBack(values []float32, h, w int, angle float64) []float32 {
	out := make([]float32, h*w)
	for p := range out {
		x, y := turned(p, h, w, angle)
		x, y = min(max(x, 0), float64(w-1)), min(max(y, 0), float64(h-1))
		x0, y0 := int(x), int(y)
		x1, y1 := min(x0+1, w-1), min(y0+1, h-1)
		fx, fy := float32(x-float64(x0)), float32(y-float64(y0))
		top := values[y0*w+x0] + fx*(values[y0*w+x1]-values[y0*w+x0])
		bottom := values[y1*w+x0] + fx*(values[y1*w+x1]-values[y1*w+x0])
		out[p] = top + fy*(bottom-top)
	}
	return out
}

// PatchOf returns the patch of the image turned by angle that shows the
// middle of patch p of the image as it was; −1 if it is out of sight.
func PatchOf(p, h, w int, angle float64) int {
	x, y := turned(p, h, w, angle)
	u, v := int(math.Floor(x+0.5)), int(math.Floor(y+0.5))
	if u < 0 || u >= w || v < 0 || v >= h {
		return -1
	}
	return v*w + u
}

// Origin returns the patch of the image as it was that patch p of the image
// turned by angle shows; −1 if that lies outside of the image.
func Origin(p, h, w int, angle float64) int { return PatchOf(p, h, w, -angle) }

// turned returns where the middle of patch p lies after a turn by angle, in
// patches, the first at 0.
func turned(p, h, w int, angle float64) (x, y float64) {
	sin, cos := math.Sincos(angle)
	dx := (float64(p%w)+0.5)/float64(w) - 0.5
	dy := (float64(p/w)+0.5)/float64(h) - 0.5
	return (cos*dx-sin*dy+0.5)*float64(w) - 0.5, (sin*dx+cos*dy+0.5)*float64(h) - 0.5
}
