package imageset

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"strconv"
	"strings"

	"codegraph/internal/deep"
)

// Intensity is the scale on which samples of 16 bits and more become 8 bits. A
// camera of 10 or 12 bits writes files of 16 whose brightest sample is 1023 or
// 4095: on the scale of the file 4 or 16 grey levels are left of them.
//
// A file that names its own white (the maximum of a PNM file, samples of 9 to 15
// bits) keeps it.
type Intensity struct {
	// Int16, Int32 and Float are the samples shown as white in files of 16-bit
	// and 32-bit integers and of numbers; 0 is the whole range: 2^16 − 1,
	// 2^32 − 1 (2^15 − 1 and 2^31 − 1 of signed ones), and 1.
	Int16 float64 `json:"int16,omitempty"`
	Int32 float64 `json:"int32,omitempty"`
	Float float64 `json:"float,omitempty"`
}

// Full shows the whole range of each type.
var Full = Intensity{}

// String is "full", the bits of the camera ("10"), or the whites of 16-bit, 32-bit
// and floating-point samples ("1023/65535/1", 0 for the whole range).
func (in Intensity) String() string {
	if in == Full {
		return "full"
	}
	if n := int(math.Round(math.Log2(in.Int16 + 1))); n > 0 && in == (Intensity{Int16: math.Ldexp(1, n) - 1}) {
		return strconv.Itoa(n)
	}
	return fmt.Sprintf("%v/%v/%v", in.Int16, in.Int32, in.Float)
}

// ParseIntensity reads what String writes. Bits from 8 to 32 are those of a camera.
func ParseIntensity(s string) (Intensity, error) {
	if s == "full" {
		return Full, nil
	}
	if n, err := strconv.Atoi(s); err == nil && n >= 8 && n <= 32 {
		white := math.Ldexp(1, n) - 1
		if n > 16 {
			return Intensity{Int32: white}, nil
		}
		return Intensity{Int16: white}, nil
	}
	var whites [3]float64
	parts := strings.Split(s, "/")
	for k, p := range parts {
		v, err := strconv.ParseFloat(p, 64)
		if err != nil || len(parts) != 3 || v < 0 || math.IsInf(v, 0) || math.IsNaN(v) {
			return Full, fmt.Errorf("%q is not full, a number of bits from 8 to 32, or three whites such as 1023/0/0", s)
		}
		whites[k] = v
	}
	return Intensity{whites[0], whites[1], whites[2]}, nil
}

// white is the sample of a type shown as white, where full is the type's own; 0
// where the file names its own.
func (in *Intensity) white(full float64) *float64 {
	switch full {
	case math.MaxUint16, math.MaxInt16:
		return &in.Int16
	case math.MaxUint32, math.MaxInt32, float64(float32(math.MaxUint32)), float64(float32(math.MaxInt32)):
		return &in.Int32
	case 1:
		return &in.Float
	}
	return nil
}

// shown is the white of a type, the type's own where in does not say.
func (in Intensity) shown(full float64) float64 {
	if w := in.white(full); w != nil && *w > 0 {
		return *w
	}
	return full
}

// cameraBits are the depths of the converters that cameras have.
var cameraBits = []int{8, 10, 12, 14, 16, 20, 24, 32}

// converter is the white of the shallowest converter that reaches top, or 1 for
// what stays below.
func converter(top float64) float64 {
	if top <= 1 {
		return 1
	}
	for _, n := range cameraBits {
		if white := math.Ldexp(1, n) - 1; top <= white {
			return white
		}
	}
	return top
}

// isDeep reports whether an image has samples that Intensity is for.
func isDeep(img image.Image) bool {
	switch img.(type) {
	case *deep.Image, *image.Gray16, *image.NRGBA64, *image.RGBA64:
		return true
	}
	return false
}

// Survey finds the scale of the images of a batch with samples of 16 bits and
// more: for each type of sample one for all images, from the brightest sample of
// any. It decodes these images and no others; count is how many there are.
// What cannot be read is left to Load.
func Survey(ctx context.Context, items Set, lim Limits) (in Intensity, count int, err error) {
	lim = lim.withDefaults()
	var top Intensity
	for _, it := range items {
		if err := ctx.Err(); err != nil {
			return Full, 0, err
		}
		v, full, ok := brightest(it, lim)
		if !ok {
			continue
		}
		if w := top.white(full); w != nil {
			*w = max(*w, v)
			*in.white(full) = converter(*w)
			count++
		}
	}
	return in, count, nil
}

