package imageset

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"io"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sergeymakinen/go-bmp"

	"codegraph/internal/pnm"
	"codegraph/internal/tga"
	"codegraph/internal/tiff"
)

// kind is a format that Load reads.
type kind struct {
	name       string
	extensions []string
	is         func(data []byte) bool
	config     func(data []byte, page int) (image.Config, error)
	decode     func(data []byte, page int) (image.Image, error)
}

// kinds are the formats that Load reads, told apart by how their bytes begin,
// never by their names; TGA, which begins like nothing, comes last.
var kinds = []kind{
	plain("PNG", begins("\x89PNG\r\n\x1a\n"), png.DecodeConfig, png.Decode, ".png"),
	{"JPEG", []string{".jpg", ".jpeg", ".jpe", ".jfif", ".jif", ".mpo"}, isJPEG, jpegConfig, jpegDecode},
	{"BMP", []string{".bmp", ".dib"}, isBMP, bmpConfig, bmpDecode},
	plain("WebP", isWebP, webpConfig, webpDecode, ".webp"),
	plain("GIF", begins("GIF8"), gif.DecodeConfig, gif.Decode, ".gif"),
	{"TIFF", []string{".tif", ".tiff", ".btf", ".tf8"}, isTIFF, tiffConfig, tiffDecode},
	{"PNM", []string{".pgm", ".ppm", ".pnm", ".pbm"}, isPNM,
		func(data []byte, _ int) (image.Config, error) {
			h, err := pnm.DecodeHeader(data)
			return h.Config(), err
		},
		func(data []byte, _ int) (image.Image, error) { return pnm.Decode(data) }},
	{"TGA", []string{".tga"}, isTGA,
		func(data []byte, _ int) (image.Config, error) { return tga.DecodeConfig(data) },
		func(data []byte, _ int) (image.Image, error) { return tga.Decode(data) }},
}

// plain makes a kind of a pair of functions as the standard library has them.
func plain[R interface{ Read([]byte) (int, error) }](name string, is func([]byte) bool, config func(R) (image.Config, error), decode func(R) (image.Image, error), extensions ...string) kind {
	reader := func(data []byte) R { return any(bytes.NewReader(data)).(R) }
	return kind{name, extensions, is,
		func(data []byte, _ int) (image.Config, error) { return config(reader(data)) },
		func(data []byte, _ int) (image.Image, error) { return decode(reader(data)) }}
}

func begins(with ...string) func([]byte) bool {
	return func(data []byte) bool {
		return slices.ContainsFunc(with, func(w string) bool { return bytes.HasPrefix(data, []byte(w)) })
	}
}

var isTIFF = begins("II*\x00", "MM\x00*", "II+\x00", "MM\x00+")

func isPNM(data []byte) bool {
	return len(data) > 2 && data[0] == 'P' && data[1] >= '1' && data[1] <= '6' && strings.IndexByte(" \t\r\n#", data[2]) >= 0
}

func isJPEG(data []byte) bool { return begins("\xff\xd8")(data) && !begins(jpegLS)(data) }

func jpegConfig(data []byte, _ int) (image.Config, error) {
	return jpeg.DecodeConfig(bytes.NewReader(data))
}

// jpegDecode takes a picture that lacks nothing but the marker at its end, too: where
// pixels are missing, the decoder still says so. How much of a progressive picture is
// missing cannot be told, so that one must be whole.
func jpegDecode(data []byte, _ int) (image.Image, error) {
	img, err := jpeg.Decode(bytes.NewReader(data))
	if errors.Is(err, io.ErrUnexpectedEOF) && !isProgressive(data) {
		return jpeg.Decode(io.MultiReader(bytes.NewReader(data), strings.NewReader("\xff\xd9")))
	}
	return img, err
}

// isProgressive looks for SOF2: in compressed data 0xff is followed by 0 or the number
// of a restart.
func isProgressive(data []byte) bool { return bytes.Contains(data, []byte("\xff\xc2")) }

// isTGA: the header is one that the format allows.
func isTGA(data []byte) bool {
	_, err := tga.DecodeConfig(data)
	return err == nil
}

func tiffConfig(data []byte, page int) (image.Config, error) {
	p, err := tiffPage(data, page)
	if err != nil {
		return image.Config{}, err
	}
	return image.Config{Width: p.Width, Height: p.Height}, nil
}

func tiffDecode(data []byte, page int) (image.Image, error) {
	p, err := tiffPage(data, page)
	if err != nil {
		return nil, err
	}
	return p.Decode()
}

func tiffPage(data []byte, page int) (*tiff.Page, error) {
	pages, err := tiff.Pages(data)
	if err != nil {
		return nil, err
	}
	if page >= len(pages) {
		return nil, fmt.Errorf("%w: it has %d pages, not %d", tiff.ErrDamaged, len(pages), page+1)
	}
	return &pages[page], nil
}

// sniff finds out of which kind data is.
func sniff(data []byte) (*kind, error) {
	if len(data) == 0 {
		return nil, fmt.Errorf("%w: the file is empty", ErrTruncated)
	}
	for i := range kinds {
		if kinds[i].is(data) {
			return &kinds[i], nil
		}
	}
	for _, k := range unread {
		if k.is != nil && k.is(data) {
			return nil, fmt.Errorf("%w: it is %s; %s", ErrNotImage, k.name, k.advice)
		}
	}
	return nil, fmt.Errorf("%w: its first bytes are those of no kind that is read; if it is meant to be a picture, export or copy it again, as PNG or JPEG", ErrNotImage)
}

// failure says what is wrong with a file whose kind is known and whose decoder
// gave err: damage, which another copy may mend, or a variant that is not read.
func (k *kind) failure(err error) error {
	var bmpVariant bmp.UnsupportedError
	var jpegVariant jpeg.UnsupportedError
	var pngVariant png.UnsupportedError
	switch {
	case err.Error() == "png: unsupported feature: dimension overflow":
		return fmt.Errorf("%w: its header names more pixels than memory has", ErrTooLarge)
	case errors.Is(err, tiff.ErrUnsupported), errors.Is(err, errAnimated), errors.As(err, &bmpVariant), errors.As(err, &jpegVariant), errors.As(err, &pngVariant):
		return fmt.Errorf("%w: %w; save it as PNG", ErrNotImage, err)
	}
	return fmt.Errorf("%w: export or copy the file again: %w", ErrTruncated, err)
}

func extension(name string) string { return strings.ToLower(path.Ext(filepath.ToSlash(name))) }

// IsImageName reports whether the name of a file says that Load can read it.
func IsImageName(name string) bool {
	ext := extension(name)
	return slices.ContainsFunc(kinds, func(k kind) bool { return slices.Contains(k.extensions, ext) })
}
