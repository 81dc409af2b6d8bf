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
