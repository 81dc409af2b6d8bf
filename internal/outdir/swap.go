package outdir

import (
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"codegraph/internal/atomicfile"
	"codegraph/internal/filename"
)

// swap puts the unfinished folder in the place of dir in one step, and removes
// what was there: whenever the process dies, one of both is there, whole. ok is
// false, and nothing has changed, where that cannot be done: dir holds files that
// are not ours, is where the program runs, or the file system cannot.
func (o *Folder) swap() (ok bool) {
	real, err := realPath(o.dir)
	if err != nil || !o.alone() || isWorkingFolder(real) {
		return false
	}
	for _, sub := range folders {
		o.root.Remove(filepath.Join(o.stage, sub)) // only if it is empty
	}
	side := sidePrefix(real) + strconv.FormatUint(rand.Uint64(), 36)
	if err := os.Rename(filepath.Join(real, o.stage), side); err != nil {
		return false
	}
	if info, err := os.Stat(real); err == nil {
		os.Chmod(side, info.Mode().Perm())
	}
	if err := exchange(side, real); err != nil {
		os.Rename(side, filepath.Join(real, o.stage))
		return false
	}
	discard(side, o.old)
	return true
}

// alone reports whether all that dir holds is ours.
func (o *Folder) alone() bool {
	err := fs.WalkDir(o.root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case strings.HasPrefix(name, stagePrefix) && d.IsDir():
			return fs.SkipDir
		case d.IsDir() || name == lockName || name == replacedName || atomicfile.IsTemp(name) || o.old[filename.Fold(name)] != "":
			return nil
		}
		return fs.ErrExist
	})
	return err == nil
}

func isWorkingFolder(dir string) bool {
	a, err := os.Stat(".")
	if err != nil {
		return true
	}
	b, err := os.Stat(dir)
	return err != nil || os.SameFile(a, b)
}

// sidePrefix begins the names beside dir that swap uses.
func sidePrefix(dir string) string {
	return filepath.Join(filepath.Dir(dir), stagePrefix+filepath.Base(dir)+"-")
}

// discard removes the files of an output that was swapped away, or never in its
// place. Anything else stays, and its folder with it.
func discard(side string, files map[string]string) {
	root, err := os.OpenRoot(side)
	if err != nil {
		return
	}
	defer root.Close()
	// The manifest goes last: whoever is killed here leaves what the next can tell.
	for _, f := range files {
		if f != Results {
			root.Remove(filepath.FromSlash(f))
		}
	}
	var dirs []string
	fs.WalkDir(root.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() {
			if strings.HasPrefix(name, stagePrefix) {
				root.RemoveAll(name)
				return fs.SkipDir
			}
			dirs = append(dirs, name)
		} else if err == nil && atomicfile.IsTemp(name) {
			root.Remove(name)
		}
		return nil
	})
	for i := len(dirs) - 1; i > 0; i-- { // "." is the first
		root.Remove(filepath.FromSlash(dirs[i]))
	}
	for _, f := range []string{lockName, replacedName, Results} {
		root.Remove(f)
	}
	os.Remove(side)
}

// sweepBeside removes what killed runs left beside dir, which is locked.
func sweepBeside(dir string) {
	real, err := realPath(dir)
	if err != nil {
		return
	}
	prefix := sidePrefix(real)
	entries, err := os.ReadDir(filepath.Dir(real))
	if err != nil {
		return
	}
	for _, e := range entries {
		side := filepath.Join(filepath.Dir(real), e.Name())
		if !e.IsDir() || !strings.HasPrefix(side, prefix) {
			continue
		}
		if files, err := readManifest(side); err == nil {
			discard(side, files)
		}
	}
}
