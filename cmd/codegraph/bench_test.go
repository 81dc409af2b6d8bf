package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"codegraph/internal/eval/synth"
)

var washers = sync.OnceValues(func() ([]synth.Sample, error) {
	return synth.Render(context.Background(), synth.Config{Kind: synth.Washer, Size: 64, Seed: 3, Good: 8, Rare: 2, Recurring: 3})
})

// category is a small category in the layout of MVTec AD.
func category(t *testing.T) string {
	t.Helper()
	samples, err := washers()
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Join(t.TempDir(), "washer")
	if err := synth.Write(context.Background(), dir, samples); err != nil {
		t.Fatal(err)
	}
	return dir
}

// quickBench are arguments that keep the tests quick.
func quickBench(args ...string) []string {
	return append(args, "--size", "128", "--grid", "8", "--align", "off", "--resolution", "32", "--quiet")
}

func invoke(t *testing.T, args ...string) (stdout string, stderr string, code int) {
	t.Helper()
	var out, diag bytes.Buffer
	code = run(t.Context(), args, &out, &diag, builtin)
	return out.String(), diag.String(), code
}

func TestBench(t *testing.T) {
	t.Parallel()
	dir, cacheDir := category(t), t.TempDir()
	args := quickBench("bench", "--data", dir, "--format", "json", "--original")
	fresh, stderr, code := invoke(t, append(args, "--cache", "off")...)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	var doc struct {
		Results []map[string]any
		Mean    []map[string]any
	}
	if err := json.Unmarshal([]byte(fresh), &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Results) != 2 || len(doc.Mean) != 2 {
		t.Fatalf("%d results, %d means", len(doc.Results), len(doc.Mean))
	}
	for k, method := range []string{"musc", "codegraph"} {
		r := doc.Results[k]
		if r["category"] != "washer" || r["method"] != method {
			t.Errorf("result %d is of %v, %v", k, r["category"], r["method"])
		}
		for _, figure := range []string{"image_auroc", "image_f1", "image_ap", "pixel_auroc", "pixel_f1", "pixel_ap", "pixel_pro"} {
			if v, ok := r[figure].(float64); !ok || v <= 0 || v > 100 {
				t.Errorf("%s: %s is %v", method, figure, r[figure])
			}
		}
	}
	for range 2 { // the first fills the cache, the second reads it
		if again, stderr, code := invoke(t, append(args, "--cache", cacheDir)...); code != exitDone || again != fresh {
			t.Fatalf("exit %d, another result with a cache: %s\n%s", code, stderr, again)
		}
	}
	out, _, code := invoke(t, "cache", "--cache", cacheDir, "--json")
	if code != exitDone || !strings.Contains(out, `"features"`) {
		t.Errorf("cache: exit %d, %s", code, out)
	}
	if out, _, code = invoke(t, "cache", "--cache", cacheDir, "--clear", "--json"); code != exitDone || !strings.Contains(out, `"entries": 0`) {
		t.Errorf("cache --clear: exit %d, %s", code, out)
	}
}

func TestBenchFormats(t *testing.T) {
	t.Parallel()
	dir, cacheDir := category(t), t.TempDir()
	for format, want := range map[string]string{"terminal": "washer", "markdown": "| washer", "csv": "washer,musc"} {
		file := filepath.Join(t.TempDir(), "table")
		args := quickBench("bench", "--data", dir, "--format", format, "--out", file, "--cache", cacheDir, "--subset", "7", "--stratified", "--repeats", "2")
		if _, stderr, code := invoke(t, args...); code != exitDone {
			t.Fatalf("%s: exit %d: %s", format, code, stderr)
		}
		if text, err := os.ReadFile(file); err != nil || !strings.Contains(string(text), want) {
			t.Errorf("%s: %v, no %q in\n%s", format, err, want, text)
		}
	}
}

// TestBenchROIMasks: a mask of each image counts as the same region for all does, and
// images without one are named.
func TestBenchROIMasks(t *testing.T) {
	dir, masks, cacheDir := category(t), t.TempDir(), t.TempDir()
	half := image.NewGray(image.Rect(0, 0, 2, 1))
	half.Pix[1] = 255
	var file bytes.Buffer
	if err := png.Encode(&file, half); err != nil {
		t.Fatal(err)
	}
	roi := filepath.Join(t.TempDir(), "half.png")
	put(t, roi, file.String())
	var last string
	for _, name := range tree(t, dir) {
		if rest, ok := strings.CutPrefix(name, "test/"); ok {
			last = filepath.Join(masks, "washer", strings.TrimSuffix(rest, ".png")+"_mask.png")
			put(t, last, file.String())
		}
	}
	results := func(args ...string) (figures, notes string) {
		stdout, stderr, code := invoke(t, append(quickBench("bench", "--data", dir, "--format", "json", "--cache", cacheDir), args...)...)
		if code != exitDone {
			t.Fatalf("%v: exit %d: %s", args, code, stderr)
		}
		var doc struct {
			Results json.RawMessage
			Notes   []string
		}
		if err := json.Unmarshal([]byte(stdout), &doc); err != nil {
			t.Fatal(err)
		}
		return string(doc.Results), strings.Join(doc.Notes, "\n")
	}
	whole, _ := results()
	one, _ := results("--roi", roi)
	each, _ := results("--roi-masks", masks)
	if each != one || each == whole {
		t.Errorf("with a mask of each image\n%s, with one for all\n%s, without\n%s", each, one, whole)
	}
	if err := os.Remove(last); err != nil {
		t.Fatal(err)
	}
	if _, notes := results("--roi-masks", masks); !strings.Contains(notes, "washer: 1 images have no region of interest") {
		t.Errorf("a mask that is missing: notes %q", notes)
	}
	args := quickBench("bench", "--data", dir, "--cache", "off", "--roi-masks", t.TempDir())
	if _, stderr, code := invoke(t, args...); code != exitFailed || !strings.Contains(stderr, "no image has a mask in") {
		t.Errorf("no masks: exit %d, %s", code, stderr)
	}
}

