package intake_test

import (
	"archive/zip"
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codegraph/internal/serve/intake"
)

func picture(t testing.TB, w, h int) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := png.Encode(&b, image.NewGray(image.Rect(0, 0, w, h))); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// zipped makes an archive; names may be hostile.
func zipped(t testing.TB, entries map[string][]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	z := zip.NewWriter(&b)
	for name, content := range entries {
		w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Deflate})
		if err != nil {
			t.Fatal(err)
		}
		w.Write(content)
	}
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// tree lists the files below a folder.
func tree(t testing.TB, dir string) (files []string) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return files
}

func TestCleanName(t *testing.T) {
	for raw, want := range map[string]string{
		"a.png": "a.png", "part/a.png": "part/a.png", `part\a.png`: "part/a.png", "./a.png": "a.png", "ü/é.png": "ü/é.png", "a b.png": "a b.png",
		"": "", "/a.png": "", "../a.png": "", "a/../../b.png": "", `..\a.png`: "", `C:\a.png`: "", "c:a.png": "", "a/": "", "a//b.png": "", "a/./b.png": "",
		"a\x00.png": "", "a\n.png": "", "NUL.png": "", "com1.png": "", "LPT¹.png": "", "aux": "", "a./b.png": "", "a /b.png": "", "a\u202egnp.png": "", `\\host\share\a.png`: "",
		strings.Repeat("a", 201) + ".png": "", strings.Repeat("a/", 16) + "a.png": "", strings.Repeat("a/", 15) + "a.png": strings.Repeat("a/", 15) + "a.png",
		"a\xff.png": "a_.png",
	} {
		got, err := intake.CleanName(raw)
		if got != want || (err == nil) != (want != "") {
			t.Errorf("CleanName(%q) = %q, %v; want %q", raw, got, err, want)
		}
	}
}

