package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
)

// TestUpToDate: what is written to files is what the table says.
func TestUpToDate(t *testing.T) {
	for name, make := range files {
		old, err := os.ReadFile(filepath.Join("..", "..", "..", filepath.FromSlash(name)))
		if err != nil {
			t.Fatal(err)
		}
		if want, err := make(old); err != nil || !bytes.Equal(old, want) {
			t.Errorf("%s is not what the table of options makes it (%v): run go generate ./internal/option", name, err)
		}
	}
}
