package imageset

import (
	"bytes"
	"encoding/binary"
	"errors"
	"image"

	"github.com/sergeymakinen/go-bmp"
)

// isBMP: a bitmap with its file header, or the bare DIB that some programs write
// as .dib, which begins with its BITMAPINFOHEADER.
func isBMP(data []byte) bool { return bytes.HasPrefix(data, []byte("BM")) || isDIB(data) }

func isDIB(data []byte) bool {
	if len(data) < 40 {
		return false
	}
	size, planes, bits := binary.LittleEndian.Uint32(data), binary.LittleEndian.Uint16(data[12:]), binary.LittleEndian.Uint16(data[14:])
	return (size == 40 || size == 108 || size == 124) && planes == 1 && bits > 0 && bits <= 32
}

// withFileHeader puts a BITMAPFILEHEADER before a bare DIB.
func withFileHeader(data []byte) []byte {
	if !isDIB(data) {
		return data
	}
	le := binary.LittleEndian
	offset, bits, colours := 14+le.Uint32(data), le.Uint16(data[14:]), le.Uint32(data[32:])
	if bits <= 8 && colours == 0 {
		colours = 1 << bits
	}
	if bits <= 8 {
		offset += 4 * min(colours, 256)
	} else if le.Uint32(data) == 40 && le.Uint32(data[16:]) == 3 { // BITFIELDS: three masks
		offset += 12
	}
	head := make([]byte, 14, 14+len(data))
	copy(head, "BM")
	le.PutUint32(head[2:], uint32(14+len(data)))
	le.PutUint32(head[10:], offset)
	return append(head, data...)
}

func bmpConfig(data []byte, _ int) (image.Config, error) {
	return bmp.DecodeConfig(bytes.NewReader(withFileHeader(data)))
}

func bmpDecode(data []byte, _ int) (image.Image, error) {
	data = withFileHeader(data)
	img, err := bmp.Decode(bytes.NewReader(data))
	var format bmp.FormatError
	if tail := []byte{0, 0, 0, 1}; errors.As(err, &format) && bytes.HasSuffix(data, tail) {
		// Many writers end the last row of run lengths before they end the bitmap;
		// the decoder takes that for one row too many.
		data = append(bytes.Clone(data[:len(data)-4]), 0, 1)
		img, err = bmp.Decode(bytes.NewReader(data))
	}
	if m, ok := img.(*image.NRGBA); ok && !slicesAny(m.Pix, 3, 4) {
		// 32 bits per pixel whose fourth byte is nowhere set: it is padding.
		for i := 3; i < len(m.Pix); i += 4 {
			m.Pix[i] = 0xff
		}
	}
	return img, err
}

// slicesAny reports whether any of the bytes first, first + step, … is not 0.
func slicesAny(pix []uint8, first, step int) bool {
	for i := first; i < len(pix); i += step {
		if pix[i] != 0 {
			return true
		}
	}
	return false
}
