package imageset

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/draw"
	"io"
	"os"
	"slices"

	"codegraph/internal/deep"
	"codegraph/internal/regular"
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
	// Memory is what decoding may take, in bytes, all images that are decoded at the
	// same time together; 0: 1 GiB, and an image that takes more is decoded alone.
	Memory int64
}

// DefaultLimits allow 100 megapixels and files of 512 MiB.
var DefaultLimits = Limits{MaxPixels: 100_000_000, MaxBytes: 512 << 20}

// Picture is a decoded image.
type Picture struct {
	Image         *image.NRGBA // opaque, upright, origin (0, 0)
	Width, Height int          // in pixels, after orientation
	// Digest is the SHA-256 of the file, or of the pixels of an item that
	// has no file; where a page or part of it is meant, or another Intensity than
	// Full, of that and of which.
	Digest   [sha256.Size]byte
	Warnings []string
	// Kind is the kind of its file, such as PNG; "" for an item that was in memory.
	Kind string
	// Bytes is the memory that decoding took, at the most; 0 for an item that was
	// in memory.
	Bytes int64
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
	p, leave, err := load(ctx, it, lim.withDefaults())
	if err != nil {
		return nil, err
	}
	leave()
	return p, nil
}

// load reads one item; leave gives back what the gate of decoding counts for it.
func load(ctx context.Context, it Item, lim Limits) (p *Picture, leave func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, err
	}
	p, leave, err = loadWhole(ctx, it, lim)
	if err != nil || it.Crop.Empty() {
		return p, leave, err
	}
	if p, err = p.crop(it.Crop); err != nil {
		leave()
	}
	return p, leave, err
}

func loadWhole(ctx context.Context, it Item, lim Limits) (*Picture, func(), error) {
	if it.Pixels != nil {
		if err := checkSize(it.Pixels.Bounds().Dx(), it.Pixels.Bounds().Dy(), lim); err != nil {
			return nil, nil, err
		}
		p := newPicture(it.Pixels, 1, it.Intensity)
		p.Digest = sha256.Sum256(fmt.Appendf(p.Image.Pix, "%d×%d", p.Width, p.Height))
		return p, func() {}, nil
	}
	data, need, err := readGated(ctx, it, lim)
	if err != nil {
		return nil, nil, err
	}
	leave := func() { decoding.leave(need) }
	p, err := decode(data, it.Page, it.Intensity, lim)
	if err != nil {
		leave()
		return nil, nil, err
	}
	p.Bytes = need
	return p, leave, nil
}

// readGated reads a file and takes the memory of decoding it, which must be given
// back. Where there is no room for that yet, what was read is dropped and read
// again: those that wait hold nothing.
func readGated(ctx context.Context, it Item, lim Limits) (data []byte, need int64, err error) {
	info, err := os.Stat(it.Path)
	if err != nil {
		return nil, 0, err
	}
	most := lim.Memory
	if most <= 0 {
		most = DefaultMemory
	}
	have := min(info.Size(), lim.MaxBytes)
	if err := lim.foretell(it.Path, have); err != nil {
		return nil, 0, err
	}
	for {
		if err := lim.checkMemory(have); err != nil {
			return nil, 0, err
		}
		if err := decoding.enter(ctx, have, most); err != nil {
			return nil, 0, err
		}
		if data, err = readFile(it.Path, lim.MaxBytes); err == nil {
			need, err = measure(data, it.Page, lim)
		}
		if err != nil {
			decoding.leave(have)
			return nil, 0, err
		}
		if need <= have || decoding.more(have, need, most) {
			lim.reclaim(need)
			return data, max(need, have), nil
		}
		decoding.leave(have)
		have = need
	}
}

// measure works out the memory of decoding a page, and whether it may be taken.
func measure(data []byte, page int, lim Limits) (need int64, err error) {
	defer func() { err = recovered(recover(), err) }()
	k, config, err := header(data, page, lim)
	if err != nil {
		return 0, err
	}
	need = decodeBytes(data, k, config, page)
	return need, lim.checkMemory(need)
}

// readFile reads a regular file of at most limit bytes. It never waits: a pipe
// or a device that has an image's name is refused, not read.
func readFile(path string, limit int64) ([]byte, error) {
	f, err := regular.Open(path)
	switch {
	case errors.Is(err, regular.ErrOther):
		return nil, fmt.Errorf("%w: %w", ErrNotImage, regular.ErrOther)
	case errors.Is(err, regular.ErrFolder):
		return nil, fmt.Errorf("%w: %w", ErrNotImage, regular.ErrFolder)
	case err != nil:
		return nil, err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if info.Size() > limit {
		return nil, tooLong(limit)
	}
	// One allocation for the whole file.
	data := make([]byte, 0, info.Size()+1)
	r := io.LimitReader(f, limit+1)
	for {
		n, err := r.Read(data[len(data):cap(data)])
		data = data[:len(data)+n]
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, err
		}
		if len(data) == cap(data) {
			data = slices.Grow(data, len(data))
		}
	}
	if int64(len(data)) > limit {
		return nil, tooLong(limit)
	}
	return data, nil
}

