package tga

import (
	"encoding/binary"
	"errors"
	"fmt"
	"image"
	"image/color"
)

// ErrDamaged is wrapped by what Decode and DecodeConfig return.
var ErrDamaged = errors.New("the TGA file is truncated or damaged")

const headerSize = 18

type header struct {
	palette               bool
	kind                  int // 1 palette, 2 colour, 3 grey; + 8 run-length encoded
	first, entries, depth int // of the palette
	width, height, bits   int
	fromRight, fromTop    bool
	at                    int // of the palette
}

func readHeader(data []byte) (h header, err error) {
	if len(data) < headerSize {
		return h, fmt.Errorf("%w: %d bytes", ErrDamaged, len(data))
	}
	u16 := func(at int) int { return int(binary.LittleEndian.Uint16(data[at:])) }
	h = header{palette: data[1] == 1, kind: int(data[2]), first: u16(3), entries: u16(5), depth: int(data[7]), width: u16(12), height: u16(14), bits: int(data[16])}
	h.fromRight, h.fromTop = data[17]&0x10 != 0, data[17]&0x20 != 0
	h.at = headerSize + int(data[0])
	colour := map[int]bool{15: true, 16: true, 24: true, 32: true}
	valid := false
	switch h.kind &^ 8 {
	case 1:
		valid = h.palette && h.bits == 8 && colour[h.depth]
	case 2:
		valid = colour[h.bits]
	case 3:
		valid = h.bits == 8 || h.bits == 16
	}
	if data[1] > 1 || h.kind > 11 || !valid || h.width == 0 || h.height == 0 {
		return h, fmt.Errorf("%w: type %d, %d × %d pixels of %d bits", ErrDamaged, h.kind, h.width, h.height, h.bits)
	}
	return h, nil
}

// DecodeConfig reads the header.
func DecodeConfig(data []byte) (image.Config, error) {
	h, err := readHeader(data)
	return image.Config{ColorModel: color.NRGBAModel, Width: h.width, Height: h.height}, err
}

// Decode reads the image. The caller has checked its size.
func Decode(data []byte) (image.Image, error) {
	h, err := readHeader(data)
	if err != nil {
		return nil, err
	}
	palette, at, err := h.readPalette(data)
	if err != nil {
		return nil, err
	}
	pixels, err := h.expand(data[at:])
	if err != nil {
		return nil, err
	}
	img := image.NewNRGBA(image.Rect(0, 0, h.width, h.height))
	size := (h.bits + 7) / 8
	for i := range h.width * h.height {
		x, y := i%h.width, i/h.width
		if h.fromRight {
			x = h.width - 1 - x
		}
		if !h.fromTop {
			y = h.height - 1 - y
		}
		c, raw := color.NRGBA{}, pixels[i*size:]
		switch h.kind &^ 8 {
		case 1:
			k := int(raw[0]) - h.first
			if k < 0 || k >= len(palette) {
				return nil, fmt.Errorf("%w: colour %d of a palette of %d", ErrDamaged, k, len(palette))
			}
			c = palette[k]
		case 2:
			c = colourOf(raw, h.bits)
		case 3:
			c = color.NRGBA{raw[0], raw[0], raw[0], 0xff}
		}
		img.SetNRGBA(x, y, c)
	}
	return img, nil
}

func (h header) readPalette(data []byte) (palette []color.NRGBA, at int, err error) {
	at = h.at
	if !h.palette {
		return nil, min(at, len(data)), nil
	}
	size := (h.depth + 7) / 8
	if at+h.entries*size > len(data) {
		return nil, 0, fmt.Errorf("%w: its palette", ErrDamaged)
	}
	if h.kind&^8 == 1 {
		for k := range h.entries {
			palette = append(palette, colourOf(data[at+k*size:], h.depth))
		}
	}
	return palette, at + h.entries*size, nil
}

// expand undoes run-length encoding.
func (h header) expand(data []byte) ([]byte, error) {
	size := (h.bits + 7) / 8
	total := h.width * h.height * size
	if h.kind&8 == 0 {
		if len(data) < total {
			return nil, fmt.Errorf("%w: it ends early", ErrDamaged)
		}
		return data[:total], nil
	}
	if total/size > 128*len(data) {
		return nil, fmt.Errorf("%w: it ends early", ErrDamaged)
	}
	out := make([]byte, 0, total)
	for len(out) < total {
		if len(data) < 1+size {
			return nil, fmt.Errorf("%w: it ends early", ErrDamaged)
		}
		n := int(data[0]&0x7f) + 1
		n = min(n, (total-len(out))/size)
		if data[0]&0x80 != 0 {
			for range n {
				out = append(out, data[1:1+size]...)
			}
			data = data[1+size:]
			continue
		}
		if len(data) < 1+n*size {
			return nil, fmt.Errorf("%w: it ends early", ErrDamaged)
		}
		out = append(out, data[1:1+n*size]...)
		data = data[1+n*size:]
	}
	return out, nil
}

// colourOf reads a colour of 15, 16, 24 or 32 bits. The alpha of files is seldom
// meant: many writers leave it 0; it is not read.
func colourOf(raw []byte, bits int) color.NRGBA {
	if bits >= 24 {
		return color.NRGBA{raw[2], raw[1], raw[0], 0xff}
	}
	v := binary.LittleEndian.Uint16(raw)
	five := func(v uint16) uint8 { v &= 31; return uint8(v<<3 | v>>2) }
	return color.NRGBA{five(v >> 10), five(v >> 5), five(v), 0xff}
}
