package atomicfile

import (
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// names lists a folder.
func names(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return strings.Join(out, " ")
}

func mustRead(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func TestCommitReplaces(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	for _, content := range []string{"", "first", "second, longer", "3"} {
		f, err := Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(f, content); err != nil {
			t.Fatal(err)
		}
		if err := f.Commit(); err != nil {
			t.Fatal(err)
		}
		f.Abort()
		if got := mustRead(t, path); got != content {
			t.Errorf("read %q, wrote %q", got, content)
		}
	}
	if got := names(t, dir); got != "a.txt" {
		t.Errorf("left in the folder: %s", got)
	}
}

func TestAbortKeepsTarget(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "a.txt")
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	f, err := Create(path)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(f, "half of the n")
	if entries := strings.Fields(names(t, dir)); len(entries) != 2 || !IsTemp(entries[0]) {
		t.Errorf("while writing: %v, want one temporary file beside a.txt", entries)
	}
	f.Abort()
	f.Abort()
	if err := f.Commit(); err == nil {
		t.Error("Commit after Abort succeeded")
	}
	if _, err := f.Write([]byte("x")); err == nil {
		t.Error("Write after Abort succeeded")
	}
	if got := names(t, dir) + "=" + mustRead(t, path); got != "a.txt=old" {
		t.Errorf("after Abort: %s", got)
	}
}

// failing fails in one of its methods.
type failing struct {
	sink
	write, sync, close error
}

func (f failing) Write(p []byte) (int, error) {
	if f.write != nil {
		return len(p) / 2, f.write
	}
	return f.sink.Write(p)
}

func (f failing) Sync() error { return f.sync }

func (f failing) Close() error {
	f.sink.Close()
	return f.close
}

func TestFailuresLeaveTarget(t *testing.T) {
	full := &fs.PathError{Op: "write", Path: "x", Err: diskFull}
	for _, tt := range []struct {
		name string
		sink failing
	}{
		{"write", failing{write: full}},
		{"sync", failing{sync: full}},
		{"close", failing{close: full}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, "a.txt")
			if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
				t.Fatal(err)
			}
			f, err := Create(path)
			if err != nil {
				t.Fatal(err)
			}
			tt.sink.sink, f.out = f.out, nil
			f.out = tt.sink
			io.WriteString(f, "new")
			err = f.Commit()
			if !errors.Is(err, ErrDiskFull) {
				t.Errorf("Commit: %v, want ErrDiskFull", err)
			}
			if err != nil && !strings.Contains(err.Error(), path) {
				t.Errorf("%q does not name %s", err, path)
			}
			if got := names(t, dir) + "=" + mustRead(t, path); got != "a.txt=old" {
				t.Errorf("after the failure: %s", got)
			}
		})
	}
}

// /dev/full is a device that takes no byte.
func TestDevFull(t *testing.T) {
	dev, err := os.OpenFile("/dev/full", os.O_WRONLY, 0)
	if err != nil {
		t.Skip("no /dev/full here")
	}
	dir := t.TempDir()
	f, err := Create(filepath.Join(dir, "a.txt"))
	if err != nil {
		t.Fatal(err)
	}
	f.out.Close()
	f.out = dev
	if _, err := io.WriteString(f, "new"); !errors.Is(err, ErrDiskFull) {
		t.Errorf("Write: %v, want ErrDiskFull", err)
	}
	if err := f.Commit(); !errors.Is(err, ErrDiskFull) {
		t.Errorf("Commit: %v, want ErrDiskFull", err)
	}
	if got := names(t, dir); got != "" {
		t.Errorf("left in the folder: %s", got)
	}
}

func TestCreateErrors(t *testing.T) {
	dir := t.TempDir()
	if _, err := Create(filepath.Join(dir, "no", "a.txt")); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("missing folder: %v", err)
	}
	// A folder cannot be replaced by a file.
	if err := os.MkdirAll(filepath.Join(dir, "d", "e"), 0o777); err != nil {
		t.Fatal(err)
	}
	err := Write(filepath.Join(dir, "d"), func(w io.Writer) error { return nil })
	if err == nil {
		t.Error("a file replaced a folder")
	}
	if got := names(t, dir); got != "d" {
		t.Errorf("left in the folder: %s", got)
	}
}

func TestWriteKeepsTargetOnError(t *testing.T) {
	dir := t.TempDir()
	boom := errors.New("boom")
	err := Write(filepath.Join(dir, "a.txt"), func(w io.Writer) error {
		io.WriteString(w, "half")
		return boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("err = %v", err)
	}
	if got := names(t, dir); got != "" {
		t.Errorf("left in the folder: %s", got)
	}
}

func TestLongNames(t *testing.T) {
	path := filepath.Join(t.TempDir(), strings.Repeat("ü", 125)+".txt")
	if err := Write(path, func(w io.Writer) error { return nil }); err != nil {
		t.Error(err)
	}
}
