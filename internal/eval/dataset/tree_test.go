package dataset

import (
	"bytes"
	"context"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/image/bmp"
)

// tree maps slash-separated names to contents.
type tree map[string][]byte

// put adds files of the same content.
func (tr tree) put(content []byte, names ...string) tree {
	for _, n := range names {
		tr[n] = content
	}
	return tr
}

// write makes the tree in a folder of its own.
func (tr tree) write(t testing.TB) string {
	t.Helper()
	root := t.TempDir()
	for name, content := range tr {
		p := filepath.Join(root, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(p), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(p, content, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return root
}

// grey is a 4 × 3 image that is black but for the levels given, from the
// first pixel on.
func grey(levels ...uint8) *image.Gray {
	img := image.NewGray(image.Rect(0, 0, 4, 3))
	copy(img.Pix, levels)
	return img
}

func pngOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

func bmpOf(img image.Image) []byte {
	var b bytes.Buffer
	if err := bmp.Encode(&b, img); err != nil {
		panic(err)
	}
	return b.Bytes()
}

var (
	picture = pngOf(grey(90, 91, 92))
	blank   = pngOf(grey())
	marked  = pngOf(grey(255, 255))
)

func open(t testing.TB, root string, l Layout) *Dataset {
	t.Helper()
	d, err := Open(root, l)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func category(t testing.TB, d *Dataset, name string) *Category {
	t.Helper()
	c, err := d.Category(context.Background(), name)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

// summary writes a category with a line per sample: name, type, "!" if it is
// anomalous, its masks below root.
func summary(root string, c *Category) string {
	var lines []string
	for _, s := range c.Samples {
		line := s.Name + " " + s.Type
		if s.Anomalous {
			line += "!"
		}
		for _, m := range s.Masks {
			if rel, err := filepath.Rel(root, m); err == nil {
				m = rel
			}
			line += " " + filepath.ToSlash(m)
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// warned reports whether a warning contains all the words.
func warned(warnings []string, words ...string) bool {
	return slices.ContainsFunc(warnings, func(w string) bool {
		return !slices.ContainsFunc(words, func(word string) bool { return !strings.Contains(w, word) })
	})
}