func FuzzCleanName(f *testing.F) {
	for _, s := range []string{"a.png", "../a.png", `..\..\a`, "/etc/passwd", "a//b", "a/./b", "C:x", "nul", "a\x00b", "é/ü.png", ".hidden"} {
		f.Add(s)
	}
	dir := f.TempDir()
	f.Fuzz(func(t *testing.T, raw string) {
		name, err := intake.CleanName(raw)
		if err != nil {
			return
		}
		if again, err := intake.CleanName(name); err != nil || again != name {
			t.Fatalf("CleanName(%q) = %q, and of that %q, %v", raw, name, again, err)
		}
		if !fs.ValidPath(name) || strings.ContainsAny(name, "\\:\x00") {
			t.Fatalf("CleanName(%q) = %q", raw, name)
		}
		rel, err := filepath.Rel(dir, filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil || !filepath.IsLocal(rel) || rel == "." {
			t.Fatalf("CleanName(%q) = %q leads to %q", raw, name, rel)
		}
	})
}

// FuzzArchive: no archive makes a file outside of the batch's folder, more
// files than are listed, or anything but an error.
func FuzzArchive(f *testing.F) {
	f.Add(zipped(f, map[string][]byte{"a.png": picture(f, 3, 2), "../b.png": picture(f, 3, 2), "c/d.txt": []byte("x")}))
	f.Add(zipped(f, map[string][]byte{"/abs.png": picture(f, 3, 2), `..\win.png`: picture(f, 1, 1), "A.png": picture(f, 1, 1), "a.PNG": picture(f, 1, 1)}))
	f.Add([]byte("PK\x05\x06 nothing"))
	f.Fuzz(func(t *testing.T, data []byte) {
		above := t.TempDir()
		dir := filepath.Join(above, "batch")
		if err := os.Mkdir(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		b := intake.New(dir, intake.Limits{Files: 10, FileBytes: 1 << 16, TotalBytes: 1 << 20, Pixels: 10000})
		err := b.Add(context.Background(), "x.zip", bytes.NewReader(data))
		if err != nil && !errors.Is(err, intake.ErrArchive) && !errors.Is(err, intake.ErrTooMuch) {
			t.Fatalf("unexpected kind of error: %v", err)
		}
		files := tree(t, above)
		if err == nil && len(files) != len(b.Files) {
			t.Fatalf("files %q, listed %q", files, b.Files)
		}
		for _, name := range files {
			if !strings.HasPrefix(name, "batch/") {
				t.Fatalf("%q is outside of the batch", name)
			}
		}
	})
}

func TestArchive(t *testing.T) {
	dir := t.TempDir()
	b := intake.New(dir, intake.Limits{})
	good := picture(t, 4, 3)
	entries := map[string][]byte{
		"part/a.png": good, "../../slip.png": good, "/abs.png": good, `..\win.png`: good, "readme.txt": []byte("x"), "broken.png": []byte("x"),
		"__MACOSX/._a.png": good, ".hidden.png": good, "inner.zip": zipped(t, map[string][]byte{"deep.png": good}),
	}
	if err := b.Add(t.Context(), "batch.ZIP", bytes.NewReader(zipped(t, entries))); err != nil {
		t.Fatal(err)
	}
	if got := tree(t, dir); !slices.Equal(got, []string{"part/a.png"}) || !slices.Equal(b.Files, got) {
		t.Errorf("files %q, listed %q", got, b.Files)
	}
	if len(b.Refused) != 7 {
		t.Errorf("refused %+v", b.Refused)
	}
}

// TestAllRefused: of any number of files that are not taken none goes unsaid.
func TestAllRefused(t *testing.T) {
	b := intake.New(t.TempDir(), intake.Limits{})
	for k := range 130 {
		if err := b.Add(t.Context(), fmt.Sprintf("%d.txt", k), strings.NewReader("x")); err != nil {
			t.Fatal(err)
		}
	}
	if len(b.Refused) != 101 || b.Refused[0].Name != "0.txt" || b.Refused[100].Name != "30 more files" {
		t.Errorf("%d refused, the last %+v", len(b.Refused), b.Refused[len(b.Refused)-1])
	}
}

func TestDuplicates(t *testing.T) {
	b := intake.New(t.TempDir(), intake.Limits{})
	for _, name := range []string{"a.png", "A.PNG", "a.png", "b/a.png", "\u00e9.png", "e\u0301.png"} {
		if err := b.Add(t.Context(), name, bytes.NewReader(picture(t, 2, 2))); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"a.png", "A-2.PNG", "a-3.png", "b/a.png", "\u00e9.png", "e\u0301-2.png"}; !slices.Equal(b.Files, want) {
		t.Errorf("files %q, want %q", b.Files, want)
	}
}

// zeros is an image file that never ends: a PNG followed by zeros.
func zeros(t testing.TB) io.Reader {
	return io.MultiReader(bytes.NewReader(picture(t, 2, 2)), endless{})
}

type endless struct{}

func (endless) Read(p []byte) (int, error) { clear(p); return len(p), nil }

func TestLimits(t *testing.T) {
	limits := intake.Limits{Files: 3, FileBytes: 1000, TotalBytes: 2500, Pixels: 100}
	long := append(picture(t, 2, 2), make([]byte, 800)...)
	bomb := zipped(t, map[string][]byte{"bomb.png": make([]byte, 10<<20)})
	for _, tt := range []struct {
		name    string
		content []io.Reader
		file    string
		tooMuch bool
		taken   int
	}{
		{"one too long is refused", []io.Reader{zeros(t)}, "a.png", false, 0},
		{"too many pixels", []io.Reader{bytes.NewReader(picture(t, 11, 10))}, "a.png", false, 0},
		{"too many files", slices.Repeat([]io.Reader{nil}, 4), "a.png", true, 3},
		{"too many bytes", []io.Reader{bytes.NewReader(long), bytes.NewReader(long), bytes.NewReader(long)}, "a.png", true, 2},
		{"an archive too long", []io.Reader{endless{}}, "a.zip", true, 0},
		{"a bomb", slices.Repeat([]io.Reader{bytes.NewReader(bomb)}, 1), "a.zip", true, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			limits := limits
			if tt.name == "a bomb" {
				limits.TotalBytes, limits.FileBytes = 1<<20, 2<<20
			}
			b := intake.New(t.TempDir(), limits)
			var err error
			for i, r := range tt.content {
				if r == nil {
					r = bytes.NewReader(picture(t, 2, 2))
				}
				if err = b.Add(t.Context(), fmt.Sprintf("%d%s", i, tt.file), r); err != nil {
					break
				}
			}
			if errors.Is(err, intake.ErrTooMuch) != tt.tooMuch || len(b.Files) != tt.taken {
				t.Errorf("took %q, %v", b.Files, err)
			}
		})
	}
}

// TestArchiveEntries: entries that are not files are said, and counted like files.
func TestArchiveEntries(t *testing.T) {
	for name, tt := range map[string]struct {
		header  zip.FileHeader
		refused string
	}{
		"folder":    {zip.FileHeader{Name: "d/"}, ""},
		"link":      {zip.FileHeader{Name: "l.png", ExternalAttrs: 0o120777 << 16, CreatorVersion: 3 << 8}, "not a regular file"},
		"device":    {zip.FileHeader{Name: "z.png", ExternalAttrs: 0o020666 << 16, CreatorVersion: 3 << 8}, "not a regular file"},
		"encrypted": {zip.FileHeader{Name: "e.png", Flags: 1}, "encrypted"},
	} {
		for n, tooMuch := range map[int]bool{1: false, 100: true} {
			var file bytes.Buffer
			w := zip.NewWriter(&file)
			for range n {
				header := tt.header
				if _, err := w.CreateRaw(&header); err != nil {
					t.Fatal(err)
				}
			}
			if err := w.Close(); err != nil {
				t.Fatal(err)
			}
			b := intake.New(t.TempDir(), intake.Limits{Files: 3})
			if err := b.Add(t.Context(), "x.zip", &file); errors.Is(err, intake.ErrTooMuch) != tooMuch || err != nil && !tooMuch {
				t.Errorf("%d entries, each a %s: %v", n, name, err)
			}
			said := ""
			if len(b.Refused) > 0 {
				said = b.Refused[0].Reason
			}
			if !strings.Contains(said, tt.refused) || (said == "") != (tt.refused == "") {
				t.Errorf("%s: refused %q", name, said)
			}
		}
	}
}

func TestFileWithNameOfFolder(t *testing.T) {
	b := intake.New(t.TempDir(), intake.Limits{})
	for _, name := range []string{"a.png", "a.png/b.png", "c.png/d.png", "c.png"} {
		if err := b.Add(t.Context(), name, bytes.NewReader(picture(t, 2, 2))); err != nil {
			t.Fatal(err)
		}
	}
	if want := []string{"a.png", "c.png/d.png"}; !slices.Equal(b.Files, want) || len(b.Refused) != 2 {
		t.Errorf("files %q, refused %+v", b.Files, b.Refused)
	}
}

func TestCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if err := intake.New(dir, intake.Limits{}).Add(ctx, "a.png", zeros(t)); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
	if got := tree(t, dir); len(got) != 0 {
		t.Errorf("left %q", got)
	}
}
