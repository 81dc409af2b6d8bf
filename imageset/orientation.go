package imageset

import (
	"bytes"
	"image"

	"github.com/bep/imagemeta"
)

// orientation returns the EXIF orientation of a page, 1 (upright) if there is none.
func orientation(data []byte, page int, kind string) int {
	if kind == "TIFF" {
		if p, err := tiffPage(data, page); err == nil {
			return p.Orientation
		}
		return 1
	}
	formats := map[string]imagemeta.ImageFormat{"JPEG": imagemeta.JPEG, "WebP": imagemeta.WebP, "PNG": imagemeta.PNG}
	f, ok := formats[kind]
	if !ok {
		return 1
	}
	orient := 1
	_, err := imagemeta.Decode(imagemeta.Options{
		R: bytes.NewReader(data), ImageFormat: f, Sources: imagemeta.EXIF,
		ShouldHandleTag: func(t imagemeta.TagInfo) bool { return t.Tag == "Orientation" },
		HandleTag: func(t imagemeta.TagInfo) error {
			switch v := t.Value.(type) {
			case uint16:
				orient = int(v)
			case int:
				orient = v
			}
			return nil
		},
	})
	if err != nil || orient < 1 || orient > 8 {
		return 1
	}
	return orient
}

// transposed is the first of the orientations that swap width and height.
const transposed = 5

// upright undoes an EXIF orientation.
func upright(src *image.NRGBA, orient int) *image.NRGBA {
	if orient == 1 {
		return src
	}
	w, h := src.Rect.Dx(), src.Rect.Dy()
	ow, oh := w, h
	if orient >= transposed {
		ow, oh = h, w
	}
	dst := image.NewNRGBA(image.Rect(0, 0, ow, oh))
	for y := range oh {
		for x := range ow {
			sx, sy := x, y
			switch orient {
			case 2:
				sx = w - 1 - x
			case 3:
				sx, sy = w-1-x, h-1-y
			case 4:
				sy = h - 1 - y
			case 5:
				sx, sy = y, x
			case 6:
				sx, sy = y, h-1-x
			case 7:
				sx, sy = w-1-y, h-1-x
			case 8:
				sx, sy = w-1-y, x
			}
			copy(dst.Pix[y*dst.Stride+4*x:][:4], src.Pix[sy*src.Stride+4*sx:])
		}
	}
	return dst
}
