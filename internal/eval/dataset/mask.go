package dataset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"maps"
	"slices"

	"codegraph/imageset"
)

// ErrNoTruth is returned for a sample of which it is not known which pixels
// are anomalous.
var ErrNoTruth = errors.New("the sample has no pixel truth")

// LoadMask returns which pixels of a sample are anomalous, row by row, at the
// size w × h of its image: the union of its masks; nothing for a good sample.
// Masks of another size are scaled, nearest pixel; that and other oddities
// are warnings. A mask that cannot be read leaves the sample without truth.
func LoadMask(ctx context.Context, s Sample, w, h int) (mask []bool, warnings []string, err error) {
	if w <= 0 || h <= 0 || int64(w) > imageset.DefaultLimits.MaxPixels/int64(h) {
		return nil, nil, fmt.Errorf("%s: a mask of %d × %d pixels was asked for", s.Name, w, h)
	}
	if !s.HasPixelTruth() {
		return nil, nil, fmt.Errorf("%s: %w", s.Name, ErrNoTruth)
	}
	mask = make([]bool, w*h)
	if !s.Anomalous {
		return mask, nil, nil
	}
	for _, file := range s.Masks {
		m, err := readMask(ctx, file, imageset.DefaultLimits)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w: %w", s.Name, ErrNoTruth, err)
		}
		if m.w == h && m.h == w && w != h {
			return nil, nil, fmt.Errorf("%s: %w: the mask %s has %d × %d pixels, the image %d × %d: it seems to be turned", s.Name, ErrNoTruth, file, m.w, m.h, w, h)
		}
		for _, odd := range m.oddities(s.legend, w, h) {
			warnings = append(warnings, fmt.Sprintf("%s: mask %s %s", s.Name, file, odd))
		}
		m.unite(mask, w, h)
	}
	if !slices.Contains(mask, true) {
		warnings = append(warnings, fmt.Sprintf("%s: the image counts as defective but no pixel is marked", s.Name))
	}
	return mask, warnings, nil
}

// legend says which grey levels masks have, besides 0, where they are not
// binary but tell types of defects apart.
type legend struct {
	any    bool
	listed [256]bool
}

func (l *legend) has(level uint16) bool {
	return l.any || level < 256 && l.listed[level]
}

// maskImage is a decoded mask.
type maskImage struct {
	w, h   int
	on     []bool
	levels map[uint16]bool // that occur, besides 0; at most maxLevels
	lossy  bool
}

const maxLevels = 300

// oddities describes what is unusual about a mask that is used at w × h.
func (m *maskImage) oddities(types *legend, w, h int) []string {
	var odd []string
	if m.w != w || m.h != h {
		odd = append(odd, fmt.Sprintf("has %d × %d pixels, the image %d × %d; it was scaled", m.w, m.h, w, h))
	}
	rule := "every pixel that is not black"
	if m.lossy {
		rule = "every pixel of at least half of full brightness"
	}
	if types == nil && len(m.levels) > 1 {
		odd = append(odd, fmt.Sprintf("is not binary but has %s grey levels; %s counts as defective", m.numLevels(), rule))
	}
	if types != nil {
		levels := slices.Sorted(maps.Keys(m.levels))
		if i := slices.IndexFunc(levels, func(l uint16) bool { return !types.has(l) }); i >= 0 {
			odd = append(odd, fmt.Sprintf("has pixels of grey level %d, which defects_config.json does not list; %s counts as defective", levels[i], rule))
		}
	}
	if !slices.Contains(m.on, false) {
		odd = append(odd, "marks every pixel")
	}
	return odd
}

func (m *maskImage) numLevels() string {
	if len(m.levels) >= maxLevels {
		return fmt.Sprintf("more than %d", maxLevels)
	}
	return fmt.Sprint(len(m.levels) + 1)
}

// unite marks in dst, of w × h pixels, what m marks.
func (m *maskImage) unite(dst []bool, w, h int) {
	for y := range h {
		row := m.on[(2*y+1)*m.h/(2*h)*m.w:]
		for x := range w {
			dst[y*w+x] = dst[y*w+x] || row[(2*x+1)*m.w/(2*w)]
		}
	}
}

