package outdir

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"
)

// lockName is the file that says who writes to a folder. It is locked while that
// process lives, whatever becomes of the file.
const lockName = ".codegraph-lock"

// ErrBusy marks the error of a folder that another process writes to.
var ErrBusy = errors.New("another scan writes to it")

// locks are the folders that this process holds, by absolute path: a scan holds
// its folder from its start, and again while it writes.
var locks = struct {
	sync.Mutex
	held map[string]*held
}{held: make(map[string]*held)}

type held struct {
	count int
	file  *os.File
}

// Lock makes the folder dir and holds it until release is called. A folder that
// another process holds is ErrBusy, with what is known of it.
func Lock(dir string) (release func(), err error) {
	made, err := makeDir(dir)
	if err != nil {
		return nil, err
	}
	unmake := func() {
		for _, d := range slices.Backward(made) {
			os.Remove(d) // only if still empty
		}
	}
	key, err := realPath(dir)
	if err != nil {
		return nil, fmt.Errorf("output folder %s: %w", dir, err)
	}
	locks.Lock()
	defer locks.Unlock()
	h := locks.held[key]
	if h == nil {
		file, err := lockFile(filepath.Join(key, lockName))
		if err != nil {
			unmake()
			return nil, fmt.Errorf("output folder %s: %w", dir, err)
		}
		h = &held{file: file}
		locks.held[key] = h
	}
	h.count++
	return sync.OnceFunc(func() {
		locks.Lock()
		defer locks.Unlock()
		if h.count--; h.count == 0 {
			delete(locks.held, key)
			os.Remove(filepath.Join(key, lockName))
			h.file.Close()
		}
		unmake()
	}), nil
}

// lockFile makes and locks a file, and writes into it whose it is.
func lockFile(name string) (*os.File, error) {
	for range 10 {
		f, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE, 0o666)
		if err != nil {
			return nil, fmt.Errorf("it is not writable: %w", err)
		}
		if err := lock(f); err != nil {
			defer f.Close()
			if !errors.Is(err, errLocked) {
				return f, nil // no locks on this file system: better than no scan
			}
			return nil, fmt.Errorf("%w%s: wait for it, or name another folder", ErrBusy, holder(f))
		}
		// The one who held it may have removed the file since it was opened.
		if a, err := f.Stat(); err == nil {
			if b, err := os.Stat(name); err == nil && os.SameFile(a, b) {
				f.Truncate(0)
				host, _ := os.Hostname()
				fmt.Fprintf(f, "process %d on %s since %s\n", os.Getpid(), host, time.Now().Format(time.DateTime))
				return f, nil
			}
		}
		f.Close()
	}
	return nil, fmt.Errorf("%w: try again", ErrBusy)
}

func holder(f *os.File) string {
	b := make([]byte, 200)
	n, _ := f.ReadAt(b, 0)
	if text := strings.TrimSpace(string(b[:n])); text != "" {
		return " (" + text + ")"
	}
	return ""
}

// realPath is the absolute path of an existing folder, links resolved.
func realPath(dir string) (string, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(dir)
}
