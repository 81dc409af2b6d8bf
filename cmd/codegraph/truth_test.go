package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codegraph/report"
)

// pageTruth is what a report says about known truth.
type pageTruth struct {
	Truth *struct {
		Good, Defective, Masked int
		Methods                 []struct{ Pixel *struct{ AUROC *float64 } }
	}
	Images []struct{ Name string }
}

func readPageTruth(t *testing.T, dir string) (page pageTruth) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, report.PageName))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), `id="data">`)
	text, _, _ := strings.Cut(rest, "</script>")
	if err := json.Unmarshal([]byte(text), &page); err != nil {
		t.Fatal(err)
	}
	return page
}

// TestScanCategory: of a category the test images are scanned, and judged by
// its masks.
func TestScanCategory(t *testing.T) {
	t.Parallel()
	dir, out := category(t), t.TempDir()
	o := exec(t.Context(), &fakeDetect{}, "scan", "--out", out, dir)
	o.want(t, exitDone, "layout of MVTec AD")
	page := readPageTruth(t, out)
	if tr := page.Truth; tr == nil || tr.Good != 8 || tr.Defective != 5 || tr.Masked != 5 || len(page.Images) != 13 || tr.Methods[0].Pixel == nil {
		t.Errorf("page %+v", page)
	}
	for _, im := range page.Images {
		if !strings.HasPrefix(im.Name, "test/") {
			t.Errorf("%s was scanned", im.Name)
		}
	}
	for name, why := range map[string]string{"test/good/x.heic": "1 file: of kinds that are not read: .heic 1", "test/stray.png": "test/stray.png: it lies in no folder of a type"} {
		put(t, filepath.Join(dir, filepath.FromSlash(name)), "")
		exec(t.Context(), &fakeDetect{}, "scan", "--quiet", "--out", out, dir).want(t, exitPartial, "not scored: "+why)
		exec(t.Context(), &fakeDetect{}, "scan", "--strict", "--out", out, dir).want(t, exitFailed)
	}
}

// TestScanMasks: masks inside of the scanned folder are not photographs.
func TestScanMasks(t *testing.T) {
	t.Parallel()
	dir, out := category(t), t.TempDir()
	masks := filepath.Join(dir, "ground_truth")
	exec(t.Context(), &fakeDetect{}, "scan", "--quiet", "--out", out, "--masks", masks, dir).want(t, exitDone)
	page := readPageTruth(t, out)
	if tr := page.Truth; tr == nil || tr.Good != 8 || tr.Defective != 5 || len(page.Images) != 13 {
		t.Errorf("page %+v", page)
	}
	exec(t.Context(), &fakeDetect{}, "scan", "--out", out, "--masks", t.TempDir(), dir).want(t, exitFailed, "correct --masks")

	plain := t.TempDir()
	exec(t.Context(), &fakeDetect{}, "scan", "--quiet", "--out", plain, filepath.Join(dir, "test")).want(t, exitDone)
	if page := readPageTruth(t, plain); page.Truth != nil || len(page.Images) != 13 {
		t.Errorf("page %+v", page)
	}
}

// TestBenchReports: each category or sub-batch has a report, and a run whose
// figures are cacheDir writes it again.
func TestBenchReports(t *testing.T) {
	t.Parallel()
	dir, cacheDir := category(t), t.TempDir()
	for _, want := range []string{"washer", "washer", "washer-2of2"} {
		out := t.TempDir()
		args := quickBench("bench", "--data", dir, "--cache", cacheDir, "--reports", out)
		if strings.Contains(want, "of") {
			args = append(args, "--subset", "7", "--stratified")
		}
		if _, stderr, code := invoke(t, args...); code != exitDone {
			t.Fatalf("exit %d: %s", code, stderr)
		}
		page := readPageTruth(t, filepath.Join(out, want))
		if page.Truth == nil || page.Truth.Methods[1].Pixel == nil || page.Truth.Methods[1].Pixel.AUROC == nil {
			t.Errorf("%s: truth %+v", want, page.Truth)
		}
	}
	foreign := t.TempDir()
	put(t, filepath.Join(foreign, "washer", report.PageName), "mine")
	if _, stderr, code := invoke(t, quickBench("bench", "--data", dir, "--cache", "off", "--reports", foreign)...); code != exitFailed || !strings.Contains(stderr, "--reports") {
		t.Errorf("exit %d: %s", code, stderr)
	}
}
