package imageset

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	_ "image/gif" // so that a GIF is named as such
	_ "image/jpeg"
	_ "image/png"
	"io"
	"os"

	_ "golang.org/x/image/bmp"
	_ "golang.org/x/image/tiff"
	_ "golang.org/x/image/webp"
)

// Errors that Load wraps.
var (
	ErrNotImage  = errors.New("not an image that can be read")
	ErrTooLarge  = errors.New("image too large")
	ErrTruncated = errors.New("image truncated or damaged")
)

// Limits bound what Load accepts; zero fields mean DefaultLimits'.
type Limits struct {
	MaxPixels int64 // width × height
	MaxBytes  int64 // of the file
}

// DefaultLimits allow 100 megapixels and files of 512 MiB.
var DefaultLimits = Limits{MaxPixels: 100_000_000, MaxBytes: 512 << 20}

// Picture is a decoded image.
type Picture struct {
	Image         *image.NRGBA // opaque, upright, origin (0, 0)
	Width, Height int          // in pixels, after orientation
	// Digest is the SHA-256 of the file, or of the pixels of an item that
	// has no file; where part of the image is meant, of that and the part.
	Digest   [sha256.Size]byte
	Warnings []string
}

// withDefaults fills in what is not set.
func (lim Limits) withDefaults() Limits {
	if lim.MaxPixels <= 0 {
		lim.MaxPixels = DefaultLimits.MaxPixels
	}
	if lim.MaxBytes <= 0 {
		lim.MaxBytes = DefaultLimits.MaxBytes
	}
	return lim
}

// Load reads one item.
func Load(ctx context.Context, it Item, lim Limits) (*Picture, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	p, err := loadWhole(it, lim.withDefaults())
	if err != nil || it.Crop.Empty() {
		return p, err
	}
	return p.crop(it.Crop)
}

func loadWhole(it Item, lim Limits) (*Picture, error) {
	if it.Pixels != nil {
		if err := checkSize(it.Pixels.Bounds().Dx(), it.Pixels.Bounds().Dy(), lim); err != nil {
			return nil, err
		}
		p := newPicture(it.Pixels, 1)
		p.Digest = sha256.Sum256(fmt.Appendf(p.Image.Pix, "%d×%d", p.Width, p.Height))
		return p, nil
	}
	data, err := readFile(it.Path, lim.MaxBytes)
	if err != nil {
		return nil, err
	}
	return decode(data, lim)
}

// readFile reads at most most bytes.
func readFile(path string, most int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if info, err := f.Stat(); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%w: it is a folder", ErrNotImage)
	}
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%w: the file has more than %d bytes", ErrTooLarge, most)
	}
	return data, nil
}

// decode reads an encoded image.
func decode(data []byte, lim Limits) (p *Picture, err error) {
	defer func() {
		if err = recovered(recover(), err); err != nil {
			p = nil
		}
	}()
	_, format, err := header(data, lim)
	if err != nil {
		return nil, err
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: export or copy the file again: %w", ErrTruncated, err)
	}
	p = newPicture(img, orientation(data, format))
	p.Digest = sha256.Sum256(data)
	return p, nil
}

// recovered makes a panic of a decoder an error like any other: the bytes come
// from outside.
func recovered(r any, err error) error {
	if r != nil {
		return fmt.Errorf("%w: the decoder gave up (%v)", ErrTruncated, r)
	}
	return err
}

// header reads and checks the header of an encoded image.
func header(data []byte, lim Limits) (image.Config, string, error) {
	if len(data) == 0 {
		return image.Config{}, "", fmt.Errorf("%w: the file is empty", ErrTruncated)
	}
	config, format, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case errors.Is(err, image.ErrFormat), format == "gif":
		return config, format, fmt.Errorf("%w: save it as PNG, JPEG, BMP, TIFF or WebP", ErrNotImage)
	case err != nil:
		return config, format, fmt.Errorf("%w: its header cannot be read: %w", ErrTruncated, err)
	}
	return config, format, checkSize(config.Width, config.Height, lim)
}

func checkSize(w, h int, lim Limits) error {
	if w <= 0 || h <= 0 {
		return fmt.Errorf("%w: it has no pixels", ErrNotImage)
	}
	if int64(w) > lim.MaxPixels/int64(h) {
		return fmt.Errorf("%w: %d × %d pixels, the limit is %d; raise it if the image is meant to be that large", ErrTooLarge, w, h, lim.MaxPixels)
	}
	return nil
}

// newPicture converts img to opaque 8-bit RGB, as PIL's convert("RGB") does
// for opaque images, and turns it upright. Transparent pixels are composited
// over black.
func newPicture(img image.Image, orient int) *Picture {
	b := img.Bounds()
	rgb := image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	transparent := false
	for y := range b.Dy() {
		row := rgb.Pix[y*rgb.Stride:]
		for x := range b.Dx() {
			r, g, bl, a := rgbaAt(img, b.Min.X+x, b.Min.Y+y)
			transparent = transparent || a != 0xff
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = r, g, bl, 0xff
		}
	}
	p := &Picture{Image: upright(rgb, orient)}
	p.Width, p.Height = p.Image.Rect.Dx(), p.Image.Rect.Dy()
	if transparent {
		p.Warnings = append(p.Warnings, "has transparent pixels, shown over black")
	}
	return p
}

// rgbaAt returns the premultiplied 8-bit colour of a pixel.
func rgbaAt(img image.Image, x, y int) (r, g, b, a uint8) {
	switch m := img.(type) {
	case *image.Gray:
		v := m.GrayAt(x, y).Y
		return v, v, v, 0xff
	case *image.YCbCr:
		yi, ci := m.YOffset(x, y), m.COffset(x, y)
		r, g, b = color.YCbCrToRGB(m.Y[yi], m.Cb[ci], m.Cr[ci])
		return r, g, b, 0xff
	case *image.RGBA:
		c := m.RGBAAt(x, y)
		return c.R, c.G, c.B, c.A
	}
	r32, g32, b32, a32 := img.At(x, y).RGBA()
	return uint8(r32 >> 8), uint8(g32 >> 8), uint8(b32 >> 8), uint8(a32 >> 8)
}
