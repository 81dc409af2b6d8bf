package tiff

import (
	"bytes"
	"compress/zlib"
	"fmt"
	"image"
	"image/draw"
	"image/jpeg"
	"io"
	"math/bits"

	"github.com/klauspost/compress/zstd"
	"golang.org/x/image/ccitt"
	"golang.org/x/image/tiff/lzw"
)

// block returns the samples of strip or tile k as stored without compression,
// [blockH][rowBytes]; of the last strip only rows rows.
func (p *Page) block(k, rows int) ([]byte, error) {
	raw, err := p.file.at(p.offsets[k], p.sizes[k])
	if err != nil {
		return nil, err
	}
	if p.fillOrder == 2 && p.compression != compressCCITT && p.compression != compressG3 && p.compression != compressG4 {
		raw = bytes.Clone(raw)
		for i, b := range raw {
			raw[i] = bits.Reverse8(b)
		}
	}
	size := p.rowBytes() * rows
	out := make([]byte, size)
	if err := p.expand(out, raw, rows); err != nil {
		return nil, err
	}
	return out, p.unpredict(out, rows)
}

// expand writes the decompressed raw to out. Data that ends early leaves the
// rest zero only where something was read at all: old writers cut the last rows.
func (p *Page) expand(out, raw []byte, rows int) error {
	var r io.Reader
	switch p.compression {
	case compressNone:
		r = bytes.NewReader(raw)
	case compressLZW:
		z := lzw.NewReader(bytes.NewReader(raw), lzw.MSB, 8)
		defer z.Close()
		r = z
	case compressDeflate, compressDeflate2:
		z, err := zlib.NewReader(bytes.NewReader(raw))
		if err != nil {
			return fmt.Errorf("%w: %w", ErrDamaged, err)
		}
		defer z.Close()
		r = z
	case compressZstd:
		return p.zstd(out, raw)
	case compressPackBits:
		return unpackBits(out, raw)
	case compressG3, compressG4:
		return p.fax(out, raw, rows)
	case compressJPEG:
		return p.jpeg(out, raw, rows)
	default:
		return fmt.Errorf("%w: compression %s", ErrUnsupported, compressionName(p.compression))
	}
	if _, err := io.ReadFull(r, out); err != nil {
		return fmt.Errorf("%w: a strip or tile: %w", ErrDamaged, err)
	}
	return nil
}

// zstd expands into memory of the size of a whole strip or tile, the last of which
// some writers do not cut: the window that a frame asks for, often megabytes more than
// it holds, is never made.
func (p *Page) zstd(out, raw []byte) error {
	z, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecodeAllCapLimit(true))
	if err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	defer z.Close()
	all, err := z.DecodeAll(raw, make([]byte, 0, p.blockBytes()))
	if err != nil {
		return fmt.Errorf("%w: a strip or tile: %w", ErrDamaged, err)
	}
	if copy(out, all) < len(out) {
		return fmt.Errorf("%w: a strip or tile ends early", ErrDamaged)
	}
	return nil
}

func compressionName(c uint64) string {
	names := map[uint64]string{compressCCITT: "CCITT RLE", compressOldJPEG: "old-style JPEG", 34712: "JPEG 2000", 33003: "JPEG 2000", 33005: "JPEG 2000", 34887: "LERC", 34925: "LZMA", 50001: "WebP", 50002: "JPEG XL", 52546: "JPEG XL"}
	if n, ok := names[c]; ok {
		return n
	}
	return fmt.Sprint(c)
}

// unpackBits expands PackBits (TIFF 6.0, section 9).
func unpackBits(out, raw []byte) error {
	for n := 0; n < len(out); {
		if len(raw) == 0 {
			return fmt.Errorf("%w: a strip or tile ends early", ErrDamaged)
		}
		c := int(int8(raw[0]))
		raw = raw[1:]
		switch {
		case c >= 0:
			c = min(c+1, len(out)-n)
			if len(raw) < c {
				return fmt.Errorf("%w: a strip or tile ends early", ErrDamaged)
			}
			n += copy(out[n:n+c], raw)
			raw = raw[c:]
		case c != -128:
			if len(raw) == 0 {
				return fmt.Errorf("%w: a strip or tile ends early", ErrDamaged)
			}
			for range min(1-c, len(out)-n) {
				out[n] = raw[0]
				n++
			}
			raw = raw[1:]
		}
	}
	return nil
}

// fax expands CCITT group 3 (one-dimensional) and group 4.
func (p *Page) fax(out, raw []byte, rows int) error {
	kind := ccitt.Group4
	if p.compression == compressG3 {
		options, err := p.file.first(p.dir, tagT4Options, 0)
		if err != nil {
			return err
		}
		if options&1 != 0 {
			return fmt.Errorf("%w: two-dimensional CCITT group 3", ErrUnsupported)
		}
		kind = ccitt.Group3
	}
	order := ccitt.MSB
	if p.fillOrder == 2 {
		order = ccitt.LSB
	}
	if p.Bits != 1 || p.perBlock() != 1 {
		return fmt.Errorf("%w: CCITT of %d bits", ErrDamaged, p.Bits)
	}
	// The reader gives 1 for white; as stored, 0 is.
	r := ccitt.NewReader(bytes.NewReader(raw), order, kind, p.blockW, rows, &ccitt.Options{Invert: true})
	if _, err := io.ReadFull(r, out); err != nil {
		return fmt.Errorf("%w: a strip or tile: %w", ErrDamaged, err)
	}
	return nil
}

