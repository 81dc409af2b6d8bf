package imageset

import (
	"bytes"
	"errors"
	"image"
	"io"

	"golang.org/x/image/webp"
)

// errAnimated refuses moving pictures whose first frame the decoder does not find.
var errAnimated = errors.New("a moving WebP")

func isWebP(data []byte) bool {
	return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

func webpConfig(r io.Reader) (image.Config, error) {
	// VP8X, the chunk after the header, has a flag for animation (RFC 9649, section 2.7).
	var head [21]byte
	n, _ := io.ReadFull(r, head[:])
	if n == len(head) && string(head[12:16]) == "VP8X" && head[20]&2 != 0 {
		return image.Config{}, errAnimated
	}
	return webp.DecodeConfig(io.MultiReader(bytes.NewReader(head[:n]), r))
}

// webpDecode gives the pictures that lose (VP8) the range that they are stored in:
// their luma goes from 16 to 235, which package image takes for that of a JPEG, from
// 0 to 255.
func webpDecode(r io.Reader) (image.Image, error) {
	img, err := webp.Decode(r)
	switch m := img.(type) {
	case *image.YCbCr:
		return studioRange(m, nil), err
	case *image.NYCbCrA:
		return studioRange(&m.YCbCr, m), err
	}
	return img, err
}

// studioRange is the conversion of libwebp (src/dsp/yuv.h; ITU-R BT.601) in fixed
// point. alpha may be nil.
func studioRange(m *image.YCbCr, alpha *image.NYCbCrA) *image.NRGBA {
	b := m.Rect
	out := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	for y := range b.Dy() {
		row := out.Pix[y*out.Stride:]
		for x := range b.Dx() {
			at := m.COffset(b.Min.X+x, b.Min.Y+y)
			luma := int(m.Y[m.YOffset(b.Min.X+x, b.Min.Y+y)]) * 19077 >> 8
			u, v := int(m.Cb[at]), int(m.Cr[at])
			row[4*x] = sixBits(luma + v*26149>>8 - 14234)
			row[4*x+1] = sixBits(luma - u*6419>>8 - v*13320>>8 + 8708)
			row[4*x+2] = sixBits(luma + u*33050>>8 - 17685)
			row[4*x+3] = 0xff
			if alpha != nil {
				row[4*x+3] = alpha.A[alpha.AOffset(b.Min.X+x, b.Min.Y+y)]
			}
		}
	}
	return out
}

// sixBits drops as many after the point.
func sixBits(v int) uint8 { return uint8(min(max(v>>6, 0), 255)) }
