package table

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"
)

// update rewrites the golden files: go test ./internal/eval/table/ -run Golden -update
var update = flag.Bool("update", false, "rewrite the golden files in testdata")

var extensions = map[Format]string{Terminal: "txt", Markdown: "md", CSV: "csv", JSON: "json"}

// TestGolden: the files are made by this test with -update; what they hold
// was read by a person.
func TestGolden(t *testing.T) {
	for _, f := range Formats() {
		golden(t, "comparison", comparison(), Options{Format: Format(f)})
	}
	golden(t, "baseline", baseline(), Options{})
	golden(t, "others", baseline(), Options{OtherBackbones: true})
	golden(t, "others", baseline(), Options{Format: CSV, OtherBackbones: true})
	golden(t, "empty", &Document{}, Options{})
}

func golden(t *testing.T, name string, doc *Document, opts Options) {
	t.Helper()
	got := write(t, doc, opts)
	if opts.Format == "" {
		opts.Format = Terminal
	}
	path := filepath.Join("testdata", name+"."+extensions[opts.Format])
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs; if it should, run with -update and read the change:\n%s", path, got)
	}
}

func write(t testing.TB, doc *Document, opts Options) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := Write(&b, doc, opts); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}
