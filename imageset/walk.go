package imageset

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// ErrKind is wrapped by the Problem of a folder that holds pictures or films of
// kinds that Load does not read; ErrOther by that of one that holds files that
// are not pictures, such as lists, which nobody misses.
var (
	ErrKind  = errors.New("of kinds that are not read")
	ErrOther = errors.New("of kinds that are not pictures")
)

// kindError is another of the same kind, in other words.
type kindError struct {
	text string
	kind error
}

func (e *kindError) Error() string { return e.text }
func (e *kindError) Unwrap() error { return e.kind }

var (
	errMisnamed = &kindError{"whose names do not say that they are pictures; give them the extension of what they are, such as .png", ErrKind}
	errHidden   = &kindError{"with hidden names", ErrOther}
)

// Walk collects the images in files and folders, sub-folders included, in
// lexical order. Links are followed, to each file and folder once. Hidden files and
// folders (named .x, or __MACOSX) are passed over; a file named as a root is
// always taken. Each page of a TIFF is an item of its own, named x.tif#2 and so on
// from the second on.
//
// Whatever else a folder holds is a Problem: what cannot be opened, pipes and
// devices, and one each for all files of kinds that are not read and all that are
// pictures by their first bytes alone (ErrKind), for those that are hidden and those
// that are not pictures (ErrOther), counted by extension.
//
// Names are relative to their root; where two roots hold the same name, both
// begin with the root's base name. A root that does not exist is an error.
func Walk(ctx context.Context, roots []string) (Set, []Problem, error) {
	w := walker{ctx: ctx, seen: make(map[string]bool)}
	for _, root := range roots {
		if err := w.root(root); err != nil {
			return nil, nil, err
		}
	}
	set := w.named()
	return set, append(w.problems, w.counts()...), nil
}

// WalkInside is Walk of one folder that takes links for Problems: for folders
// that others may write to.
func WalkInside(ctx context.Context, dir string) (Set, []Problem, error) {
	w := walker{ctx: ctx, seen: make(map[string]bool), inside: true}
	if err := w.root(dir); err != nil {
		return nil, nil, err
	}
	set := w.named()
	return set, append(w.problems, w.counts()...), nil
}

// Split parts the problems of Walk into those by which an image may be missing and
// remarks on files that are not pictures.
func Split(problems []Problem) (missing []Problem, remarks []string) {
	for _, p := range problems {
		if errors.Is(p, ErrOther) {
			remarks = append(remarks, "passed over "+p.Name+" "+p.Err.Error())
			continue
		}
		missing = append(missing, p)
	}
	return missing, remarks
}

type found struct {
	root, rel, path string
	pages           int
}

type walker struct {
	ctx      context.Context
	inside   bool            // links are not followed
	seen     map[string]bool // real paths
	found    []found
	problems []Problem
	kinds    tally // of pictures that are not read
	misnamed tally // of pictures whose names do not say so
	hidden   tally // of hidden pictures and folders
	others   tally // of other files
}

// tally counts files by extension.
type tally map[string]int

func (t *tally) add(name string) {
	if *t == nil {
		*t = make(tally)
	}
	ext := extension(name)
	if ext == "" {
		ext = "without an extension"
	}
	(*t)[ext]++
}

// problem says how many of which; nil for none.
func (t tally) problem(err error) []Problem {
	if len(t) == 0 {
		return nil
	}
	var parts []string
	total := 0
	for ext, n := range t {
		parts = append(parts, fmt.Sprintf("%s %d", ext, n))
		total += n
	}
	slices.Sort(parts)
	files := "files"
	if total == 1 {
		files = "file"
	}
	return []Problem{{fmt.Sprintf("%d %s", total, files), fmt.Errorf("%w: %s", err, strings.Join(parts, ", "))}}
}

func (w *walker) counts() []Problem {
	return slices.Concat(w.kinds.problem(ErrKind), w.misnamed.problem(errMisnamed), w.hidden.problem(errHidden), w.others.problem(ErrOther))
}

func (w *walker) root(root string) error {
	if root == "" {
		return errors.New("an empty name is that of no file or folder")
	}
	info, err := os.Stat(root)
	if err != nil {
		return fmt.Errorf("cannot find %s: %w", root, errors.Unwrap(err))
	}
	if !info.IsDir() {
		return w.add(filepath.Dir(root), root)
	}
	return w.folder(root, root)
}