// brightest returns the greatest sample of an image and the white of its type; ok
// is false for samples of 8 bits.
func brightest(it Item, lim Limits) (top, full float64, ok bool) {
	img := it.Pixels
	if img == nil {
		var err error
		if img, err = decodeDeep(it, lim); err != nil || img == nil {
			return 0, 0, false
		}
	}
	switch m := img.(type) {
	case *deep.Image:
		for _, v := range m.Pix {
			top = max(top, float64(v))
		}
		return top, float64(m.White), true
	case *image.Gray16:
		return float64(max16(m.Pix, 2, 1)), math.MaxUint16, true
	case *image.NRGBA64:
		return float64(max16(m.Pix, 8, 3)), math.MaxUint16, true
	case *image.RGBA64:
		return float64(max16(m.Pix, 8, 3)), math.MaxUint16, true
	}
	return 0, 0, false
}

// max16 is the greatest of the first n big-endian samples of each pixel.
func max16(pix []uint8, size, n int) (top uint16) {
	for i := 0; i+size <= len(pix); i += size {
		for k := range n {
			top = max(top, uint16(pix[i+2*k])<<8|uint16(pix[i+2*k+1]))
		}
	}
	return top
}

// decodeDeep decodes a file whose header says that its samples have more than
// 8 bits, and returns nil for any other.
func decodeDeep(it Item, lim Limits) (img image.Image, err error) {
	defer func() { err = recovered(recover(), err) }()
	if !mayBeDeep(it.Path) {
		return nil, nil
	}
	if info, err := os.Stat(it.Path); err != nil || lim.checkMemory(info.Size()) != nil || lim.foretell(it.Path, info.Size()) != nil {
		return nil, err
	}
	data, err := readFile(it.Path, lim.MaxBytes)
	if err != nil {
		return nil, err
	}
	k, config, err := header(data, it.Page, lim)
	if err != nil {
		return nil, err
	}
	need := decodeBytes(data, k, config, it.Page)
	if err := lim.checkMemory(need); err != nil {
		return nil, err
	}
	lim.reclaim(need)
	switch k.name {
	case "PNG":
		if m := config.ColorModel; m != color.Gray16Model && m != color.RGBA64Model && m != color.NRGBA64Model {
			return nil, nil
		}
	case "TIFF":
		p, err := tiffPage(data, it.Page)
		if err != nil || p.Bits <= 8 {
			return nil, err
		}
	case "PNM":
		if config.ColorModel != color.RGBA64Model {
			return nil, nil
		}
	default:
		return nil, nil
	}
	return k.decode(data, it.Page)
}

// mayBeDeep tells most files of 8 bits by their first bytes.
func mayBeDeep(path string) bool {
	head := firstBytes(path, 32)
	if len(head) < 32 {
		return len(head) > 0
	}
	switch k, err := sniff(head); {
	case err != nil:
		return false
	case k.name == "PNG":
		return head[24] == 16 // the bit depth of its IHDR
	default:
		return k.name == "TIFF" || k.name == "PNM"
	}
}

// byteOf shows v of a scale with the given white. Of whole numbers the high bits
// are kept, v·256/(white + 1), so that 8 bits stay what they are.
func byteOf(v, white float64) uint8 {
	if white <= 1 {
		return uint8(min(max(v/white*255+0.5, 0), 255))
	}
	return uint8(min(max(v*256/(white+1), 0), 255))
}

// convert writes m to rgb.
func (in Intensity) convert(rgb *image.NRGBA, m *deep.Image) {
	white := in.shown(float64(m.White))
	for i := range m.W * m.H {
		for c := range 3 {
			rgb.Pix[4*i+c] = byteOf(float64(m.Pix[i*m.Channels+min(c, m.Channels-1)]), white)
		}
		rgb.Pix[4*i+3] = 0xff
	}
}

// convert16 writes an image of the standard library's 16-bit types to rgb, over
// black where it is transparent.
func (in Intensity) convert16(rgb *image.NRGBA, img image.Image) (transparent bool) {
	white := in.shown(math.MaxUint16)
	var table [1 << 16]uint8
	for v := range table {
		table[v] = byteOf(float64(v), white)
	}
	b := img.Bounds()
	for y := range b.Dy() {
		row := rgb.Pix[y*rgb.Stride:]
		for x := range b.Dx() {
			r, g, bl, a := img.At(b.Min.X+x, b.Min.Y+y).RGBA()
			transparent = transparent || a != 0xffff
			row[4*x], row[4*x+1], row[4*x+2], row[4*x+3] = table[r], table[g], table[bl], 0xff
		}
	}
	return transparent
}
