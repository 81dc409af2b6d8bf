package main

import (
	"encoding/json"
	"strings"
	"testing"
)

// TestPerfFolder forecasts a folder without reading all of it.
func TestPerfFolder(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png", "c.png", "d.png", "e.png")
	got := exec(t.Context(), &fakeDetect{}, "perf", dir)
	got.want(t, 0)
	if !strings.Contains(got.stdout, "A scan of these 5 images") {
		t.Errorf("printed %q", got.stdout)
	}
	got = exec(t.Context(), &fakeDetect{}, "perf", "--json", dir)
	got.want(t, 0)
	var f folderForecast
	if err := json.Unmarshal([]byte(got.stdout), &f); err != nil || f.Forecast == nil || f.Images != 5 || len(f.Phases) == 0 {
		t.Errorf("%v: %s", err, got.stdout)
	}
	exec(t.Context(), &fakeDetect{}, "perf", photos(t, "a.png")).want(t, 1)
}

// TestPerfFolderScans makes the forecast by real scans.
func TestPerfFolderScans(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png", "c.png", "d.png", "e.png", "f.png", "g.png", "h.png")
	stdout, stderr, code := invoke(t, "perf", "--json", "--size", "64", "--grid", "8", dir)
	if code != exitDone {
		t.Fatalf("exit code %d: %s", code, stderr)
	}
	var f folderForecast
	if err := json.Unmarshal([]byte(stdout), &f); err != nil || f.Images != 8 || f.Sampled != 8 || f.Seconds <= 0 || f.Memory <= f.Tables || f.Tables <= 0 {
		t.Errorf("%v: %s", err, stdout)
	}
	sum := 0.0
	for _, p := range f.Phases {
		sum += p.Seconds
	}
	if sum == 0 || sum > 1.001*f.Seconds {
		t.Errorf("phases of %v s make %v s", sum, f.Seconds)
	}
}
