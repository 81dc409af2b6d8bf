package option_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codegraph/internal/option"
)

// TestRegion: a region is read from a file, kept as it is in JSON, and a file that
// is none is refused with the reason.
func TestRegion(t *testing.T) {
	t.Parallel()
	roi, _ := option.Lookup("roi")
	dir := t.TempDir()
	good, bad := filepath.Join(dir, "roi.json"), filepath.Join(dir, "bad.json")
	for name, text := range map[string]string{good: `{"width": 200, "height": 100, "boxes": [[50, 25, 100, 50]]}`, bad: `{"boxes": []}`} {
		if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s := option.Defaults()
	if err := roi.Value(&s).Set(good); err != nil {
		t.Fatal(err)
	}
	const want = `{"polygons":[[[0.25,0.25],[0.75,0.25],[0.75,0.75],[0.25,0.75]]]}`
	if got := roi.Value(&s).String(); got != want {
		t.Errorf("the region is %s, want %s", got, want)
	}
	if err := roi.Value(&s).Set(bad); err == nil || !strings.Contains(err.Error(), "neither boxes nor polygons nor a mask") {
		t.Errorf("an empty file gives %v", err)
	}
	if err := s.Read([]byte(`{"roi": "`+good+`"}`), option.Served, true); err == nil {
		t.Error("a client may name a file of the server")
	}
	if err := s.Read([]byte(`{"roi": null}`), option.Served, true); err != nil || s.ROI != nil {
		t.Errorf("null leaves %v, %v", s.ROI, err)
	}
}
