package benchmark

import (
	"image"

	"codegraph/imageset"
)

// muscMask resizes a mask of w × h pixels to side × side as MuSc's code does: as
// a picture of 0 and 255, bilinearly, of which the pixels that stay 255 are
// anomalous. At the border of a defect that is fewer than half of them: the
// figures per pixel are about half a point lower than with every pixel of at
// least 128.
func muscMask(mask []bool, w, h, side int) []bool {
	if w == side && h == side {
		return mask
	}
	picture := image.NewNRGBA(image.Rect(0, 0, w, h))
	for i, on := range mask {
		if on {
			picture.Pix[4*i] = 0xff
		}
	}
	picture = imageset.Resize(picture, side, side, imageset.Bilinear)
	out := make([]bool, side*side)
	for i := range out {
		out[i] = picture.Pix[4*i] == 0xff
	}
	return out
}
