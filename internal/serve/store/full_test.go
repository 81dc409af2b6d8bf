//go:build linux

package store_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"codegraph/internal/atomicfile"
	"codegraph/internal/serve/store"
)

// TestDiskFull: on a full disk runs can be ended and removed, what is refused
// says why, and the history opens.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=8m"); err != nil {
		t.Skip("no file system of a bounded size can be mounted here:", err)
	}
	t.Cleanup(func() { syscall.Unmount(dir, syscall.MNT_DETACH) })
	data := filepath.Join(dir, "data")
	s := open(t, data)
	a, b := add(t, s), add(t, s)
	if _, ok, err := s.Start(t.Context()); !ok || err != nil {
		t.Fatal(ok, err)
	}
	fill(t, dir)
	text := "a longer name"
	if err := s.Rename(t.Context(), b.ID, &text, nil); err == nil {
		t.Log("there was still room for a name")
	} else if !errors.Is(err, atomicfile.ErrDiskFull) {
		t.Errorf("a name on a full disk: %v", err)
	}
	if err := s.End(t.Context(), a.ID, store.Outcome{Status: store.Failed, Error: "no space"}); err != nil {
		t.Errorf("the end of a run on a full disk: %v", err)
	}
	if err := s.Close(); err != nil {
		t.Logf("close: %v", err)
	}
	s = open(t, data)
	fill(t, dir)
	if err := s.Remove(t.Context(), a.ID); err != nil {
		t.Errorf("remove on a full disk: %v", err)
	}
	if _, err := s.Run(t.Context(), a.ID); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("the removed run: %v", err)
	}
}

// fill leaves no byte free.
func fill(t *testing.T, dir string) {
	t.Helper()
	f, err := os.OpenFile(filepath.Join(dir, "filler"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	for _, n := range []int{1 << 20, 1 << 12, 1} {
		for {
			if _, err := f.Write(bytes.Repeat([]byte{1}, n)); err != nil {
				break
			}
		}
	}
}
