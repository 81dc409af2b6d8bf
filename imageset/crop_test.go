package imageset

import (
	"context"
	"errors"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"
	"testing"
)

// gradient is an image in which every pixel is another.
func gradient(w, h int) *image.NRGBA {
	img := image.NewNRGBA(image.Rect(0, 0, w, h))
	for y := range h {
		for x := range w {
			img.SetNRGBA(x, y, color.NRGBA{uint8(x), uint8(y), 7, 0xff})
		}
	}
	return img
}

func TestCrop(t *testing.T) {
	name := filepath.Join(t.TempDir(), "a.png")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := png.Encode(f, gradient(20, 10)); err != nil {
		t.Fatal(err)
	}
	f.Close()
	ctx, part := context.Background(), image.Rect(3, 2, 12, 9)
	p, err := Load(ctx, Item{Name: "a", Path: name, Crop: part}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Width != 9 || p.Height != 7 || p.Image.NRGBAAt(0, 0) != (color.NRGBA{3, 2, 7, 0xff}) || p.Image.NRGBAAt(8, 6) != (color.NRGBA{11, 8, 7, 0xff}) {
		t.Errorf("%d × %d from %v to %v", p.Width, p.Height, p.Image.NRGBAAt(0, 0), p.Image.NRGBAAt(8, 6))
	}
	whole, err := Load(ctx, Item{Name: "a", Path: name}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	other, err := Load(ctx, Item{Name: "a", Path: name, Crop: part.Add(image.Pt(1, 0))}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if p.Digest == whole.Digest || p.Digest == other.Digest {
		t.Error("different parts have the same digest")
	}
	if _, err := Load(ctx, Item{Name: "a", Path: name, Crop: image.Rect(15, 5, 21, 8)}, Limits{}); !errors.Is(err, ErrNotImage) {
		t.Errorf("a part beyond the image: %v", err)
	}
}

func TestDimensions(t *testing.T) {
	ctx, dir := context.Background(), t.TempDir()
	damaged := filepath.Join(dir, "b.png")
	if err := os.WriteFile(damaged, []byte("\x89PNG\r\n\x1a\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	rotated, err := filepath.Glob("testdata/*.jpg")
	if err != nil {
		t.Fatal(err)
	}
	items := []Item{{Pixels: gradient(20, 10)}, {Pixels: gradient(20, 10), Crop: image.Rect(1, 2, 4, 8)}}
	for _, name := range rotated {
		items = append(items, Item{Path: name})
	}
	for _, it := range items {
		size, err := Dimensions(ctx, it, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		if p, err := Load(ctx, it, Limits{}); err != nil || size != image.Pt(p.Width, p.Height) {
			t.Errorf("%s: %v, but loaded %v (%v)", it.Path, size, p, err)
		}
	}
	if _, err := Dimensions(ctx, Item{Path: damaged}, Limits{}); !errors.Is(err, ErrTruncated) {
		t.Errorf("damaged: %v", err)
	}
}
