package spill

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codegraph/internal/atomicfile"
)

func TestFile(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	f, err := New(dir, "the test", 1000)
	if err != nil {
		t.Fatal(err)
	}
	v := f.Values()
	if len(v) != 1000 || v[0] != 0 || v[999] != 0 {
		t.Errorf("%d numbers, %v to %v", len(v), v[0], v[999])
	}
	for i := range v {
		v[i] = float32(i)
	}
	if v[999] != 999 {
		t.Errorf("the last is %v", v[999])
	}
	for range 2 {
		if err := f.Close(); err != nil {
			t.Error(err)
		}
	}
	empty(t, dir)
}

func empty(t *testing.T, dir string) {
	t.Helper()
	if left, err := os.ReadDir(dir); err != nil || len(left) != 0 {
		t.Errorf("%v was left behind (%v)", left, err)
	}
}

func TestNoFolder(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "none")
	_, err := New(dir, "the test", 1000)
	if !errors.Is(err, os.ErrNotExist) || !strings.Contains(err.Error(), dir) {
		t.Error(err)
	}
	for _, n := range []int{-1, 0} {
		if _, err := New(t.TempDir(), "the test", n); err == nil {
			t.Errorf("%d numbers were taken", n)
		}
	}
}

func TestIsDiskFull(t *testing.T) {
	t.Parallel()
	if !errors.Is(ErrDiskFull, atomicfile.ErrDiskFull) {
		t.Error("not one of a full disk")
	}
}
