package imageset

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// extensions are those of the formats that Load reads.
var extensions = []string{".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".webp"}

// IsImageName reports whether the name of a file says that Load can read it.
func IsImageName(name string) bool {
	return slices.Contains(extensions, strings.ToLower(path.Ext(filepath.ToSlash(name))))
}

// Walk collects the images in files and folders, sub-folders included, in
// lexical order. Hidden files and folders, links to folders and files of
// other kinds are passed over, but a file named as a root is always taken.
// Names are relative to their root; where two roots hold the same name, both
// begin with the root's base name. A root that does not exist is an error;
// what cannot be read below one is a Problem.
func Walk(ctx context.Context, roots []string) (Set, []Problem, error) {
	w := walker{ctx: ctx, seen: make(map[string]bool)}
	for _, root := range roots {
		if err := w.root(root); err != nil {
			return nil, nil, err
		}
	}
	return w.named(), w.problems, nil
}

type found struct{ root, rel, path string }

type walker struct {
	ctx      context.Context
	seen     map[string]bool // absolute paths
	found    []found
	problems []Problem
}

func (w *walker) root(root string) error {
	info, err := os.Stat(root)
	if err != nil {
		return fmt.Errorf("imageset: %w", err)
	}
	if !info.IsDir() {
		return w.add(filepath.Dir(root), root)
	}
	return filepath.WalkDir(root+string(filepath.Separator), func(p string, d fs.DirEntry, err error) error {
		if w.ctx.Err() != nil {
			return w.ctx.Err()
		}
		if err != nil {
			w.problems = append(w.problems, Problem{filepath.ToSlash(p), err})
			return nil
		}
		below := filepath.Clean(p) != filepath.Clean(root)
		switch {
		case below && strings.HasPrefix(d.Name(), "."):
			if d.IsDir() {
				return fs.SkipDir
			}
		case !d.IsDir() && IsImageName(p):
			if to, err := os.Stat(p); err == nil && to.IsDir() {
				return nil // a link to a folder
			}
			return w.add(root, p)
		}
		return nil
	})
}

func (w *walker) add(root, p string) error {
	abs, err := filepath.Abs(p)
	if err != nil {
		return fmt.Errorf("imageset: %w", err)
	}
	if w.seen[abs] {
		return nil
	}
	w.seen[abs] = true
	rel, err := filepath.Rel(root, p)
	if err != nil {
		return fmt.Errorf("imageset: %w", err)
	}
	w.found = append(w.found, found{root, filepath.ToSlash(rel), filepath.Clean(p)})
	return nil
}

// named gives every file the shortest name that is unique: relative to its
// root, with the root's base name, with a number.
func (w *walker) named() Set {
	times := make(map[string]int)
	for _, f := range w.found {
		times[f.rel]++
	}
	used := make(map[string]bool)
	var set Set
	for _, f := range w.found {
		name := f.rel
		if times[name] > 1 {
			base := filepath.Base(f.root)
			if abs, err := filepath.Abs(f.root); err == nil {
				base = filepath.Base(abs)
			}
			name = path.Join(base, name)
		}
		for k, stem := 2, name; used[name]; k++ {
			name = fmt.Sprintf("%s#%d", stem, k)
		}
		used[name] = true
		set = append(set, Item{Name: name, Path: f.path})
	}
	return set
}
