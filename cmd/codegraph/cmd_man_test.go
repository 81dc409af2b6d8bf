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
