package imageset

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestKinds: every variant shows the picture that it was made of (testdata/kinds/make.py).
func TestKinds(t *testing.T) {
	t.Parallel()
	dir := filepath.Join("testdata", "kinds")
	set, problems, err := Walk(context.Background(), []string{dir})
	if err != nil || len(problems) != 1 || !errors.Is(problems[0], ErrOther) {
		t.Fatal(err, problems)
	}
	if len(set) < 44 {
		t.Fatalf("%d images", len(set))
	}
	in, deepImages, err := Survey(context.Background(), set, Limits{})
	if err != nil || in != (Intensity{65535, 1<<32 - 1, 1}) || deepImages != 8 {
		t.Errorf("intensity %+v of %d, %v", in, deepImages, err)
	}
	// What compression or another space of colours may lose, on average.
	lossy := map[string]float64{"rgb_jpeg.tif": 4, "rgb_ycbcr.tif": 3, "grey_float16.tif": 0.1, "grey.gif": 0, "rgb_lossy.webp": 4, "rgb_noend.jpg": 4}
	for _, it := range set {
		switch it.Name {
		case "pages.tif#2", "pages.tif#3", "grey_10bits.tif", "nan.tif", "nothing.tif", "bands.tif", "moving.webp":
			continue // not the picture of TestKinds
		}
		base, _, _ := strings.Cut(strings.TrimSuffix(it.Name, filepath.Ext(it.Name)), "_")
		if base == "pages" {
			base = "grey"
		}
		want, err := Load(context.Background(), Item{Path: filepath.Join(dir, base+".png")}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		it.Intensity = in
		got, err := Load(context.Background(), it, Limits{})
		if err != nil {
			t.Errorf("%s: %v", it.Name, err)
			continue
		}
		if mean, greatest := difference(t, got.Image, want.Image); mean > lossy[it.Name] {
			t.Errorf("%s differs by %.2f on average, %d at most", it.Name, mean, greatest)
		}
	}
}

// TestPages: each page of a TIFF is an image, its thumbnail is not, and none
// is taken for another's copy.
func TestPages(t *testing.T) {
	t.Parallel()
	set, _, err := Walk(context.Background(), []string{filepath.Join("testdata", "kinds", "pages.tif")})
	if err != nil || len(set) != 3 || set[2].Name != "pages.tif#3" || set[2].Page != 2 {
		t.Fatal(set, err)
	}
	digests := make(map[[32]byte]bool)
	for _, it := range set {
		p, err := Load(context.Background(), it, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		digests[p.Digest] = true
		if size, err := Dimensions(context.Background(), it, Limits{}); err != nil || size.X != 24 || size.Y != 16 {
			t.Error(size, err)
		}
	}
	if len(digests) != 3 {
		t.Errorf("%d digests of 3 pages", len(digests))
	}
}

// TestIntensity: 10 bits in files of 16 show what 8 bits do, on one scale for
// the batch, and a file that names its white keeps it.
func TestIntensity(t *testing.T) {
	t.Parallel()
	load := func(name string, in Intensity) *Picture {
		t.Helper()
		p, err := Load(context.Background(), Item{Path: filepath.Join("testdata", "kinds", name), Intensity: in}, Limits{})
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	want := load("grey.png", Full).Image
	in, n, err := Survey(context.Background(), Set{{Path: "testdata/kinds/grey_10bits.tif"}, {Path: "testdata/kinds/grey.png"}}, Limits{})
	if err != nil || n != 1 || in.Int16 != 1023 {
		t.Fatal(in, n, err)
	}
	for _, name := range []string{"grey_10bits.tif", "grey_1023.pgm"} {
		if _, greatest := difference(t, load(name, in).Image, want); greatest > 0 {
			t.Errorf("%s differs by %d", name, greatest)
		}
	}
	if mean, _ := difference(t, load("grey_10bits.tif", Full).Image, want); mean < 10 {
		t.Errorf("the full scale shows 10 bits as bright as 8: %.2f", mean)
	}
	for top, want := range map[float64]float64{0: 1, 0.7: 1, 2: 255, 255: 255, 256: 1023, 4095: 4095, 4096: 16383, 16384: 65535, 1e10: 1e10} {
		if got := converter(top); got != want {
			t.Errorf("the white for %v is %v, not %v", top, got, want)
		}
	}
}

// TestFrames: a moving GIF shows its first frame and says so.
func TestFrames(t *testing.T) {
	t.Parallel()
	p := golden(t, "kinds/grey.gif")
	if len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], "2 frames") {
		t.Errorf("%q", p.Warnings)
	}
}

// TestUnshown: what a file holds and its picture does not show is said, and a file
// of nothing that can be shown is refused.
func TestUnshown(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"kinds/nan.tif":   "2 samples that are not numbers",
		"kinds/bands.tif": "5 samples per pixel; all after the first 1",
	} {
		if p := golden(t, name); len(p.Warnings) != 1 || !strings.Contains(p.Warnings[0], want) {
			t.Errorf("%s: %q", name, p.Warnings)
		}
	}
	for name, want := range map[string]string{"nothing.tif": "none of its samples is a number", "moving.webp": "a moving WebP; save it as PNG"} {
		_, err := Load(context.Background(), Item{Path: filepath.Join("testdata", "kinds", name)}, Limits{})
		if !errors.Is(err, ErrNotImage) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestCut: a file of any kind that is cut anywhere is refused with a reason or shows
// all its pixels.
func TestCut(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "kinds", "*.*"))
	if err != nil || len(files) < 40 {
		t.Fatal(len(files), err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		whole, err := decode(data, 0, Full, Limits{}.withDefaults())
		if err != nil {
			continue // make.py, and those that TestUnshown refuses
		}
		for n := 0; n < len(data); n += 1 + len(data)/100 {
			p, err := decode(data[:n], 0, Full, Limits{}.withDefaults())
			if err == nil && !bytes.Equal(p.Image.Pix, whole.Image.Pix) {
				t.Errorf("%s shows another picture after %d of %d bytes", name, n, len(data))
				break
			}
			if err != nil && !errors.Is(err, ErrTruncated) && !errors.Is(err, ErrNotImage) && !errors.Is(err, ErrTooLarge) {
				t.Errorf("%s, %d bytes: %v", name, n, err)
				break
			}
		}
	}
}

// TestNamedKinds: what is not read is called what it is.
func TestNamedKinds(t *testing.T) {
	t.Parallel()
	for want, data := range map[string]string{
		"HEIC":      "\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
		"AVIF":      "\x00\x00\x00\x18ftypavif\x00\x00\x00\x00",
		"JPEG XL":   "\xff\x0a\x00\x00",
		"JPEG 2000": "\xff\x4f\xff\x51\x00",
		"a video":   "\x00\x00\x00\x18ftypisom\x00\x00\x00\x00",
		"PDF":       "%PDF-1.7",
		"JPEG-LS":   "\xff\xd8\xff\xf7\x00\x0b",
		"web page":  "\n<!DOCTYPE HTML><html>",
		"git lfs":   "version https://git-lfs.github.com/spec/v1\n",
		"unpack it": "PK\x03\x04",
		"no kind":   "some text",
		"too large": "\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x7f\xff\xff\xff\x7f\xff\xff\xff\x08\x00\x00\x00\x00\x32\xe0\xbb\x4e",
	} {
		if _, err := decode([]byte(data), 0, Full, Limits{}.withDefaults()); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %v", want, err)
		}
	}
}