// readMask reads a mask. Errors name the file.
func readMask(ctx context.Context, file string, lim imageset.Limits) (*maskImage, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if isDir(file) {
		return nil, fmt.Errorf("mask %s: %w: it is a folder", file, imageset.ErrNotImage)
	}
	data, err := readFile(file, lim.MaxBytes)
	if err != nil {
		return nil, fmt.Errorf("mask: %w", err)
	}
	m, err := decodeMask(data, lim)
	if err != nil {
		return nil, fmt.Errorf("mask %s: %w", file, err)
	}
	return m, nil
}

// decodeMask reads an encoded mask. Package imageset decodes to 8 bits, in
// which small numbers of a 16-bit mask vanish. The size in the header is
// checked first, and a panic of a decoder is an error like any other.
func decodeMask(data []byte, lim imageset.Limits) (m *maskImage, err error) {
	defer func() {
		if r := recover(); r != nil {
			m, err = nil, fmt.Errorf("%w: the decoder gave up (%v)", imageset.ErrTruncated, r)
		}
	}()
	if len(data) == 0 {
		return nil, fmt.Errorf("%w: the file is empty", imageset.ErrTruncated)
	}
	config, kind, err := image.DecodeConfig(bytes.NewReader(data))
	switch {
	case errors.Is(err, image.ErrFormat), kind == "gif":
		return nil, fmt.Errorf("%w: save it as PNG or BMP", imageset.ErrNotImage)
	case err != nil:
		return nil, fmt.Errorf("%w: its header cannot be read: %w", imageset.ErrTruncated, err)
	case config.Width <= 0 || config.Height <= 0:
		return nil, fmt.Errorf("%w: it has no pixels", imageset.ErrNotImage)
	case int64(config.Width) > lim.MaxPixels/int64(config.Height):
		return nil, fmt.Errorf("%w: %d × %d pixels, the limit is %d", imageset.ErrTooLarge, config.Width, config.Height, lim.MaxPixels)
	}
	img, _, err := image.Decode(bytes.NewReader(data))
	if err != nil {
		return nil, fmt.Errorf("%w: export or copy the file again: %w", imageset.ErrTruncated, err)
	}
	return newMask(img, kind == "jpeg"), nil
}

// newMask marks what is not black; in a lossy image, what is of at least half
// of full brightness.
func newMask(img image.Image, lossy bool) *maskImage {
	b := img.Bounds()
	m := &maskImage{w: b.Dx(), h: b.Dy(), lossy: lossy, levels: make(map[uint16]bool)}
	m.on = make([]bool, m.w*m.h)
	least := uint16(1)
	if lossy {
		least = 0x80
	}
	at := levelOf(img)
	last := uint16(0)
	for y := range m.h {
		for x := range m.w {
			l := at(b.Min.X+x, b.Min.Y+y)
			m.on[y*m.w+x] = l >= least
			if l != last && l != 0 && len(m.levels) < maxLevels {
				m.levels[l] = true
			}
			last = l
		}
	}
	return m
}

// levelOf returns a function for the brightest channel of a pixel: up to 255,
// or up to 65535 where img has 16 bits per channel.
func levelOf(img image.Image) func(x, y int) uint16 {
	switch m := img.(type) {
	case *image.Gray:
		return func(x, y int) uint16 { return uint16(m.Pix[m.PixOffset(x, y)]) }
	case *image.Paletted:
		levels := make([]uint16, 256)
		for i, c := range m.Palette {
			levels[i] = brightest(c) >> 8
		}
		return func(x, y int) uint16 { return levels[m.Pix[m.PixOffset(x, y)]] }
	case *image.RGBA:
		return func(x, y int) uint16 {
			p := m.Pix[m.PixOffset(x, y):][:3]
			return uint16(max(p[0], p[1], p[2]))
		}
	case *image.Gray16, *image.RGBA64, *image.NRGBA64:
		return func(x, y int) uint16 { return brightest(img.At(x, y)) }
	}
	return func(x, y int) uint16 { return brightest(img.At(x, y)) >> 8 }
}

func brightest(c color.Color) uint16 {
	r, g, b, _ := c.RGBA()
	return uint16(max(r, g, b))
}