// folder takes what dir holds, in lexical order.
func (w *walker) folder(root, dir string) error {
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if again, err := w.visited(dir); again || err != nil {
		return err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		w.problem(dir, err)
	}
	for _, e := range entries {
		if err := w.entry(root, filepath.Join(dir, e.Name()), e); err != nil {
			return err
		}
	}
	return nil
}

func (w *walker) entry(root, p string, e fs.DirEntry) error {
	mode := e.Type()
	if strings.HasPrefix(e.Name(), ".") || e.Name() == "__MACOSX" {
		// ._x.png has what macOS knows of x.png, not its pixels.
		if picture := IsImageName(p) || isUnreadName(p); mode.IsDir() || picture && !strings.HasPrefix(e.Name(), "._") {
			w.hidden.add(p)
		}
		return nil
	}
	if mode&fs.ModeSymlink != 0 {
		if w.inside {
			w.problem(p, fmt.Errorf("%w: it is a link, which is not followed here", ErrNotImage))
			return nil
		}
		info, err := os.Stat(p)
		if err != nil {
			w.problem(p, fmt.Errorf("a link that leads nowhere: %w", errors.Unwrap(err)))
			return nil
		}
		mode = info.Mode().Type()
	}
	switch {
	case mode.IsDir():
		return w.folder(root, p)
	case IsImageName(p) && !mode.IsRegular():
		w.problem(p, fmt.Errorf("%w: it is a pipe, a socket or a device", ErrNotImage))
	case IsImageName(p):
		return w.add(root, p)
	case isUnreadName(p):
		w.kinds.add(p)
	case mode.IsRegular() && beginsAsPicture(firstBytes(p, sniffed)):
		w.misnamed.add(p)
	default:
		w.others.add(p)
	}
	return nil
}

// sniffed is how many first bytes of a file tell its kind.
const sniffed = 512

func (w *walker) problem(p string, err error) {
	w.problems = append(w.problems, Problem{filepath.ToSlash(p), err})
}

// visited reports whether what p stands for was taken before, and remembers it.
func (w *walker) visited(p string) (bool, error) {
	abs, err := filepath.Abs(p)
	if err != nil {
		return false, fmt.Errorf("cannot find %s: %w", p, err)
	}
	if real, err := filepath.EvalSymlinks(abs); err == nil {
		abs = real
	}
	again := w.seen[abs]
	w.seen[abs] = true
	return again, nil
}

func (w *walker) add(root, p string) error {
	if again, err := w.visited(p); again || err != nil {
		return err
	}
	rel, err := filepath.Rel(root, p)
	if err != nil {
		return fmt.Errorf("cannot name %s: %w", p, err)
	}
	w.found = append(w.found, found{root, filepath.ToSlash(rel), filepath.Clean(p), pages(p)})
	return nil
}

// named gives every file the shortest name that is unique: relative to its
// root, with the root's base name, with a number. Names are valid UTF-8.
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
		name = Readable(name)
		for k, stem := 2, name; used[name]; k++ {
			name = fmt.Sprintf("%s#%d", stem, k)
		}
		used[name] = true
		for page := range f.pages {
			it := Item{Name: name, Path: f.path, Page: page}
			if page > 0 {
				it.Name = fmt.Sprintf("%s#%d", name, page+1)
				used[it.Name] = true
			}
			set = append(set, it)
		}
	}
	return set
}

// Readable writes bytes that are not UTF-8 as \xHH, so that names that differ stay different.
func Readable(name string) string {
	if strings.ToValidUTF8(name, "") == name {
		return name
	}
	var b strings.Builder
	for i, r := range name {
		if r == '\uFFFD' && !strings.HasPrefix(name[i:], "\uFFFD") {
			fmt.Fprintf(&b, `\x%02x`, name[i])
			continue
		}
		b.WriteRune(r)
	}
	return b.String()
}

// Original is the path of a file of which path may be the readable form.
func Original(path string) string {
	if _, err := os.Lstat(path); err == nil {
		return path
	}
	return escaped.ReplaceAllStringFunc(path, func(s string) string {
		b, err := hex.DecodeString(s[2:])
		if err != nil {
			return s
		}
		return string(b)
	})
}

var escaped = regexp.MustCompile(`\\x[89a-f][0-9a-f]`)