// TestWalkAll: whatever a folder holds is an item, a problem or counted.
func TestWalkAll(t *testing.T) {
	t.Parallel()
	dir, outside := t.TempDir(), t.TempDir()
	write := func(p string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, nil, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	for _, n := range []string{"a.png", "b.heic", "c/d.JFIF", "c/e.jxl", "c/f.jxl", "list.csv", "__MACOSX/g.png", ".h.png", "._a.png", ".state"} {
		write(filepath.Join(dir, filepath.FromSlash(n)))
	}
	for n, begin := range map[string]string{"a.png~": "\x89PNG\r\n\x1a\n", "photo": "\xff\xd8\xff\xe0", "BMW.txt": "BMW, PKW", "P3": "P3 of the list"} {
		if err := os.WriteFile(filepath.Join(dir, n), []byte(begin), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write(filepath.Join(outside, "far.png"))
	for from, to := range map[string]string{"loop": dir, "link": outside, "again": outside, "nowhere.png": filepath.Join(dir, "none")} {
		if err := os.Symlink(to, filepath.Join(dir, from)); err != nil {
			t.Skip("no links here:", err)
		}
	}
	set, problems, err := Walk(context.Background(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	var names, said []string
	for _, it := range set {
		names = append(names, it.Name)
	}
	for _, p := range problems {
		said = append(said, p.Error())
	}
	if want := []string{"a.png", "again/far.png", "c/d.JFIF"}; !slices.Equal(names, want) {
		t.Errorf("%q, want %q", names, want)
	}
	all := strings.Join(said, "\n")
	for _, want := range []string{"nowhere.png: a link that leads nowhere", "3 files of kinds that are not read: .heic 1, .jxl 2", "2 files whose names do not say that they are pictures; give them the extension of what they are, such as .png: .png~ 1, without an extension 1",
		"2 files with hidden names: .png 1, without an extension 1", "3 files of kinds that are not pictures: .csv 1, .txt 1, without an extension 1"} {
		if !strings.Contains(all, want) {
			t.Errorf("nothing says %q:\n%s", want, all)
		}
	}
	set, problems, err = WalkInside(context.Background(), dir)
	if err != nil || len(set) != 2 || len(problems) != 8 {
		t.Errorf("inside: %d images, %d problems %v, %v", len(set), len(problems), problems, err)
	}
}

// TestReadable: names that are not UTF-8 become valid and stay different.
func TestReadable(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{"a.png": "a.png", "ü.png": "ü.png", "a\xff.png": `a\xff.png`, "a\xfe\ufffd.png": "a\\xfe\ufffd.png"} {
		if got := Readable(in); got != want {
			t.Errorf("%q becomes %q, not %q", in, got, want)
		}
		if got := Original(want); got != in {
			t.Errorf("%q was %q, not %q", want, got, in)
		}
	}
}

// TestPipe: what is not a regular file is refused at once, whoever writes to it.
func TestPipe(t *testing.T) {
	t.Parallel()
	for _, name := range pipes(t) {
		if _, err := Load(context.Background(), Item{Path: name}, Limits{}); !errors.Is(err, ErrNotImage) || !strings.Contains(err.Error(), "pipe") {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// FuzzDeep: no bytes of the kinds with readers of our own end in a panic or in
// more memory than their size in pixels allows.
func FuzzDeep(f *testing.F) {
	for _, pattern := range []string{"*.tif", "*.pgm", "*.ppm", "*.tga", "*.dib"} {
		files, err := filepath.Glob(filepath.Join("testdata", "kinds", pattern))
		if err != nil || len(files) == 0 {
			f.Fatal(pattern, err)
		}
		for _, name := range files {
			data, err := os.ReadFile(name)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data, 0)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, page int) {
		k, _, err := header(data, page&3, Limits{MaxPixels: 1 << 12, MaxBytes: 1 << 16})
		if err != nil {
			return
		}
		if img, err := k.decode(data, page&3); (err == nil) == (img == nil) {
			t.Fatal(fmt.Sprint(img, err))
		}
	})
}
