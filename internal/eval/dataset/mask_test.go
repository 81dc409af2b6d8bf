package dataset

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"image"
	"image/color"
	"image/jpeg"
	"path/filepath"
	"slices"
	"testing"

	"codegraph/imageset"

	"pgregory.net/rapid"
)

// marks draws two marked pixels, (0, 0) in c and (3, 2) in d.
func marks(img interface {
	image.Image
	Set(x, y int, c color.Color)
}, c, d color.Color) image.Image {
	for y := range 3 {
		for x := range 4 {
			img.Set(x, y, color.Black)
		}
	}
	img.Set(0, 0, c)
	img.Set(3, 2, d)
	return img
}

// oneBitGrey turns a PNG with a palette of black and white into a grey one of
// 1 bit per pixel, which Go's encoder does not write.
func oneBitGrey(data []byte) []byte {
	out := append(bytes.Clone(data[:33]), data[33+4+4+6+4:]...) // no PLTE
	out[25] = 0                                                 // colour type grey
	binary.BigEndian.PutUint32(out[29:], crc32.ChecksumIEEE(out[12:29]))
	return out
}

// TestMaskFormats: every kind of mask marks the first and the last pixel.
func TestMaskFormats(t *testing.T) {
	r := image.Rect(0, 0, 4, 3)
	white, faint := color.White, color.Gray16{1}
	red, green := color.NRGBA{255, 0, 0, 255}, color.NRGBA{0, 255, 0, 255}
	want := make([]bool, 12)
	want[0], want[11] = true, true
	bw := color.Palette{color.Black, color.White}
	for name, tt := range map[string]struct {
		data   []byte
		levels int
	}{
		"grey":              {pngOf(marks(image.NewGray(r), white, white)), 1},
		"two levels":        {pngOf(marks(image.NewGray(r), white, color.Gray{1})), 2},
		"16 bit":            {pngOf(marks(image.NewGray16(r), faint, faint)), 1},
		"1 bit palette":     {pngOf(marks(image.NewPaletted(r, bw), white, white)), 1},
		"1 bit grey":        {oneBitGrey(pngOf(marks(image.NewPaletted(r, bw), white, white))), 1},
		"4 bit palette":     {pngOf(marks(image.NewPaletted(r, color.Palette{red, color.Black, green}), red, green)), 1},
		"8 bit palette":     {pngOf(marks(image.NewPaletted(r, append(slices.Repeat(color.Palette{color.Black}, 100), red)), red, red)), 1},
		"RGB":               {pngOf(marks(image.NewRGBA(r), red, green)), 1},
		"RGBA":              {pngOf(marks(image.NewNRGBA(r), red, color.NRGBA{0, 0, 90, 200})), 2},
		"48 bit":            {pngOf(marks(image.NewRGBA64(r), red, color.RGBA64{0, 0, 9, 0xffff})), 2},
		"BMP grey":          {bmpOf(marks(image.NewGray(r), white, white)), 1},
		"BMP RGB":           {bmpOf(marks(image.NewRGBA(r), red, green)), 1},
		"BMP palette":       {bmpOf(marks(image.NewPaletted(r, bw), white, white)), 1},
		"PNG of origin ≠ 0": {pngOf(marks(image.NewGray(image.Rect(-2, -2, 4, 3)), white, white).(*image.Gray).SubImage(r)), 1},
	} {
		m, err := decodeMask(tt.data, imageset.DefaultLimits)
		if err != nil || m.w != 4 || m.h != 3 || !slices.Equal(m.on, want) || len(m.levels) != tt.levels {
			t.Errorf("%s: %+v, %v", name, m, err)
		}
	}
}

// TestMaskTransparent: transparent pixels are black.
func TestMaskTransparent(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 4, 3)) // transparent
	img.Set(1, 0, color.NRGBA{255, 0, 0, 255})
	img.Set(2, 0, color.NRGBA{255, 0, 0, 0})
	m, err := decodeMask(pngOf(img), imageset.DefaultLimits)
	if err != nil || !m.on[1] || m.on[2] || m.on[0] {
		t.Errorf("%+v, %v", m, err)
	}
}

