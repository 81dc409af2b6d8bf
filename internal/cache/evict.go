package cache

import (
	"cmp"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"codegraph/internal/atomicfile"
)

// staleAfter is the age at which a temporary file has no writer any more.
const staleAfter = time.Hour

// Usage is how much there is of something.
type Usage struct {
	Entries int
	Bytes   int64
}

func (u *Usage) add(bytes int64) {
	u.Entries++
	u.Bytes += bytes
}

// Stat describes the contents of a cache.
type Stat struct {
	Usage                  // in all
	Kinds map[string]Usage // by kind: "features", "table", "scores", "bytes"
}

// Stat looks at what there is.
func (d *Dir) Stat() (Stat, error) {
	s := Stat{Kinds: make(map[string]Usage)}
	entries, err := d.scan()
	for _, e := range entries {
		s.add(e.size)
		u := s.Kinds[e.kind.name]
		u.add(e.size)
		s.Kinds[e.kind.name] = u
	}
	return s, err
}

// Clear removes every entry, but nothing else that lies in the folder.
func (d *Dir) Clear() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	entries, err := d.scan()
	if err != nil {
		return err
	}
	var errs []error
	for _, e := range entries {
		if err := d.remove(e.name); err != nil {
			errs = append(errs, err)
		}
	}
	d.used, d.unseen = 0, 0
	return errors.Join(errs...)
}

// entry is a file of the cache.
type entry struct {
	name string
	kind *kind
	size int64
	used time.Time
}

// scan lists the entries in the order in which they are given up.
func (d *Dir) scan() ([]entry, error) {
	var entries []entry
	err := d.each(func(name string, info fs.FileInfo) {
		if k := kindOf(name); k != nil {
			entries = append(entries, entry{name, k, info.Size(), info.ModTime()})
		}
	})
	slices.SortFunc(entries, func(a, b entry) int {
		late := func(e entry) int {
			if e.kind == bytesKind {
				return 1
			}
			return 0
		}
		return cmp.Or(late(a)-late(b), a.used.Compare(b.used), strings.Compare(a.name, b.name))
	})
	return entries, err
}

// each calls do for every file in the folder.
func (d *Dir) each(do func(name string, info fs.FileInfo)) error {
	files, err := os.ReadDir(d.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	for _, f := range files {
		// Another process may have removed it.
		if info, err := f.Info(); err == nil && info.Mode().IsRegular() {
			do(f.Name(), info)
		}
	}
	return nil
}

// remove removes a file, if another process has not done so.
func (d *Dir) remove(name string) error {
	err := os.Remove(filepath.Join(d.path, name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return err
}

// removeStale removes what killed processes left behind.
func (d *Dir) removeStale() error {
	return d.each(func(name string, info fs.FileInfo) {
		key, _, _ := strings.Cut(strings.TrimPrefix(name, "."), ".")
		if atomicfile.IsTemp(name) && isKey(key) && d.now().Sub(info.ModTime()) > staleAfter {
			_ = d.remove(name)
		}
	})
}

// grow accounts for a new entry. The folder is looked at when the limit seems
// to be exceeded, and now and then for what other processes have put there.
func (d *Dir) grow(name string, size int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.used += size
	d.unseen += size
	if d.limit < 0 || d.used <= d.limit && d.unseen <= d.limit/16 {
		return nil
	}
	return d.trim(name)
}

// trim counts the entries and, if they exceed the limit, removes some until
// an eighth of it is free: so it does not happen at every Put. The entry
// named keep stays.
func (d *Dir) trim(keep string) error {
	entries, err := d.scan()
	if err != nil {
		return err
	}
	d.used, d.unseen = 0, 0
	for _, e := range entries {
		d.used += e.size
	}
	if d.limit < 0 || d.used <= d.limit {
		return nil
	}
	for _, e := range entries {
		if d.used <= d.limit-d.limit/8 {
			break
		}
		// What cannot be removed (another process may have it open) stays.
		if e.name != keep && d.remove(e.name) == nil {
			d.used -= e.size
		}
	}
	return nil
}
