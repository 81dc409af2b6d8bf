package imageset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

func golden(t testing.TB, name string) *Picture {
	t.Helper()
	p, err := Load(context.Background(), Item{Name: name, Path: filepath.Join("testdata", name)}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// difference is the mean and the greatest absolute difference of two images.
func difference(t testing.TB, a, b *image.NRGBA) (mean float64, most int) {
	t.Helper()
	if a.Rect != b.Rect {
		t.Fatalf("sizes %v and %v", a.Rect, b.Rect)
	}
	for i := range a.Pix {
		d := int(a.Pix[i]) - int(b.Pix[i])
		mean += math.Abs(float64(d))
		most = max(most, d, -d)
	}
	return mean / float64(len(a.Pix)), most
}

// TestResize: Pillow's own results, to the last bit but rounding.
func TestResize(t *testing.T) {
	src := golden(t, "source.png")
	for _, s := range [][2]int{{40, 40}, {200, 150}, {64, 97}, {131, 20}, {1, 1}, {30, 260}} {
		for filter, name := range map[Filter]string{Bicubic: "bicubic", Bilinear: "bilinear"} {
			want := golden(t, fmt.Sprintf("%s_%dx%d.png", name, s[0], s[1]))
			mean, most := difference(t, Resize(src.Image, s[0], s[1], filter), want.Image)
			if mean > 0.01 || most > 1 {
				t.Errorf("%s %v: mean difference %.4f, greatest %d", name, s, mean, most)
			}
		}
	}
}

func TestFormats(t *testing.T) {
	want := golden(t, "rgb.png")
	for name, tolerance := range map[string]float64{"rgb.bmp": 0, "rgb.tif": 0, "rgb.webp": 0, "cmyk.jpg": 8} {
		if mean, _ := difference(t, golden(t, name).Image, want.Image); mean > tolerance {
			t.Errorf("%s differs by %.2f on average", name, mean)
		}
	}
	if mean, _ := difference(t, golden(t, "palette.png").Image, golden(t, "palette_rgb.png").Image); mean != 0 {
		t.Errorf("palette differs by %.2f", mean)
	}
	if mean, _ := difference(t, golden(t, "grey16.png").Image, golden(t, "grey.png").Image); mean != 0 {
		t.Errorf("16-bit grey differs by %.2f", mean)
	}
}

// TestOrientation: all eight show the same pixels, turned.
func TestOrientation(t *testing.T) {
	plain := golden(t, "orientation_1.jpg").Image
	for o := 2; o <= 8; o++ {
		got := golden(t, fmt.Sprintf("orientation_%d.jpg", o)).Image
		if _, most := difference(t, got, upright(plain, o)); most != 0 {
			t.Errorf("orientation %d is not honoured", o)
		}
		if turned := got.Rect != plain.Rect; turned != (o >= 5) {
			t.Errorf("orientation %d: size %v", o, got.Rect.Size())
		}
	}
}

// TestUpright checks where the first pixel goes, by the EXIF standard.
func TestUpright(t *testing.T) {
	for o, at := range map[int]image.Point{1: {0, 0}, 2: {2, 0}, 3: {2, 1}, 4: {0, 1}, 5: {0, 0}, 6: {1, 0}, 7: {1, 2}, 8: {0, 2}} {
		img := image.NewNRGBA(image.Rect(0, 0, 3, 2))
		img.Set(0, 0, color.White)
		if got := upright(img, o); got.NRGBAAt(at.X, at.Y).R != 255 {
			t.Errorf("orientation %d: the first pixel is not at %v", o, at)
		}
	}
}

func encode(t testing.TB, img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBadFiles(t *testing.T) {
	good := encode(t, image.NewGray(image.Rect(0, 0, 40, 30)))
	huge := bytes.Clone(good)
	copy(huge[16:], []byte{0, 1, 0x86, 0xa0, 0, 1, 0x86, 0xa0}) // 100000 × 100000
	// The header's checksum is wrong now; Go's decoder checks it first.
	bomb := image.NewGray(image.Rect(0, 0, 2000, 2000))
	for name, c := range map[string]struct {
		data []byte
		want error
	}{
		"empty":     {nil, ErrTruncated},
		"text":      {[]byte("no image at all"), ErrNotImage},
		"truncated": {good[:len(good)/2], ErrTruncated},
		"header":    {good[:20], ErrTruncated},
		"damaged":   {huge, ErrTruncated},
		"bomb":      {encode(t, bomb), ErrTooLarge},
	} {
		if _, err := decode(c.data, 0, Full, Limits{MaxPixels: 1_000_000}); !errors.Is(err, c.want) {
			t.Errorf("%s: error %v, want %v", name, err, c.want)
		}
	}
	if _, err := Load(context.Background(), Item{Path: "testdata"}, Limits{}); !errors.Is(err, ErrNotImage) {
		t.Errorf("a folder: %v", err)
	}
	if _, err := Load(context.Background(), Item{Path: "testdata/source.png"}, Limits{MaxBytes: 10}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("a long file: %v", err)
	}
}

func TestTransparency(t *testing.T) {
	img := image.NewNRGBA(image.Rect(0, 0, 2, 1))
	img.Set(0, 0, color.NRGBA{200, 100, 50, 255})
	img.Set(1, 0, color.NRGBA{200, 100, 50, 0})
	p, err := Load(context.Background(), Item{Name: "a", Pixels: img}, Limits{})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Warnings) != 1 || p.Image.NRGBAAt(0, 0) != (color.NRGBA{200, 100, 50, 255}) || p.Image.NRGBAAt(1, 0) != (color.NRGBA{0, 0, 0, 255}) {
		t.Errorf("%v, warnings %q", p.Image.Pix, p.Warnings)
	}
}

func TestTensor(t *testing.T) {
	p := golden(t, "rgb.png")
	x := p.Tensor(24, 16, Bicubic, [3]float32{0.5, 0, 0}, [3]float32{0.5, 1, 2})
	c := p.Image.NRGBAAt(3, 2)
	at := 2*24 + 3
	for i, want := range []float32{(float32(c.R)/255 - 0.5) / 0.5, float32(c.G) / 255, float32(c.B) / 255 / 2} {
		if x[i*24*16+at] != want {
			t.Errorf("channel %d = %v, want %v", i, x[i*24*16+at], want)
		}
	}
}

func TestWalk(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{"b/ä ö.PNG", "b/2.jpg", "a.tif", ".hidden/x.png", "b/.y.png", "notes.txt", "c/2.jpg"} {
		p := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(dir, filepath.Join(dir, "loop.png")); err != nil {
		t.Log("no links here:", err)
	}
	names := func(roots ...string) []string {
		set, problems, err := Walk(context.Background(), roots)
		missing, _ := Split(problems)
		if err != nil || len(missing) > 0 {
			t.Fatal(err, problems)
		}
		var n []string
		for _, it := range set {
			n = append(n, it.Name)
		}
		return n
	}
	if got, want := names(dir), []string{"a.tif", "b/2.jpg", "b/ä ö.PNG", "c/2.jpg"}; !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
	b, c := filepath.Join(dir, "b"), filepath.Join(dir, "c")
	if got, want := names(b, c, b), []string{"b/2.jpg", "ä ö.PNG", "c/2.jpg"}; !slices.Equal(got, want) {
		t.Errorf("two roots: %q, want %q", got, want)
	}
	if got, want := names(filepath.Join(dir, "notes.txt"), filepath.Join(dir, "a.tif")), []string{"notes.txt", "a.tif"}; !slices.Equal(got, want) {
		t.Errorf("files: %q, want %q", got, want)
	}
	if _, _, err := Walk(context.Background(), []string{filepath.Join(dir, "none")}); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("missing root: %v", err)
	}
}

func TestFromImages(t *testing.T) {
	img := image.NewGray(image.Rect(0, 0, 1, 1))
	if _, err := FromImages([]string{"a", "a"}, []image.Image{img, img}); err == nil {
		t.Error("no error for equal names")
	}
	if set, err := FromImages([]string{"a", "b"}, []image.Image{img, img}); err != nil || len(set) != 2 {
		t.Error(set, err)
	}
}

func FuzzDecode(f *testing.F) {
	for _, name := range []string{"rgb.png", "rgb.bmp", "rgb.tif", "rgb.webp", "cmyk.jpg", "orientation_6.jpg", "palette.png"} {
		data, err := os.ReadFile(filepath.Join("testdata", name))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		p, err := decode(data, 0, Full, Limits{MaxPixels: 1 << 16})
		if (err == nil) == (p == nil) || p != nil && p.Width*p.Height > 1<<16 {
			t.Fatalf("picture %v, error %v", p, err)
		}
	})
}

func BenchmarkTensor(b *testing.B) {
	p := &Picture{Image: image.NewNRGBA(image.Rect(0, 0, 900, 900)), Width: 900, Height: 900}
	for b.Loop() {
		p.Tensor(448, 448, Bicubic, [3]float32{}, [3]float32{1, 1, 1})
	}
}