func TestBenchRefuses(t *testing.T) {
	t.Parallel()
	empty := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"bench"}, exitUsage, "--data"},
		{[]string{"bench", "--data", empty, "--layout", "nonsense"}, exitUsage, "nonsense"},
		{[]string{"bench", "--data", empty}, exitFailed, "looked"},
		{[]string{"bench", "--data", empty, "--format", "pdf"}, exitUsage, "pdf"},
		{[]string{"bench", "--data", empty, "--repeats", "0"}, exitUsage, "--repeats"},
		{[]string{"bench", "--data", empty, "--published", "missing.csv"}, exitUsage, "missing.csv"},
		{[]string{"bench", "synth", "--roi-masks", empty}, exitUsage, "--roi-masks is for scan, explain and bench"},
		{[]string{"bench", "synth", "--kinds", "shoe"}, exitUsage, "shoe"},
		{[]string{"bench", "synth", "--shares", "95"}, exitUsage, "95"},
		{[]string{"bench", "synth", "--seeds", "0"}, exitUsage, "--seeds"},
		{[]string{"sweep"}, exitUsage, "--set"},
		{[]string{"sweep", "--roi-masks", empty, "--set", "local=0.1"}, exitUsage, "--roi-masks is for scan"},
		{[]string{"rehearse", "--roi-masks", empty, empty}, exitUsage, "--roi-masks is for scan"},
		{[]string{"sweep", "--set", "local"}, exitUsage, "NAME=VALUE"},
		{[]string{"sweep", "--set", "local=x"}, exitUsage, "not a number"},
		{[]string{"sweep", "--set", "nonsense=1"}, exitUsage, "nonsense"},
		{[]string{"cache", "--cache", "off"}, exitUsage, "off"},
	} {
		if _, stderr, code := invoke(t, append(c.args, "--cache", t.TempDir())...); c.args[0] != "cache" && (code != c.code || !strings.Contains(stderr, c.want)) {
			t.Errorf("%q: exit %d, %s", c.args, code, stderr)
		}
	}
	if _, stderr, code := invoke(t, "cache", "--cache", "off"); code != exitUsage {
		t.Errorf("cache off: exit %d, %s", code, stderr)
	}
}

func TestBenchSynth(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	args := []string{"bench", "synth", "--kinds", "washer", "--images", "12", "--shares", "0,25", "--seeds", "1", "--image-size", "64",
		"--size", "128", "--grid", "8", "--align", "off", "--cache", "off", "--out", out}
	stdout, stderr, code := invoke(t, args...)
	if code != exitDone || !strings.Contains(stdout, "washer") {
		t.Fatalf("exit %d: %s%s", code, stdout, stderr)
	}
	lines := readCSV(t, filepath.Join(out, "results.csv"))
	if len(lines) != 1+2*2 {
		t.Errorf("%d lines", len(lines))
	}
	if info, err := os.Stat(filepath.Join(out, "share.png")); err != nil || info.Size() == 0 {
		t.Error(err)
	}
}

func TestSweep(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "out")
	args := []string{"sweep", "--set", "omega=0.3,0.5", "--set", "neighbours=0.3", "--data", category(t), "--size", "128", "--grid", "8",
		"--align", "off", "--cache", t.TempDir(), "--out", out, "--jobs", "2", "--quiet"}
	if _, stderr, code := invoke(t, args...); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	lines := readCSV(t, filepath.Join(out, "sweep.csv"))
	if len(lines) != 1+2*2 || lines[0][1] != "omega" || lines[0][2] != "neighbours" {
		t.Errorf("%q", lines)
	}
	for _, name := range []string{"omega.png", "neighbours.png"} {
		if _, err := os.Stat(filepath.Join(out, name)); err != nil {
			t.Error(err)
		}
	}
}

func readCSV(t *testing.T, file string) [][]string {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	lines, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return lines
}
