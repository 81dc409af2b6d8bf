package tiff

import (
	"fmt"
	"io"
	"math"
)

// Page describes one image of a file.
type Page struct {
	Width, Height int // in pixels, as stored
	// Orientation is TIFF's and EXIF's: 1 for upright, to 8.
	Orientation int
	// Samples is the number of values per pixel, Bits the size of each.
	Samples, Bits int
	// Float says that samples are floating-point numbers, Signed that they are
	// signed integers.
	Float, Signed bool

	file        *file
	dir         directory
	compression uint64
	photometric uint64
	planar      bool
	predictor   uint64
	fillOrder   uint64
	tiled       bool
	// blocks are strips or tiles, of blockW × blockH pixels.
	blockW, blockH int
	offsets, sizes []uint64
	colorMap       []uint64
	alpha          bool // the last sample is one
}

// Compressions.
const (
	compressNone     = 1
	compressCCITT    = 2
	compressG3       = 3
	compressG4       = 4
	compressLZW      = 5
	compressOldJPEG  = 6
	compressJPEG     = 7
	compressDeflate  = 8
	compressPackBits = 32773
	compressDeflate2 = 32946
	compressZstd     = 50000
)

// Photometric interpretations.
const (
	whiteIsZero  = 0
	blackIsZero  = 1
	photoRGB     = 2
	photoPalette = 3
	photoCMYK    = 5
	photoYCbCr   = 6
	photoLab     = 8
)

// Unused is the number of samples per pixel beyond the grey or colours, and alpha,
// that Decode returns: of a camera of many bands, all but the first.
func (p *Page) Unused() int {
	used := p.channels()
	switch p.photometric {
	case photoPalette:
		used = 1
	case photoCMYK:
		used = 4
	}
	if p.alpha {
		used++
	}
	return max(p.Samples-used, 0)
}

// Count reads the chain of directories of a file of size bytes, and nothing else:
// how many pages it has.
func Count(r io.ReaderAt, size int64) (int, error) {
	f := &file{r: r, size: uint64(size)}
	first, err := f.open()
	if err != nil {
		return 0, err
	}
	dirs, err := f.directories(first)
	return len(dirs), err
}

// Pages reads the directories of a file: what its pages are, without their pixels.
func Pages(data []byte) ([]Page, error) {
	f := &file{data: data, size: uint64(len(data))}
	first, err := f.open()
	if err != nil {
		return nil, err
	}
	dirs, err := f.directories(first)
	if err != nil {
		return nil, err
	}
	pages := make([]Page, len(dirs))
	for i, d := range dirs {
		if pages[i], err = f.page(d); err != nil {
			return nil, fmt.Errorf("page %d: %w", i+1, err)
		}
	}
	return pages, nil
}

func (f *file) page(d directory) (p Page, err error) {
	p = Page{file: f, dir: d}
	number := func(tag uint16, otherwise uint64) (v uint64) {
		if err == nil {
			v, err = f.first(d, tag, otherwise)
		}
		return v
	}
	width, height := number(tagWidth, 0), number(tagLength, 0)
	samples, bits := number(tagSamples, 1), number(tagBits, 1)
	format := number(tagSampleFormat, 1)
	p.compression = number(tagCompression, compressNone)
	p.photometric = number(tagPhotometric, blackIsZero)
	p.planar = number(tagPlanar, 1) == 2 && samples > 1
	p.predictor = number(tagPredictor, 1)
	p.fillOrder = number(tagFillOrder, 1)
	p.Orientation = int(number(tagOrientation, 1))
	if err != nil {
		return p, err
	}
	if p.Orientation < 1 || p.Orientation > 8 {
		p.Orientation = 1
	}
	if width == 0 || height == 0 || width > math.MaxInt32 || height > math.MaxInt32 {
		return p, fmt.Errorf("%w: %d × %d pixels", ErrDamaged, width, height)
	}
	if samples == 0 || samples > 64 {
		return p, fmt.Errorf("%w: %d samples per pixel", ErrUnsupported, samples)
	}
	p.Width, p.Height, p.Samples, p.Bits = int(width), int(height), int(samples), int(bits)
	p.Signed, p.Float = format == 2, format == 3
	if err := p.checkSamples(format); err != nil {
		return p, err
	}
	return p, p.layout()
}