// jpeg expands a strip or tile that is a JPEG of its own, whose tables may be
// in a field of the page (Technical Note 2). The result is grey or RGB, 8 bits.
func (p *Page) jpeg(out, raw []byte, rows int) error {
	if p.Bits != 8 || p.perBlock() != 1 && p.perBlock() != 3 {
		return fmt.Errorf("%w: JPEG of %d samples of %d bits", ErrUnsupported, p.perBlock(), p.Bits)
	}
	tables, err := p.file.bytes(p.dir, tagJPEGTables)
	if err != nil {
		return err
	}
	if len(tables) >= 4 && len(raw) >= 2 {
		// Both begin with SOI, and the tables end with EOI.
		head := tables[:len(tables)-2]
		if p.photometric == photoRGB {
			head = append(bytes.Clone(head), adobeRGB...)
		}
		raw = append(bytes.Clone(head), raw[2:]...)
	} else if p.photometric == photoRGB && len(raw) >= 2 {
		raw = append(append(bytes.Clone(raw[:2]), adobeRGB...), raw[2:]...)
	}
	config, err := jpeg.DecodeConfig(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("%w: a strip or tile: %w", ErrDamaged, err)
	}
	if config.Width > p.blockW || config.Height > p.blockH {
		return fmt.Errorf("%w: a JPEG of %d × %d pixels in a strip or tile of %d × %d", ErrDamaged, config.Width, config.Height, p.blockW, p.blockH)
	}
	img, err := jpeg.Decode(bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("%w: a strip or tile: %w", ErrDamaged, err)
	}
	if g, ok := img.(*image.Gray); ok && p.perBlock() == 1 {
		for y := range min(rows, g.Rect.Dy()) {
			copy(out[y*p.rowBytes():][:p.rowBytes()], g.Pix[y*g.Stride:][:g.Rect.Dx()])
		}
		return nil
	}
	if p.perBlock() != 3 {
		return fmt.Errorf("%w: a JPEG in colours for one sample per pixel", ErrDamaged)
	}
	rgba := image.NewRGBA(img.Bounds())
	draw.Draw(rgba, rgba.Rect, img, rgba.Rect.Min, draw.Src)
	for y := range min(rows, rgba.Rect.Dy()) {
		row, src := out[y*p.rowBytes():], rgba.Pix[y*rgba.Stride:]
		for x := range rgba.Rect.Dx() {
			copy(row[3*x:3*x+3], src[4*x:])
		}
	}
	return nil
}

// adobeRGB is an APP14 segment that says "no colour transform".
var adobeRGB = []byte{0xff, 0xee, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 0}

// unpredict undoes the differences between neighbouring samples (TIFF 6.0,
// section 14; Technical Note 3 for floating point).
func (p *Page) unpredict(b []byte, rows int) error {
	if p.predictor == 1 {
		return nil
	}
	n, width := p.perBlock(), p.rowBytes()
	switch {
	case p.predictor == 2 && (p.Bits == 8 || p.Bits == 16 || p.Bits == 32):
		for y := range rows {
			row := b[y*width:][:width]
			switch p.Bits {
			case 8:
				for i := n; i < len(row); i++ {
					row[i] += row[i-n]
				}
			case 16:
				for i := 2 * n; i+2 <= len(row); i += 2 {
					p.file.order.PutUint16(row[i:], p.file.order.Uint16(row[i:])+p.file.order.Uint16(row[i-2*n:]))
				}
			case 32:
				for i := 4 * n; i+4 <= len(row); i += 4 {
					p.file.order.PutUint32(row[i:], p.file.order.Uint32(row[i:])+p.file.order.Uint32(row[i-4*n:]))
				}
			}
		}
	case p.predictor == 3 && p.Float:
		for y := range rows {
			p.unpredictFloat(b[y*width:][:width], n)
		}
	default:
		return fmt.Errorf("%w: predictor %d for samples of %d bits", ErrUnsupported, p.predictor, p.Bits)
	}
	return nil
}

// unpredictFloat: bytes are differences, and those of equal weight stand together,
// the most significant first.
func (p *Page) unpredictFloat(row []byte, n int) {
	for i := n; i < len(row); i++ {
		row[i] += row[i-n]
	}
	size := p.Bits / 8
	count := len(row) / size
	out := make([]byte, len(row))
	little := p.file.order.String() == "LittleEndian"
	for i := range count {
		for k := range size {
			to := k
			if little {
				to = size - 1 - k
			}
			out[i*size+to] = row[k*count+i]
		}
	}
	copy(row, out)
}
