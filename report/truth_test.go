package report_test

import (
	"context"
	"encoding/binary"
	"errors"
	"slices"
	"strings"
	"testing"

	"codegraph"
	"codegraph/report"
	"pgregory.net/rapid"
)

// maskOf marks pixels of an image.
func maskOf(w, h int, pixels ...int) []bool {
	m := make([]bool, w*h)
	for _, p := range pixels {
		m[p] = true
	}
	return m
}

// truthPage is what the page says about truth.
type truthPage struct {
	Truth struct {
		Good, Defective, Masked, Side int
		Methods                       []struct {
			Method       string
			Image, Pixel *struct {
				AUROC, AP, F1, PRO *float64
				Curve              [][3]float64
			}
		}
	}
	Images []struct {
		Defective *bool
		Mask      *struct {
			Width, Height int
			Runs          []byte
		}
	}
}

func TestPageTruth(t *testing.T) {
	t.Parallel()
	res := fakeResult("a.png", "b.png", "c.png")
	for i, score := range []float64{0.9, 0.8, 0.1} {
		res.Images[i].Score, res.Images[i].MuScScore = score, 1-score
	}
	w, h := res.Images[0].Width, res.Images[0].Height
	o := pageOptions()
	o.Truth = &report.Truth{Side: 16, Defective: []bool{true, true, false}, Mask: func(_ context.Context, i, _, _ int) ([]bool, error) {
		switch i {
		case 0:
			return maskOf(w, h, 1, 2), nil
		case 1:
			return nil, errors.New("no such mask")
		}
		return maskOf(w, h), nil
	}}
	dir := t.TempDir()
	doc := mustWrite(t, dir, res, o)
	var page truthPage
	readPageInto(t, dir, &page)
	tr := page.Truth
	if tr.Good != 1 || tr.Defective != 2 || tr.Masked != 1 || tr.Side != 16 || len(tr.Methods) != 2 {
		t.Fatalf("truth %+v", tr)
	}
	for k, want := range []float64{0, 1} {
		if m := tr.Methods[k]; *m.Image.AUROC != want || len(m.Image.Curve) != 3 || m.Image.PRO != nil || m.Pixel == nil || m.Pixel.PRO == nil {
			t.Errorf("%s has an AUROC of %g, want %g; %+v", m.Method, *m.Image.AUROC, want, m)
		}
	}
	if m := page.Images[0].Mask; m == nil || m.Width != w || m.Height != h || !slices.Equal(runs(m.Runs), []int{1, 2, w*h - 3}) {
		t.Errorf("mask %+v", m)
	}
	if page.Images[1].Mask != nil || page.Images[2].Mask != nil || !*page.Images[1].Defective || *page.Images[2].Defective {
		t.Errorf("images %+v", page.Images)
	}
	if got := doc.Images[1].Warnings; len(got) != 1 || !strings.Contains(got[0], "no such mask") {
		t.Errorf("warnings %q", got)
	}
}

func TestPageTruthOneClass(t *testing.T) {
	t.Parallel()
	res := fakeResult("a.png", "b.png")
	res.Method = codegraph.MethodMuSc
	o := pageOptions()
	o.Truth = &report.Truth{Defective: []bool{false, false}}
	dir := t.TempDir()
	mustWrite(t, dir, res, o)
	var page truthPage
	readPageInto(t, dir, &page)
	if m := page.Truth.Methods; len(m) != 1 || m[0].Image.AUROC != nil || m[0].Image.F1 != nil || m[0].Pixel != nil {
		t.Errorf("methods %+v", m)
	}
}

func TestTruthOfOtherImages(t *testing.T) {
	t.Parallel()
	o := pageOptions()
	o.Truth = &report.Truth{Defective: []bool{true}}
	if _, err := report.Write(t.Context(), t.TempDir(), fakeResult("a.png", "b.png"), o); err == nil {
		t.Error("one truth for two images is accepted")
	}
}

// runs reads varints.
func runs(b []byte) (out []int) {
	for len(b) > 0 {
		v, n := binary.Uvarint(b)
		out, b = append(out, int(v)), b[n:]
	}
	return out
}

// TestPageMask: the runs fill the mask, and every marked pixel lies in one of
// those marked.
func TestPageMask(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 600).Draw(t, "w"), rapid.IntRange(1, 600).Draw(t, "h")
		marked := rapid.SliceOfN(rapid.IntRange(0, w*h-1), 1, 20).Draw(t, "marked")
		small, sw, sh := report.PageMask(maskOf(w, h, marked...), w, h)
		if len(small) != sw*sh || max(sw, sh) > 256 {
			t.Fatalf("%d pixels of %d × %d", len(small), sw, sh)
		}
		on := make(map[int]bool)
		for _, p := range marked {
			at := p/w*sh/h*sw + p%w*sw/w
			on[at] = true
			if !small[at] {
				t.Fatalf("pixel %d of %d × %d is lost", p, w, h)
			}
		}
		for at, v := range small {
			if v && !on[at] {
				t.Fatalf("pixel %d of %d × %d is marked and was not", at, sw, sh)
			}
		}
	})
}
