//go:build unix

package regular

import (
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// TestRead: files are read up to a bound, and what is none is refused at once.
func TestRead(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	if err := errors.Join(os.WriteFile(at("file"), []byte("12345"), 0o600), os.Symlink("file", at("link")), syscall.Mkfifo(at("pipe"), 0o600), os.Symlink("pipe", at("to-pipe"))); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]error{at("file"): nil, at("link"): nil, at("none"): os.ErrNotExist, at("pipe"): ErrOther, at("to-pipe"): ErrOther, os.DevNull: ErrOther, "/dev/zero": ErrOther} {
		data, err := Read(path, 5)
		if !errors.Is(err, want) || err == nil && string(data) != "12345" {
			t.Errorf("%s: %q, %v", path, data, err)
		}
	}
	if _, err := Read(at("file"), 4); !errors.Is(err, ErrLong) {
		t.Errorf("a long file: %v", err)
	}
	if _, err := Read(dir, 5); err == nil {
		t.Error("a folder is read")
	}
}
