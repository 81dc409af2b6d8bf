package pnm

import (
	"errors"
	"fmt"
	"image"
	"image/color"

	"codegraph/internal/deep"
)

// ErrDamaged is wrapped by what Decode and DecodeHeader return.
var ErrDamaged = errors.New("the PNM file is truncated or damaged")

// Header is what stands before the pixels.
type Header struct {
	Width, Height int
	// Max is the sample shown as white, 1 to 65535.
	Max int
	// Channels is 1 or 3.
	Channels int

	kind byte // '1' to '6'
	at   int  // of the pixels
}

// Config returns the header as package image has it.
func (h Header) Config() image.Config {
	model := color.GrayModel
	switch {
	case h.Max > 255:
		model = color.RGBA64Model
	case h.Channels == 3:
		model = color.RGBAModel
	}
	return image.Config{ColorModel: model, Width: h.Width, Height: h.Height}
}

// DecodeHeader reads what stands before the pixels.
func DecodeHeader(data []byte) (h Header, err error) {
	if len(data) < 3 || data[0] != 'P' || data[1] < '1' || data[1] > '6' {
		return h, fmt.Errorf("%w: it does not begin with P1 to P6", ErrDamaged)
	}
	h = Header{Max: 1, Channels: 1, kind: data[1], at: 2}
	fields := []*int{&h.Width, &h.Height, &h.Max}
	if h.kind == '1' || h.kind == '4' {
		fields = fields[:2]
	}
	if h.kind == '3' || h.kind == '6' {
		h.Channels = 3
	}
	for _, f := range fields {
		if *f, h.at, err = number(data, h.at); err != nil {
			return h, err
		}
	}
	if h.Max < 1 || h.Max > 65535 {
		return h, fmt.Errorf("%w: its largest value is %d", ErrDamaged, h.Max)
	}
	if h.Width <= 0 || h.Height <= 0 {
		return h, fmt.Errorf("%w: %d × %d pixels", ErrDamaged, h.Width, h.Height)
	}
	if h.kind >= '4' {
		h.at++ // one character of white space
	}
	return h, nil
}

// number reads a decimal after white space and comments.
func number(data []byte, at int) (v, next int, err error) {
	for at < len(data) && (space(data[at]) || data[at] == '#') {
		if data[at] == '#' {
			for at < len(data) && data[at] != '\n' {
				at++
			}
			continue
		}
		at++
	}
	start := at
	for at < len(data) && data[at] >= '0' && data[at] <= '9' && at-start < 10 {
		v = 10*v + int(data[at]-'0')
		at++
	}
	if at == start {
		return 0, at, fmt.Errorf("%w: no number at byte %d", ErrDamaged, at)
	}
	return v, at, nil
}

func space(c byte) bool { return c == ' ' || c >= '\t' && c <= '\r' }

// Decode reads the image: *image.Gray or *image.NRGBA up to 255, *deep.Image above.
// The caller has checked the size that the header names.
func Decode(data []byte) (image.Image, error) {
	h, err := DecodeHeader(data)
	if err != nil {
		return nil, err
	}
	// No kind takes less than a bit for a sample.
	if int64(h.Width)*int64(h.Height) > 8*int64(len(data)) {
		return nil, fmt.Errorf("%w: %d × %d pixels in %d bytes", ErrDamaged, h.Width, h.Height, len(data))
	}
	if h.Direct() {
		return h.direct(data)
	}
	d := &deep.Image{W: h.Width, H: h.Height, Channels: h.Channels, White: float32(h.Max)}
	d.Pix = make([]float32, d.W*d.H*d.Channels)
	switch h.kind {
	case '1', '2', '3':
		err = h.text(d, data)
	case '4':
		err = h.bits(d, data)
	default:
		err = h.binary(d, data)
	}
	if err != nil {
		return nil, err
	}
	if h.Max > 255 {
		return d, nil
	}
	return d.Eight(d.White, nil), nil
}

// Direct reports whether the samples are bytes that are pixels as they are.
func (h Header) Direct() bool { return h.kind >= '5' && h.Max == 255 }

func (h Header) direct(data []byte) (image.Image, error) {
	n := h.Width * h.Height
	if h.at > len(data) || len(data)-h.at < n*h.Channels {
		return nil, fmt.Errorf("%w: it ends early", ErrDamaged)
	}
	data = data[h.at:]
	rect := image.Rect(0, 0, h.Width, h.Height)
	if h.Channels == 1 {
		return &image.Gray{Pix: data[:n], Stride: h.Width, Rect: rect}, nil
	}
	img := image.NewNRGBA(rect)
	for i := range n {
		copy(img.Pix[4*i:], data[3*i:3*i+3])
		img.Pix[4*i+3] = 0xff
	}
	return img, nil
}

func (h Header) text(d *deep.Image, data []byte) (err error) {
	at, v := h.at, 0
	for i := range d.Pix {
		if h.kind == '1' { // digits need nothing between them
			for at < len(data) && space(data[at]) {
				at++
			}
			if at >= len(data) || data[at] != '0' && data[at] != '1' {
				return fmt.Errorf("%w: no pixel at byte %d", ErrDamaged, at)
			}
			v, at = int('1'-data[at]), at+1
		} else if v, at, err = number(data, at); err != nil {
			return err
		}
		d.Pix[i] = float32(min(v, h.Max))
	}
	return nil
}

// bits reads rows of packed bits, 1 for black.
func (h Header) bits(d *deep.Image, data []byte) error {
	width := (h.Width + 7) / 8
	if h.at > len(data) || len(data)-h.at < width*h.Height {
		return fmt.Errorf("%w: it ends early", ErrDamaged)
	}
	for i := range d.Pix {
		x, y := i%h.Width, i/h.Width
		d.Pix[i] = float32(1 - data[h.at+y*width+x/8]>>(7-x%8)&1)
	}
	return nil
}

func (h Header) binary(d *deep.Image, data []byte) error {
	size := 1
	if h.Max > 255 {
		size = 2
	}
	if h.at > len(data) || (len(data)-h.at)/size < len(d.Pix) {
		return fmt.Errorf("%w: it ends early", ErrDamaged)
	}
	for i := range d.Pix {
		v := int(data[h.at+i*size])
		if size == 2 {
			v = v<<8 | int(data[h.at+2*i+1])
		}
		d.Pix[i] = float32(min(v, h.Max))
	}
	return nil
}
