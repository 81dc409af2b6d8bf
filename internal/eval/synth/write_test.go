package synth

import (
	"bytes"
	"context"
	"errors"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sync/atomic"
	"testing"
)

// files lists what lies below dir and checks that each file decodes.
func files(t *testing.T, dir string) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		names = append(names, name)
		data, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(name)))
		if err != nil {
			return err
		}
		if _, err := png.Decode(bytes.NewReader(data)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

func TestWriteLayout(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new")
	samples := render(t, Config{Kind: Washer, Size: 64, Good: 2, Rare: 1, Recurring: 1})
	if err := Write(t.Context(), dir, samples); err != nil {
		t.Fatal(err)
	}
	rare := samples[2].Type
	want := []string{
		"ground_truth/" + rare + "/000_mask.png", "ground_truth/recurring/000_mask.png",
		"test/" + rare + "/000.png", "test/good/000.png", "test/good/001.png", "test/recurring/000.png",
	}
	slices.Sort(want)
	if got := files(t, dir); !slices.Equal(got, want) {
		t.Errorf("files %v, want %v", got, want)
	}
	f, err := os.Open(filepath.Join(dir, filepath.FromSlash(samples[3].MaskName())))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	mask, err := png.Decode(f)
	if err != nil {
		t.Fatal(err)
	}
	if g, ok := mask.(*image.Gray); !ok || !bytes.Equal(g.Pix, samples[3].Mask.Pix) {
		t.Error("the stored mask is not the sample's")
	}
}

// dying is cancelled after its state was asked for left times.
type dying struct {
	context.Context
	left atomic.Int64
}

func (d *dying) Err() error {
	if d.left.Add(-1) < 0 {
		return context.Canceled
	}
	return nil
}

func TestWriteCancelled(t *testing.T) {
	t.Parallel()
	samples := render(t, Config{Kind: Fabric, Size: 96, Good: 1})
	const steps = 60
	complete := 0
	for left := range steps {
		dir := t.TempDir()
		ctx := &dying{Context: t.Context()}
		ctx.left.Store(int64(left))
		err := writePNG(ctx, dir, samples[0].Name, samples[0].Image)
		got := files(t, dir) // fails on a half-written or temporary file
		if (err == nil) != (len(got) == 1) || err != nil && !errors.Is(err, context.Canceled) {
			t.Fatalf("cancelled at step %d: error %v with files %v", left, err, got)
		}
		complete += len(got)
	}
	if complete == 0 || complete == steps {
		t.Errorf("%d of %d writes were complete: the cancellations did not hit", complete, steps)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	dir := t.TempDir()
	if err := Write(ctx, dir, samples); !errors.Is(err, context.Canceled) || len(files(t, dir)) > 0 {
		t.Errorf("a cancelled Write: error %v, files %v", err, files(t, dir))
	}
}

func TestWriteRefuses(t *testing.T) {
	t.Parallel()
	img := image.NewRGBA(image.Rect(0, 0, 64, 64))
	for _, s := range []Sample{{Name: "../a.png", Image: img}, {Name: "", Image: img}, {Name: "a.png"}} {
		dir := filepath.Join(t.TempDir(), "in")
		if err := Write(t.Context(), dir, []Sample{s}); err == nil {
			t.Errorf("name %q is written", s.Name)
		}
	}
}

func TestEachStops(t *testing.T) {
	t.Parallel()
	full := errors.New("full")
	err := Each(t.Context(), Config{Kind: Washer, Size: 64, Good: 50, Threads: 1}, func(i int, s Sample) error {
		if i > 0 {
			t.Errorf("image %d after the error", i)
		}
		return full
	})
	if !errors.Is(err, full) {
		t.Errorf("error %v, want %v", err, full)
	}
}
