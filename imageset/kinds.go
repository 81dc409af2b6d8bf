package imageset

import (
	"bytes"
	"errors"
	"fmt"
	"image"
	"image/gif"
	"image/jpeg"
	"image/png"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sergeymakinen/go-bmp"
	"golang.org/x/image/webp"

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
	plain("JPEG", begins("\xff\xd8"), jpeg.DecodeConfig, jpeg.Decode, ".jpg", ".jpeg", ".jpe", ".jfif", ".jif"),
	{"BMP", []string{".bmp", ".dib"}, isBMP, bmpConfig, bmpDecode},
	plain("WebP", isWebP, webp.DecodeConfig, webp.Decode, ".webp"),
	plain("GIF", begins("GIF8"), gif.DecodeConfig, gif.Decode, ".gif"),
	{"TIFF", []string{".tif", ".tiff"}, isTIFF, tiffConfig, tiffDecode},
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

func isWebP(data []byte) bool {
	return len(data) >= 12 && string(data[:4]) == "RIFF" && string(data[8:12]) == "WEBP"
}

func isPNM(data []byte) bool {
	return len(data) > 2 && data[0] == 'P' && data[1] >= '1' && data[1] <= '6' && strings.IndexByte(" \t\r\n#", data[2]) >= 0
}

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
	return nil, fmt.Errorf("%w: save it as PNG, JPEG, BMP, TIFF or WebP", ErrNotImage)
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
	case errors.Is(err, tiff.ErrUnsupported), errors.As(err, &bmpVariant), errors.As(err, &jpegVariant), errors.As(err, &pngVariant):
		return fmt.Errorf("%w: a kind of %s that is not read (%w): save it as PNG, or as %s of 8 bits without compression", ErrNotImage, k.name, err, k.name)
	}
	return fmt.Errorf("%w: export or copy the file again: %w", ErrTruncated, err)
}

const saveAs = "save it as PNG or JPEG"

// unread are the formats of pictures and films that Load does not read, so that
// they are called what they are.
var unread = []struct {
	name, advice string
	extensions   []string
	is           func([]byte) bool
}{
	{"HEIC", saveAs, []string{".heic", ".heif", ".hif"}, brand("heic", "heix", "hevc", "heim", "heis", "mif1", "msf1")},
	{"AVIF", saveAs, []string{".avif"}, brand("avif", "avis")},
	{"JPEG XL", saveAs, []string{".jxl"}, begins("\xff\x0a", "\x00\x00\x00\x0cJXL ")},
	{"JPEG 2000", saveAs, []string{".jp2", ".j2k", ".j2c", ".jpc", ".jpf", ".jpx"}, begins("\x00\x00\x00\x0cjP  ", "\xff\x4f\xff\x51")},
	{"a camera's raw format", "develop it as TIFF or JPEG", []string{".dng", ".cr2", ".cr3", ".nef", ".arw", ".orf", ".rw2", ".raf", ".raw"}, begins("FUJIFILMCCD-RAW")},
	{"Photoshop", saveAs, []string{".psd"}, begins("8BPS")},
	{"OpenEXR", saveAs, []string{".exr"}, begins("\x76\x2f\x31\x01")},
	{"Radiance HDR", saveAs, []string{".hdr"}, begins("#?RADIANCE", "#?RGBE")},
	{"FITS", saveAs, []string{".fits", ".fit"}, begins("SIMPLE  =")},
	{"DICOM", saveAs, []string{".dcm"}, func(data []byte) bool { return len(data) > 132 && string(data[128:132]) == "DICM" }},
	{"a drawing (SVG)", saveAs, []string{".svg"}, nil},
	{"PDF", "export its pages as PNG", []string{".pdf"}, begins("%PDF")},
	{"PAM", "save it as PGM or PPM", []string{".pam"}, begins("P7\n")},
	{"an icon", saveAs, []string{".ico"}, begins("\x00\x00\x01\x00")},
	{"a video, not an image", "extract its frames", []string{".mp4", ".m4v", ".mov", ".avi", ".mkv", ".webm", ".wmv", ".mpg", ".mpeg"}, isVideo},
}

// brand tells an ISO base media file by its brand.
func brand(names ...string) func([]byte) bool {
	return func(data []byte) bool {
		return len(data) >= 12 && string(data[4:8]) == "ftyp" && slices.Contains(names, string(data[8:12]))
	}
}

func isVideo(data []byte) bool {
	return len(data) >= 12 && (string(data[4:8]) == "ftyp" || string(data[:4]) == "RIFF" && string(data[8:12]) == "AVI ") || begins("\x1a\x45\xdf\xa3", "\x00\x00\x01\xba")(data)
}

func extension(name string) string { return strings.ToLower(path.Ext(filepath.ToSlash(name))) }

// IsImageName reports whether the name of a file says that Load can read it.
func IsImageName(name string) bool {
	ext := extension(name)
	return slices.ContainsFunc(kinds, func(k kind) bool { return slices.Contains(k.extensions, ext) })
}

// isUnreadName reports whether the name says that it is a picture or film of a
// kind that Load does not read.
func isUnreadName(name string) bool {
	ext := extension(name)
	for _, k := range unread {
		if slices.Contains(k.extensions, ext) {
			return true
		}
	}
	return false
}
