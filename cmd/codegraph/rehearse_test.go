package main

import (
	"encoding/json"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codegraph/internal/eval/synth"
	"codegraph/internal/rehearse"
)

// goodWashers writes photographs of good parts to a folder.
func goodWashers(t *testing.T, n int) string {
	t.Helper()
	samples, err := synth.Render(t.Context(), synth.Config{Kind: synth.Washer, Size: 64, Seed: 3, Good: n})
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	for _, s := range samples {
		f, err := os.Create(filepath.Join(dir, strings.ReplaceAll(s.Name, "/", "_")))
		if err != nil {
			t.Fatal(err)
		}
		if err := png.Encode(f, s.Image); err != nil {
			t.Fatal(err)
		}
		f.Close()
	}
	return dir
}

// TestRehearse: the whole way, with the embedded network at a small size. The
// second run says the same from the cache.
func TestRehearse(t *testing.T) {
	t.Parallel()
	photos, out, cacheDir := goodWashers(t, 12), filepath.Join(t.TempDir(), "out"), t.TempDir()
	args := []string{"rehearse", "--good", "--kinds", "spot", "--sizes", "4,16", "--shares", "0.25", "--repeats", "1",
		"--size", "64", "--grid", "4", "--align", "off", "--seed", "7", "--cache", cacheDir, "--out", out, photos}
	stdout, stderr, code := invoke(t, args...)
	if code != exitDone || !strings.Contains(stdout, "rare defect") || !strings.Contains(stdout, "spots") || !strings.Contains(stderr, "rehearsing") {
		t.Fatalf("exit %d: %s\n%s", code, stderr, stdout)
	}
	first, err := os.ReadFile(filepath.Join(out, rehearsalJSON))
	if err != nil {
		t.Fatal(err)
	}
	var r rehearse.Report
	if err := json.Unmarshal(first, &r); err != nil {
		t.Fatal(err)
	}
	if r.Schema != rehearse.Schema || len(r.Photographs) != 12 || len(r.Rare) != 2 || len(r.Recurring) != 1 || len(r.Harmless) != 4 || len(r.Sentences) < 3 {
		t.Errorf("%+v", r)
	}
	for _, name := range []string{rehearsalCSV, rehearsalPNG} {
		if info, err := os.Stat(filepath.Join(out, name)); err != nil || info.Size() == 0 {
			t.Errorf("%s: %v", name, err)
		}
	}
	if stdout, stderr, code = invoke(t, append(args, "--json")...); code != exitDone || stdout != string(first) {
		t.Errorf("exit %d, another report from the cache: %s\n%s", code, stderr, stdout)
	}
}

func TestRehearseRefuses(t *testing.T) {
	t.Parallel()
	photos, foreign := goodWashers(t, 12), t.TempDir()
	if err := os.WriteFile(filepath.Join(foreign, rehearsalCSV), []byte("mine"), 0o666); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{}, exitUsage, "at least one file or folder"},
		{[]string{"--kinds", "dent", photos}, exitUsage, "dent"},
		{[]string{"--kinds", "none", photos}, exitUsage, "nothing to plant"},
		{[]string{"--defects", photos, photos}, exitUsage, "belong together"},
		{[]string{"--shares", "0.7", photos}, exitUsage, "0.7"},
		{[]string{"--images", "5", photos}, exitUsage, "--images is 5"},
		{[]string{"--out", foreign, photos}, exitFailed, "not written by an earlier run"},
		{[]string{filepath.Join(photos, "nowhere")}, exitFailed, "nowhere"},
		{[]string{"--out", filepath.Join(t.TempDir(), "o"), t.TempDir()}, exitFailed, "12"},
	} {
		_, stderr, code := invoke(t, append([]string{"rehearse"}, c.args...)...)
		if code != c.code || !strings.Contains(stderr, c.says) {
			t.Errorf("%q: exit %d, %s; want %d and %q", c.args, code, stderr, c.code, c.says)
		}
	}
}
