package cache

import (
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"codegraph/internal/atomicfile"
	"codegraph/internal/regular"
)

// DefaultLimit is the limit, in bytes, of a folder opened with limit 0.
const DefaultLimit = 20 << 30

// ErrTooLarge is wrapped by the error of putting a value that exceeds the
// limit by itself; other values may still fit.
var ErrTooLarge = errors.New("larger than the cache may become")

// Dir is a folder of entries. It is safe for concurrent use.
type Dir struct {
	path  string
	limit int64 // negative: none
	now   func() time.Time

	mu     sync.Mutex
	used   int64 // bytes of the entries: at the last scan, plus what was put since
	unseen int64 // bytes put since the last scan
}

// DefaultDir is the folder "codegraph" among the user's cache folders.
func DefaultDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("there is no folder for caches (%w); name one", err)
	}
	return filepath.Join(base, "codegraph"), nil
}

// Open makes or opens the cache in the folder dir, DefaultDir if it is "".
// The entries may take up limit bytes; 0 means DefaultLimit, a negative limit
// none. A folder that cannot be written can still be read. Files in dir that
// are not of the cache's making are left alone.
func Open(dir string, limit int64) (*Dir, error) {
	return open(dir, limit, time.Now)
}

func open(dir string, limit int64, now func() time.Time) (*Dir, error) {
	if dir == "" {
		var err error
		if dir, err = DefaultDir(); err != nil {
			return nil, err
		}
	}
	if limit == 0 {
		limit = DefaultLimit
	}
	d := &Dir{path: dir, limit: limit, now: now}
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("%w; name another folder", err)
	}
	if err := d.removeStale(); err != nil {
		return nil, err
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.trim(""); err != nil {
		return nil, err
	}
	return d, nil
}

// file is the name of an entry's file.
func (k *kind) file(key Key) string { return key.String() + "." + k.name }

// kindOf tells which kind of entry a file is by its name, nil for none.
func kindOf(name string) *kind {
	key, ext, _ := strings.Cut(name, ".")
	if !isKey(key) {
		return nil
	}
	for _, k := range kinds {
		if ext == k.name {
			return k
		}
	}
	return nil
}

// isKey reports whether s is the String of a key.
func isKey(s string) bool {
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == len(Key{}) && s == strings.ToLower(s)
}

// get passes the payload of an entry to decode and reports whether all of it
// was good.
func (d *Dir) get(k *kind, key Key, decode func(*reader) error) bool {
	path := filepath.Join(d.path, k.file(key))
	err := readFile(path, k, key, decode)
	if errors.Is(err, errDamaged) {
		os.Remove(path)
	}
	if err != nil {
		return false
	}
	d.touch(path)
	return true
}

func readFile(path string, k *kind, key Key, decode func(*reader) error) error {
	f, err := regular.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if !info.Mode().IsRegular() {
		return fmt.Errorf("%s is not a file", path)
	}
	return readEntry(f, info.Size(), k, key, decode)
}

// put writes an entry whose payload comes from encode, then removes others if
// there are too many.
func (d *Dir) put(k *kind, key Key, shape []uint64, encode func(*writer) error) error {
	size, ok := k.size(shape)
	if !ok {
		return fmt.Errorf("no %s of shape %d can be kept", k.name, shape)
	}
	if d.limit >= 0 && size > d.limit {
		return fmt.Errorf("%s of %d bytes: %w (%d bytes); raise the limit", k.name, size, ErrTooLarge, d.limit)
	}
	// The folder may have been removed meanwhile.
	if err := os.MkdirAll(d.path, 0o777); err != nil {
		return err
	}
	name := k.file(key)
	path := filepath.Join(d.path, name)
	err := atomicfile.Write(path, func(w io.Writer) error { return writeEntry(w, k, key, shape, encode) })
	if err != nil {
		return err
	}
	d.touch(path)
	return d.grow(name, size)
}

// touch marks a file as used now. Where that is not allowed the order of
// removal suffers, nothing else.
func (d *Dir) touch(path string) {
	now := d.now()
	_ = os.Chtimes(path, now, now)
}
