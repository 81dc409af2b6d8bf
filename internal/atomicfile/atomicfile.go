package atomicfile

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

const tempSuffix = ".cgtmp"

// ErrDiskFull marks the error of a write that found no space left.
var ErrDiskFull = errors.New("no space left on the device")

var errAborted = errors.New("atomicfile: file is closed")

// sink is what File needs of an *os.File; tests put a failing one in.
type sink interface {
	io.Writer
	Sync() error
	Close() error
}

// File is a file in the making. It is not safe for concurrent use.
type File struct {
	path, temp string
	out        sink
	err        error // first failed write, or errAborted once closed
}

// Create starts a file that Commit will put at path, replacing the file that is there;
// a folder, a pipe or a device is not replaced. The folder must exist. Permissions are
// 0666 before the umask.
func Create(path string) (*File, error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("write %s: it is there and is not a file: name another", path)
	}
	dir, base := filepath.Split(path)
	for range 100 {
		temp := filepath.Join(dir, tempName(base))
		f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o666)
		if errors.Is(err, fs.ErrExist) {
			continue
		}
		if err != nil {
			return nil, describe(path, err)
		}
		return &File{path: path, temp: temp, out: f}, nil
	}
	return nil, fmt.Errorf("write %s: no free temporary name beside it", path)
}

// tempName shortens base, so that a target whose name just fits the file
// system's limit has a temporary name that fits as well.
func tempName(base string) string {
	if len(base) > 64 {
		base = strings.ToValidUTF8(base[:64], "")
	}
	return "." + base + "." + strconv.FormatUint(rand.Uint64(), 36) + tempSuffix
}

// IsTemp reports whether name is one that a killed process may have left
// behind. Only the last element of a path counts.
func IsTemp(name string) bool {
	base := filepath.Base(name)
	return strings.HasPrefix(base, ".") && strings.HasSuffix(base, tempSuffix)
}

// Write writes p. After an error nothing can be committed any more.
func (f *File) Write(p []byte) (int, error) {
	if f.err != nil {
		return 0, f.err
	}
	n, err := f.out.Write(p)
	if err != nil {
		f.err = describe(f.path, err)
	}
	return n, f.err
}

// Commit flushes the file to the disk and gives it its name. If that or an
// earlier Write failed, the temporary file is removed, the target is left as
// it was, and the error says why.
func (f *File) Commit() error {
	if f.out == nil {
		return f.err
	}
	err := f.err
	if err == nil {
		err = describe(f.path, f.out.Sync())
	}
	// A network file system may report a full disk only here.
	if cerr := f.out.Close(); err == nil {
		err = describe(f.path, cerr)
	}
	if err == nil {
		err = describe(f.path, os.Rename(f.temp, f.path))
	}
	if err != nil {
		os.Remove(f.temp)
	}
	f.out, f.err = nil, errAborted
	return err
}

// Abort removes the temporary file. After Commit it does nothing, so it may
// be deferred.
func (f *File) Abort() {
	if f.out == nil {
		return
	}
	f.out.Close()
	os.Remove(f.temp)
	f.out, f.err = nil, errAborted
}

// Write makes the file at path from what content writes, or leaves path as
// it was and returns the error.
func Write(path string, content func(io.Writer) error) error {
	f, err := Create(path)
	if err != nil {
		return err
	}
	defer f.Abort()
	if err := content(f); err != nil {
		return err
	}
	return f.Commit()
}

// describe names the target instead of the temporary file, keeps the cause
// for errors.Is and marks a full disk.
func describe(path string, err error) error {
	if err == nil {
		return nil
	}
	cause := err
	if pe, ok := errors.AsType[*fs.PathError](err); ok {
		cause = pe.Err
	} else if le, ok := errors.AsType[*os.LinkError](err); ok {
		cause = le.Err
	}
	if IsDiskFull(cause) && !errors.Is(cause, ErrDiskFull) {
		return fmt.Errorf("write %s: %w", path, ErrDiskFull)
	}
	return fmt.Errorf("write %s: %w", path, cause)
}
