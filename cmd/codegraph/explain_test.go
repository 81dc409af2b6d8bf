package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codegraph/imageset"
	"codegraph/internal/explain"
)

func TestSplitPlace(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		in, name string
		x, y     int
	}{
		{"a.png", "a.png", -1, -1},
		{"a.png:3,44", "a.png", 3, 44},
		{`C:\parts\a.png`, `C:\parts\a.png`, -1, -1},
		{`C:\parts\a.png:0,0`, `C:\parts\a.png`, 0, 0},
		{"odd:1,2.png", "odd:1,2.png", -1, -1},
		{"a.png:3,", "a.png:3,", -1, -1},
		{"a.png:-1,2", "a.png:-1,2", -1, -1},
	} {
		if name, x, y := splitPlace(tt.in); name != tt.name || x != tt.x || y != tt.y {
			t.Errorf("%q: %q at %d,%d", tt.in, name, x, y)
		}
	}
}

func TestFindItem(t *testing.T) {
	t.Parallel()
	set := imageset.Set{
		{Name: "good/1.png", Path: "/p/good/1.png"}, {Name: "bad/1.png", Path: "/p/bad/1.png"}, {Name: "bad/2.png", Path: "/p/bad/2.png"},
	}
	for name, want := range map[string]string{
		"bad/1.png": "bad/1.png", "/p/good/1.png": "good/1.png", "2.png": "bad/2.png", "./bad/2.png": "bad/2.png", "/p/bad/../bad/2.png": "bad/2.png",
	} {
		if it, err := findItem(set, name); err != nil || it.Name != want {
			t.Errorf("%s: %s, %v", name, it.Name, err)
		}
	}
	for name, want := range map[string]string{"1.png": "good/1.png or bad/1.png", "3.png": "not in the batch", "d/1.png": "not in the batch"} {
		if _, err := findItem(set, name); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// TestExplain goes the whole way twice, the second time over the cache.
func TestExplain(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "parts")
	if o := exec(t.Context(), &fakeDetect{}, "synth", "--good", "12", "--rare", "1", "--recurring", "4", "--size", "96", "--out", dir); o.code != 0 {
		t.Fatal(o.stderr)
	}
	cache, plots := t.TempDir(), filepath.Join(t.TempDir(), "plots")
	call := func(args ...string) (int, string, string) {
		var stdout, stderr bytes.Buffer
		all := append([]string{"explain", "--cache", cache, "--size", "128", "--grid", "10", "--align", "off"}, args...)
		code := run(t.Context(), all, &stdout, &stderr, builtin)
		return code, stdout.String(), stderr.String()
	}
	code, out, stderr := call("--json", "--plots", plots, "--quiet", "recurring/000.png:50,40", filepath.Join(dir, "test"))
	if code != 0 {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var doc explain.Document
	if err := json.Unmarshal([]byte(out), &doc); err != nil || doc.Image != "recurring/000.png" || len(doc.Vector) != 16 || doc.Patch != (explain.GridPlace{X: 5, Y: 4}) {
		t.Errorf("%v: %+v", err, doc)
	}
	if got := tree(t, plots); !slices.Equal(got, []string{"growth.png", "growth.svg", "qq.png", "qq.svg"}) {
		t.Errorf("plots %v", got)
	}
	code, out, stderr = call(filepath.Join(dir, "test", "recurring", "001.png"), filepath.Join(dir, "test"))
	if code != 0 || !strings.Contains(out, "Nearest images") || !strings.Contains(out, "and 6 more") {
		t.Errorf("exit code %d: %s%s", code, out, stderr)
	}
	for _, bad := range []struct{ place, want string }{{"recurring/000.png:96,0", "96 × 96"}, {"nowhere.png", "not in the batch"}} {
		if code, _, stderr := call(bad.place, dir); code != 2 || !strings.Contains(stderr, bad.want) {
			t.Errorf("%s: exit code %d: %s", bad.place, code, stderr)
		}
	}
}

func TestExplainUsage(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{"a.png"}, {"--nearest", "-1", "a.png", "."}, {"--tile", "64", "a.png", "."}} {
		o := exec(t.Context(), &fakeDetect{}, append([]string{"explain"}, args...)...)
		o.want(t, exitUsage, "codegraph: ")
		if o.stdout != "" {
			t.Error(fmt.Sprint(args), o.stdout)
		}
	}
}