// firstBytes reads at most n of a file, without waiting; nil if it cannot be read.
func firstBytes(path string, n int64) []byte {
	f, err := regular.Open(path)
	if err != nil {
		return nil
	}
	defer f.Close()
	head, err := io.ReadAll(io.LimitReader(f, n))
	if err != nil {
		return nil
	}
	return head
}

func tooLong(limit int64) error {
	return fmt.Errorf("%w: the file has more than %d bytes", ErrTooLarge, limit)
}

// decode reads page page of an encoded image.
func decode(data []byte, page int, in Intensity, lim Limits) (p *Picture, err error) {
	defer func() {
		if err = recovered(recover(), err); err != nil {
			p = nil
		}
	}()
	k, _, err := header(data, page, lim)
	if err != nil {
		return nil, err
	}
	img, err := k.decode(data, page)
	if err != nil {
		return nil, k.failure(err)
	}
	if m, ok := img.(*deep.Image); ok && m.Lost > 0 && m.Lost >= len(m.Pix) {
		return nil, fmt.Errorf("%w: none of its samples is a number (NaN or infinite)", ErrNotImage)
	}
	p = newPicture(img, orientation(data, page, k.name), in)
	p.Digest, p.Kind = sha256.Sum256(data), k.name
	if page > 0 {
		p.Digest = sha256.Sum256(fmt.Appendf(p.Digest[:], "page %d", page))
	}
	if in != Full && isDeep(img) {
		p.Digest = sha256.Sum256(fmt.Appendf(p.Digest[:], "intensity %v", in))
	}
	p.Warnings = append(p.Warnings, unshown(data, page, k.name, img)...)
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
func header(data []byte, page int, lim Limits) (*kind, image.Config, error) {
	k, err := sniff(data)
	if err != nil {
		return nil, image.Config{}, err
	}
	config, err := k.config(data, page)
	if err != nil {
		return nil, config, k.failure(err)
	}
	return k, config, checkSize(config.Width, config.Height, lim)
}

// maxSide bounds the sides of an image: resizing keeps weights for each of its
// columns and rows.
const maxSide = 1 << 20

func checkSize(w, h int, lim Limits) error {
	if max(w, h) > maxSide {
		return fmt.Errorf("%w: %d × %d pixels, and sides of more than %d are not read; divide it", ErrTooLarge, w, h, maxSide)
	}
	if w <= 0 || h <= 0 {
		return fmt.Errorf("%w: it has no pixels", ErrNotImage)
	}
	if int64(w) > lim.MaxPixels/int64(h) {
		return fmt.Errorf("%w: %d × %d pixels, the limit is %d; raise it (--max-pixels) if the image is meant to be that large", ErrTooLarge, w, h, lim.MaxPixels)
	}
	return nil
}

// someLevels is how many pixels Levels looks at, at the most.
const someLevels = 1 << 16

// Levels counts the levels of green that evenly spread pixels have: few where a
// photograph lost its depth.
func (p *Picture) Levels() (n int) {
	var seen [256]bool
	pixels := len(p.Image.Pix) / 4
	for i := 0; i < pixels; i += 1 + pixels/someLevels {
		if v := p.Image.Pix[4*i+1]; !seen[v] {
			seen[v] = true
			n++
		}
	}
	return n
}

// newPicture converts img to opaque 8-bit RGB, as PIL's convert("RGB") does
// for opaque images of 8 bits, and turns it upright. Transparent pixels are
// composited over black.
func newPicture(img image.Image, orient int, in Intensity) *Picture {
	rgb, transparent := convert(img, in)
	p := &Picture{Image: upright(rgb, orient)}
	p.Width, p.Height = p.Image.Rect.Dx(), p.Image.Rect.Dy()
	if transparent {
		p.Warnings = append(p.Warnings, "has transparent pixels, shown over black")
	}
	return p
}

func convert(img image.Image, in Intensity) (rgb *image.NRGBA, transparent bool) {
	b := img.Bounds()
	rgb = image.NewNRGBA(image.Rect(0, 0, b.Dx(), b.Dy()))
	switch m := img.(type) {
	case *image.YCbCr, *image.Gray, *image.CMYK:
		// Opaque: premultiplied and straight colours are the same, and package
		// draw has loops of its own for them.
		draw.Draw(&image.RGBA{Pix: rgb.Pix, Stride: rgb.Stride, Rect: rgb.Rect}, rgb.Rect, img, b.Min, draw.Src)
		return rgb, false
	case *deep.Image:
		in.convert(rgb, m)
		return rgb, false
	case *image.Gray16, *image.RGBA64, *image.NRGBA64:
		return rgb, in.convert16(rgb, img)
	}
	for y := range b.Dy() {
		row := rgb.Pix[y*rgb.Stride:]
		for x := range b.Dx() {
			r, g, bl, a := rgbaAt(img, b.Min.X+x, b.Min.Y+y)
			transparent = transparent || a != 0xff
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = r, g, bl, 0xff
		}
	}
	return rgb, transparent
}

// rgbaAt returns the premultiplied 8-bit colour of a pixel.
func rgbaAt(img image.Image, x, y int) (r, g, b, a uint8) {
	if m, ok := img.(*image.RGBA); ok {
		c := m.RGBAAt(x, y)
		return c.R, c.G, c.B, c.A
	}
	c := color.RGBAModel.Convert(img.At(x, y)).(color.RGBA)
	return c.R, c.G, c.B, c.A
}