// checkSamples refuses what no reader of pixels here is for.
func (p *Page) checkSamples(format uint64) error {
	all, err := p.file.values(p.dir, tagBits)
	if err != nil {
		return err
	}
	for _, b := range all {
		if int(b) != p.Bits {
			return fmt.Errorf("%w: samples of different sizes", ErrUnsupported)
		}
	}
	switch {
	case format == 4: // void: taken for unsigned integers
	case format < 1 || format > 3:
		return fmt.Errorf("%w: complex numbers", ErrUnsupported)
	}
	switch {
	case p.Float && (p.Bits == 16 || p.Bits == 32 || p.Bits == 64):
	case !p.Float && p.Bits >= 1 && p.Bits <= 32:
	default:
		return fmt.Errorf("%w: samples of %d bits", ErrUnsupported, p.Bits)
	}
	extra, err := p.file.values(p.dir, tagExtraSamples)
	if err != nil {
		return err
	}
	p.alpha = len(extra) > 0 && (extra[0] == 1 || extra[0] == 2)
	if p.photometric == photoPalette {
		if p.colorMap, err = p.file.values(p.dir, tagColorMap); err != nil {
			return err
		}
		if p.Bits > 16 || len(p.colorMap) != 3<<p.Bits {
			return fmt.Errorf("%w: its palette", ErrDamaged)
		}
	}
	return p.checkColours()
}

func (p *Page) checkColours() error {
	need := map[uint64]int{whiteIsZero: 1, blackIsZero: 1, photoRGB: 3, photoPalette: 1, photoCMYK: 4, photoYCbCr: 3, photoLab: 3}
	n, ok := need[p.photometric]
	switch {
	case !ok:
		return fmt.Errorf("%w: colours of kind %d", ErrUnsupported, p.photometric)
	case p.Samples < n:
		return fmt.Errorf("%w: %d samples per pixel for colours of kind %d", ErrDamaged, p.Samples, p.photometric)
	case p.photometric == photoLab && p.Bits != 8:
		return fmt.Errorf("%w: L*a*b* of %d bits", ErrUnsupported, p.Bits)
	case p.photometric == photoYCbCr && p.compression != compressJPEG:
		sub, err := p.file.values(p.dir, tagYCbCrSubsampling)
		if err != nil {
			return err
		}
		if p.Bits != 8 || len(sub) != 2 || sub[0] != 1 || sub[1] != 1 {
			return fmt.Errorf("%w: subsampled YCbCr without JPEG compression", ErrUnsupported)
		}
	}
	return nil
}

// layout reads where the strips or tiles are.
func (p *Page) layout() (err error) {
	f, d := p.file, p.dir
	_, p.tiled = d[tagTileOffsets]
	offsets, sizes := uint16(tagStripOffsets), uint16(tagStripBytes)
	w, h := uint64(p.Width), uint64(0)
	if p.tiled {
		offsets, sizes = tagTileOffsets, tagTileBytes
		if w, err = f.first(d, tagTileWidth, 0); err != nil {
			return err
		}
		h, err = f.first(d, tagTileLength, 0)
	} else {
		h, err = f.first(d, tagRowsPerStrip, uint64(p.Height))
		h = min(h, uint64(p.Height))
	}
	if err != nil {
		return err
	}
	// A tile may be larger than the image, but not without bound.
	if w == 0 || h == 0 || w > uint64(p.Width)+4096 || h > uint64(p.Height)+4096 {
		return fmt.Errorf("%w: strips or tiles of %d × %d pixels", ErrDamaged, w, h)
	}
	p.blockW, p.blockH = int(w), int(h)
	if p.offsets, err = f.values(d, offsets); err != nil {
		return err
	}
	if p.sizes, err = f.values(d, sizes); err != nil {
		return err
	}
	blocks := p.across() * p.down() * p.planes()
	if len(p.sizes) == 0 && p.compression == compressNone && len(p.offsets) == 1 {
		p.sizes = []uint64{uint64(p.blockBytes())}
	}
	if len(p.offsets) < blocks || len(p.sizes) < blocks {
		return fmt.Errorf("%w: %d strips or tiles of %d", ErrDamaged, min(len(p.offsets), len(p.sizes)), blocks)
	}
	return nil
}

func (p *Page) across() int { return (p.Width + p.blockW - 1) / p.blockW }
func (p *Page) down() int   { return (p.Height + p.blockH - 1) / p.blockH }

// planes is how many planes are stored apart, perBlock how many samples of a
// pixel stand side by side in a block.
func (p *Page) planes() int {
	if p.planar {
		return p.Samples
	}
	return 1
}

func (p *Page) perBlock() int { return p.Samples / p.planes() }

// rowBytes is the size of a row of a block, blockBytes that of a whole one.
func (p *Page) rowBytes() int   { return (p.blockW*p.perBlock()*p.Bits + 7) / 8 }
func (p *Page) blockBytes() int { return p.rowBytes() * p.blockH }