// TestMaskJPEG: traces of compression do not count.
func TestMaskJPEG(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 32, 32))
	want := make([]bool, 32*32)
	for y := 5; y < 19; y++ {
		for x := 7; x < 21; x++ {
			img.Pix[y*32+x], want[y*32+x] = 255, true
		}
	}
	var b bytes.Buffer
	if err := jpeg.Encode(&b, img, &jpeg.Options{Quality: 75}); err != nil {
		t.Fatal(err)
	}
	root := tree{"m.jpg": b.Bytes()}.write(t)
	s := Sample{Name: "x", Anomalous: true, Masks: []string{filepath.Join(root, "m.jpg")}}
	mask, warnings, err := LoadMask(context.Background(), s, 32, 32)
	if err != nil || !slices.Equal(mask, want) || !warned(warnings, "not binary", "half of full brightness") {
		t.Errorf("mask differs: %v; %q, %v", !slices.Equal(mask, want), warnings, err)
	}
}

func TestMaskOddities(t *testing.T) {
	root := tree{}.put(pngOf(grey(255, 128, 1)), "levels.png").put(blank, "blank.png").put(marked, "marked.png").
		put(pngOf(grey(slices.Repeat([]uint8{9}, 12)...)), "full.png").write(t)
	for file, tt := range map[string]struct {
		w, h  int
		words []string
	}{
		"levels.png": {4, 3, []string{"levels.png", "4 grey levels", "not black"}},
		"blank.png":  {4, 3, []string{"no pixel is marked"}},
		"full.png":   {4, 3, []string{"marks every pixel"}},
		"marked.png": {8, 6, []string{"4 × 3", "8 × 6", "scaled"}},
	} {
		s := Sample{Name: "x", Anomalous: true, Masks: []string{filepath.Join(root, file)}}
		if _, warnings, err := LoadMask(context.Background(), s, tt.w, tt.h); err != nil || len(warnings) != 1 || !warned(warnings, tt.words...) {
			t.Errorf("%s: %q, %v", file, warnings, err)
		}
	}
}

func TestMaskTooLarge(t *testing.T) {
	_, err := decodeMask(pngOf(image.NewGray(image.Rect(0, 0, 2000, 2000))), imageset.Limits{MaxPixels: 1_000_000})
	if !errors.Is(err, imageset.ErrTooLarge) {
		t.Errorf("a bomb: %v", err)
	}
	root := tree{"m.png": marked}.write(t)
	if _, err := readMask(context.Background(), filepath.Join(root, "m.png"), imageset.Limits{MaxPixels: 100, MaxBytes: 10}); !errors.Is(err, imageset.ErrTooLarge) {
		t.Errorf("a long file: %v", err)
	}
}

// TestUnite: scaling up by whole numbers repeats pixels, and down again gives
// the mask back.
func TestUnite(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &maskImage{w: rapid.IntRange(1, 9).Draw(t, "w"), h: rapid.IntRange(1, 9).Draw(t, "h")}
		m.on = rapid.SliceOfN(rapid.Bool(), m.w*m.h, m.w*m.h).Draw(t, "on")
		kx, ky := rapid.IntRange(1, 5).Draw(t, "kx"), rapid.IntRange(1, 5).Draw(t, "ky")
		big := &maskImage{w: kx * m.w, h: ky * m.h}
		big.on = make([]bool, big.w*big.h)
		m.unite(big.on, big.w, big.h)
		for i, on := range big.on {
			if x, y := i%big.w, i/big.w; on != m.on[y/ky*m.w+x/kx] {
				t.Fatalf("pixel (%d, %d) is %v", x, y, on)
			}
		}
		small := make([]bool, len(m.on))
		big.unite(small, m.w, m.h)
		if !slices.Equal(small, m.on) {
			t.Fatal("scaled up and down again, the mask differs")
		}
	})
}
