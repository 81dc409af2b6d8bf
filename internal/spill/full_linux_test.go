package spill

import (
	"errors"
	"os"
	"os/exec"
	"testing"

	"golang.org/x/sys/unix"
)

// tiny mounts a file system of 1 MiB.
func tiny(t *testing.T) string {
	dir := t.TempDir()
	if err := unix.Mount("tmpfs", dir, "tmpfs", 0, "size=1m"); err != nil {
		t.Skipf("needs a file system of 1 MiB, which this user may not mount: %v", err)
	}
	t.Cleanup(func() { unix.Unmount(dir, unix.MNT_DETACH) })
	return dir
}

// TestDiskFull: on a full disk New fails, and nothing is left behind. (With a
// sparse file the first write to the numbers would kill the process.)
func TestDiskFull(t *testing.T) {
	dir := tiny(t)
	if _, err := New(dir, "the test", 1<<20); !errors.Is(err, ErrDiskFull) {
		t.Errorf("4 MiB on a disk of 1 MiB: %v", err)
	}
	empty(t, dir)
	f, err := New(dir, "the test", 1<<16)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	empty(t, dir) // the name is gone at once
	if _, err := New(dir, "the test", 1<<18-1<<12); !errors.Is(err, ErrDiskFull) {
		t.Errorf("the blocks of the first file were not taken: %v", err)
	}
	for i := range f.Values() {
		f.Values()[i] = 1
	}
}

// TestWriteZeros: where blocks cannot be reserved a full disk is noticed, too.
func TestWriteZeros(t *testing.T) {
	file, err := os.CreateTemp(tiny(t), "")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	if err := writeZeros(file, 2<<20); !errors.Is(err, unix.ENOSPC) {
		t.Error(err)
	}
	if err := writeZeros(file, 1<<20); err != nil {
		t.Error(err)
	}
}

// TestFileSizeLimit: a limit on the size of files (ulimit -f) is an error of
// New. The limit is set in a process of its own.
func TestFileSizeLimit(t *testing.T) {
	if os.Getenv("SPILL_TEST_LIMIT") == "" {
		cmd := exec.Command(os.Args[0], "-test.run=^TestFileSizeLimit$")
		cmd.Env = append(os.Environ(), "SPILL_TEST_LIMIT=1", "GOCOVERDIR="+t.TempDir())
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Errorf("%v\n%s", err, out)
		}
		return
	}
	if err := unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: 1 << 20, Max: 1 << 20}); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	if _, err := New(dir, "the test", 1<<20); !errors.Is(err, unix.EFBIG) {
		t.Errorf("4 MiB where files may have 1 MiB: %v", err)
	}
	empty(t, dir)
}

func TestDirNotInMemory(t *testing.T) {
	if inMemory("/var/tmp") {
		t.Skip("needs a /var/tmp on a disk")
	}
	t.Setenv("TMPDIR", tiny(t))
	if dir := folder(); dir != "/var/tmp" {
		t.Errorf("temporary files go to %s, which is in memory", dir)
	}
}
