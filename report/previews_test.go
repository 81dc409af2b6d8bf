package report_test

import (
	"bytes"
	"context"
	"errors"
	"image"
	"os"
	"path/filepath"
	"testing"
	"time"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/verdict"
	"codegraph/report"
)

// seenResult is a result for two images that have paths, and their previews.
func seenResult() (*codegraph.Result, report.Loader, *report.Previews) {
	res, previews := fakeResult("a.png", "b.png"), new(report.Previews)
	pictures := map[string]*imageset.Picture{}
	for i := range res.Images {
		im := &res.Images[i]
		img := image.NewNRGBA(image.Rect(0, 0, im.Width, im.Height))
		for k := range img.Pix {
			img.Pix[k] = uint8(k)
			if k%4 == 3 {
				img.Pix[k] = 0xff
			}
		}
		im.Item = imageset.Item{Name: im.Item.Name, Path: im.Item.Name}
		pictures[im.Item.Path] = &imageset.Picture{Image: img, Width: im.Width, Height: im.Height}
		previews.Add(im.Item, pictures[im.Item.Path])
	}
	load := func(_ context.Context, it imageset.Item) (image.Image, error) { return pictures[it.Path].Image, nil }
	return res, load, previews
}

// TestPreviews: an image that was seen is not read again, and the page is the
// same.
func TestPreviews(t *testing.T) {
	t.Parallel()
	res, load, previews := seenResult()
	write := func(o report.Options) []byte {
		o.Created, o.Page, o.Overlays = time.Unix(1, 0), true, report.OverlaysNone
		dir := t.TempDir()
		if _, err := report.Write(t.Context(), dir, res, o); err != nil {
			t.Fatal(err)
		}
		page, err := os.ReadFile(filepath.Join(dir, report.PageName))
		if err != nil {
			t.Fatal(err)
		}
		return page
	}
	again := write(report.Options{Load: load})
	once := write(report.Options{Previews: previews, Load: func(_ context.Context, it imageset.Item) (image.Image, error) {
		t.Errorf("%s is read again", it.Name)
		return nil, errors.New("no")
	}})
	if !bytes.Equal(once, again) {
		t.Error("the page differs")
	}
}

// TestOverlays: which images get one.
func TestOverlays(t *testing.T) {
	t.Parallel()
	for mode, want := range map[report.OverlayMode][2]bool{
		"": {true, true}, report.OverlaysAll: {true, true}, report.OverlaysFlagged: {false, true}, report.OverlaysNone: {},
	} {
		res, load, _ := seenResult()
		res.Images[0].Verdict.Label, res.Images[1].Verdict.Label = verdict.Pass, verdict.Unsure
		doc, err := report.Write(t.Context(), t.TempDir(), res, report.Options{Load: load, Overlays: mode})
		if err != nil {
			t.Fatal(err)
		}
		for i, im := range doc.Images {
			if (im.Overlay != nil) != want[i] {
				t.Errorf("mode %q, image %d: overlay %v", mode, i, im.Overlay)
			}
		}
	}
}
