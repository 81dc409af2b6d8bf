package deep

import (
	"image"
	"image/color"
)

// Image is grey or RGB.
type Image struct {
	W, H int
	// Channels is 1 or 3.
	Channels int
	// Pix are the samples as stored, [H][W][Channels]; finite.
	Pix []float32
	// White is the sample that the file's format shows as white: 2^bits − 1 of
	// integers, 1 of floating-point numbers, the maximum that a PNM file names.
	White float32
	// Lost is how many samples of the file were not finite numbers: 0 stands for them.
	Lost int
}

// Bounds is 0, 0 to W, H.
func (d *Image) Bounds() image.Rectangle { return image.Rect(0, 0, d.W, d.H) }

// ColorModel is color.RGBA64Model.
func (d *Image) ColorModel() color.Model { return color.RGBA64Model }

// At is the colour on a scale from 0 to White.
func (d *Image) At(x, y int) color.Color {
	var c [3]uint16
	for k := range c {
		v := d.Pix[(y*d.W+x)*d.Channels+min(k, d.Channels-1)] / d.White
		c[k] = uint16(min(max(v, 0), 1)*0xffff + 0.5)
	}
	return color.RGBA64{c[0], c[1], c[2], 0xffff}
}

// Eight rounds the samples to 8 bits, on a scale from 0 to white. alpha are samples of
// the same scale, [H][W], not premultiplied; nil: the image is opaque.
func (d *Image) Eight(white float32, alpha []float32) image.Image {
	scale := 255 / white
	round := func(v float32) uint8 { return uint8(min(max(v*scale+0.5, 0), 255)) }
	if d.Channels == 1 && alpha == nil {
		g := image.NewGray(d.Bounds())
		for i, v := range d.Pix {
			g.Pix[i] = round(v)
		}
		return g
	}
	out := image.NewNRGBA(d.Bounds())
	for i := range d.W * d.H {
		for c := range 3 {
			out.Pix[4*i+c] = round(d.Pix[i*d.Channels+min(c, d.Channels-1)])
		}
		out.Pix[4*i+3] = 0xff
		if alpha != nil {
			out.Pix[4*i+3] = round(alpha[i])
		}
	}
	return out
}
