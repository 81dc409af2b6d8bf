package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codegraph/report"
)

// TestScanSnapshot: a scan leaves a snapshot that later images are scored
// against, one at a time or not, and added to.
func TestScanSnapshot(t *testing.T) {
	t.Parallel()
	first, late := photos(t, "a.png", "b.png", "c.png", "d.png"), photos(t, "e.png", "f.png", "g.png")
	file, dir := filepath.Join(t.TempDir(), "line.snapshot"), t.TempDir()
	scan := func(code int, args ...string) *report.Document {
		t.Helper()
		var stdout, stderr bytes.Buffer
		args = append([]string{"scan", "--json", "--no-report", "--out", filepath.Join(dir, "out")}, args...)
		if got := run(t.Context(), args, &stdout, &stderr, builtin); got != code {
			t.Fatalf("%v: exit code %d: %s", args, got, stderr.String())
		}
		if code != 0 {
			return nil
		}
		var doc report.Document
		if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil {
			t.Fatal(err)
		}
		return &doc
	}
	scan(0, "--save-snapshot", file, "--size", "64", "--grid", "4", "--align", "off", first)
	all := scan(0, "--snapshot", file, late)
	one := scan(0, "--snapshot", file, filepath.Join(late, "f.png"))
	if len(all.Images) != 3 || len(one.Images) != 1 || one.Images[0].Score != all.Images[1].Score || one.Images[0].Base {
		t.Fatalf("all %+v, one %+v", all.Images, one.Images)
	}
	if all.Options.Size != 64 || all.Grid.Height != 4 {
		t.Errorf("size %d, grid %d", all.Options.Size, all.Grid.Height)
	}
	before, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	scan(0, "--snapshot", file, "--add", late)
	if after, err := os.Stat(file); err != nil || after.Size() <= before.Size() {
		t.Errorf("nothing was added: %v", err)
	}
	scan(2, "--snapshot", file, "--size", "64", late)
	scan(2, "--add", late)
	if err := os.WriteFile(file, []byte(strings.Repeat("no snapshot ", 20)), 0o666); err != nil {
		t.Fatal(err)
	}
	scan(1, "--snapshot", file, late)
}

// TestScanReference: one image can be scored where there are references.
func TestScanReference(t *testing.T) {
	t.Parallel()
	parts, good := photos(t, "a.png"), photos(t, "a.png", "b.png", "c.png")
	var stdout, stderr bytes.Buffer
	args := []string{"scan", "--json", "--no-report", "--size", "64", "--grid", "4", "--align", "off", "--out", filepath.Join(t.TempDir(), "out"), "--reference", good, parts}
	if code := run(t.Context(), args, &stdout, &stderr, builtin); code != 0 {
		t.Fatal(stderr.String())
	}
	var doc report.Document
	if err := json.Unmarshal(stdout.Bytes(), &doc); err != nil || len(doc.Images) != 1 || doc.Counts.References != 3 {
		t.Errorf("%d images, %d references, %v", len(doc.Images), doc.Counts.References, err)
	}
	if code := run(t.Context(), []string{"scan", "--reference", t.TempDir(), parts}, &stdout, &stderr, builtin); code != 2 {
		t.Errorf("without a reference: exit code %d", code)
	}
}
