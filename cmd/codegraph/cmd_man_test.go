package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestMan: each command has a page, dated as asked.
func TestMan(t *testing.T) {
	t.Setenv(dateEnv, "86400")
	dir := filepath.Join(t.TempDir(), "man1")
	if stdout, stderr, code := invoke(t, "man", dir); code != 0 || stdout != "" {
		t.Fatalf("exit code %d, printed %q, %q", code, stdout, stderr)
	}
	page, err := os.ReadFile(filepath.Join(dir, "codegraph-scan.1"))
	if err != nil || !strings.Contains(string(page), "Jan 1970") || !strings.Contains(string(page), "threshold") {
		t.Errorf("the page of scan, %v: %.300s", err, page)
	}
}

// TestCompletion: values of options are completed, and files where they may be one.
func TestCompletion(t *testing.T) {
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"scan", "--method", ""}, "codegraph\npublished\nmusc\n:4\n"},
		{[]string{"scan", "--backbone", ""}, "efficientnet-lite0-245\nefficientnet-lite2\nefficientnet-lite0\n:0\n"},
		{[]string{"scan", "--overlays", ""}, "auto\nall\nflagged\nnone\n:4\n"},
		{[]string{"bench", "--format", ""}, "terminal\nmarkdown\ncsv\njson\n:4\n"},
		{[]string{"synth", "--kind", ""}, "washer\nfabric\nbracket\n:4\n"},
	} {
		stdout, _, code := invoke(t, append([]string{"__complete"}, tt.args...)...)
		if code != 0 || stdout != tt.want {
			t.Errorf("%v: exit code %d, %q, want %q", tt.args, code, stdout, tt.want)
		}
	}
}
