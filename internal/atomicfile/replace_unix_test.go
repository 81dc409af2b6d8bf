//go:build unix

package atomicfile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestNoFileStays: what is not a file is not replaced by one.
func TestNoFileStays(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.Mkdir(at("folder"), 0o700), syscall.Mkfifo(at("pipe"), 0o600), os.Symlink(os.DevNull, at("to-device"))); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"folder", "pipe", "to-device"} {
		before, err := os.Lstat(at(name))
		if err != nil {
			t.Fatal(err)
		}
		if err := Write(at(name), func(w io.Writer) error { _, err := w.Write([]byte("x")); return err }); err == nil {
			t.Errorf("%s is written", name)
		}
		if after, err := os.Lstat(at(name)); err != nil || after.Mode() != before.Mode() {
			t.Errorf("%s is %v now, %v", name, after.Mode(), err)
		}
	}
	if names, err := os.ReadDir(dir); err != nil || len(names) != 3 {
		t.Errorf("%v, %v", names, err)
	}
}
