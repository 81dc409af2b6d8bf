package outdir

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"codegraph/internal/atomicfile"
	"codegraph/internal/filename"
	"codegraph/internal/regular"
)

// Names inside an output folder.
const (
	Results = "results.json"
	Scores  = "scores.csv"
	Regions = "regions.coco.json"
	Page    = "report.html"

	Maps       = "maps"
	Masks      = "masks"
	Overlays   = "overlays"
	Grids      = "grids"
	Families   = "families"
	Thumbnails = "thumbnails" // of a page that cannot hold them all
	// Input is where a program that makes its own images keeps them; see TempDir.
	Input = "input"

	// replacedName is Results while the files it lists are replaced.
	replacedName = ".results.json.old"
	// stagePrefix starts the folder that files are written to first.
	stagePrefix = ".codegraph-partial-"
)

// SchemaPrefix begins the "schema" of a Results of ours.
const SchemaPrefix = "codegraph.results/"

var folders = []string{Maps, Masks, Overlays, Grids, Families, Thumbnails}

var topNames = append([]string{Results, Scores, Regions, Page, Input}, folders...)

// ErrForeign marks the error of an output folder that holds files of the
// names we would write, but not from an earlier run.
var ErrForeign = errors.New("not written by an earlier run")

// Check finds out whether Write will be able to use dir, before the work
// starts: dir is made, a file written in it, and both removed again. A folder
// that exists must be empty, or hold an earlier output, or hold none of the
// names that Write uses.
func Check(dir string) error {
	made, err := makeDir(dir)
	if err != nil {
		return err
	}
	defer func() {
		for _, d := range slices.Backward(made) {
			os.Remove(d)
		}
	}()
	release, err := Lock(dir)
	if err != nil {
		return err
	}
	defer release()
	if _, err := readManifest(dir); err != nil {
		return err
	}
	f, err := atomicfile.Create(filepath.Join(dir, "probe"))
	if err != nil {
		return fmt.Errorf("output folder %s is not writable: %w", dir, err)
	}
	f.Abort()
	return nil
}

// makeDir makes dir and its missing parents, which it returns from the top.
func makeDir(dir string) (made []string, err error) {
	for d := filepath.Clean(dir); ; d = filepath.Dir(d) {
		info, err := os.Stat(d)
		if err == nil && !info.IsDir() {
			return nil, fmt.Errorf("output folder %s: %s is a file", dir, d)
		}
		if err == nil || errors.Is(err, fs.ErrPermission) || d == filepath.Dir(d) {
			break
		}
		// Not there, or below a file, which shows further up.
		made = append(made, d)
	}
	slices.Reverse(made)
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, fmt.Errorf("output folder %s cannot be made: %w", dir, err)
	}
	return made, nil
}

// manifest is the part of results.json that says what belongs to it.
type manifest struct {
	Schema string   `json:"schema"`
	Files  []string `json:"files"`
}

// manifestAt reads one results.json; ok is false if it is none of ours.
func manifestAt(file string) (m manifest, ok bool) {
	f, err := regular.Open(file)
	if err != nil {
		return m, false
	}
	defer f.Close()
	if json.NewDecoder(f).Decode(&m) != nil {
		return m, false
	}
	return m, strings.HasPrefix(m.Schema, SchemaPrefix)
}

// IsOutput reports whether dir holds an output of Write.
func IsOutput(dir string) bool {
	for _, name := range []string{Results, replacedName} {
		if _, ok := manifestAt(filepath.Join(dir, name)); ok {
			return true
		}
	}
	return false
}

// readManifest returns the files of dir, folded by filename.Fold, that earlier
// runs wrote, those of an interrupted one included. It fails if dir holds a
// name of ours that no earlier run wrote.
func readManifest(dir string) (map[string]string, error) {
	files := map[string]string{}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("output folder %s: %w", dir, err)
	}
	ours := false
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
		candidate := e.Name()
		if strings.HasPrefix(candidate, stagePrefix) {
			candidate = filepath.Join(candidate, Results)
		} else if candidate != Results && candidate != replacedName {
			continue
		}
		m, ok := manifestAt(filepath.Join(dir, candidate))
		if !ok {
			continue
		}
		ours = true
		for _, f := range append(m.Files, Results) {
			if owned(f) {
				files[filename.Fold(f)] = f
			}
		}
	}
	if ours {
		return files, nil
	}
	for _, name := range names {
		if slices.Contains(topNames, name) {
			return nil, fmt.Errorf("output folder %s: %s is %w: name another folder, or move it away", dir, name, ErrForeign)
		}
	}
	return files, nil
}

// owned reports whether a manifest may claim the file: a manifest is data,
// and a wrong one must not make us remove anything else.
func owned(file string) bool {
	if !filepath.IsLocal(filepath.FromSlash(file)) || path.Clean(file) != file {
		return false
	}
	top, _, nested := strings.Cut(file, "/")
	if file == Results || file == Scores || file == Regions || file == Page {
		return true
	}
	return nested && slices.Contains(topNames, top)
}

// TempDir makes the output folder dir and a hidden folder inside it for
// images that are to become part of the output: given to Write as
// Options.Inputs, its files end up under Input. remove removes what is
// left of it, and dir if that is new and empty.
func TempDir(dir string) (inputs string, remove func(), err error) {
	made, err := makeDir(dir)
	if err != nil {
		return "", nil, err
	}
	inputs, err = os.MkdirTemp(dir, stagePrefix+"*")
	if err != nil {
		return "", nil, fmt.Errorf("output folder %s is not writable: %w", dir, err)
	}
	return inputs, func() {
		os.RemoveAll(inputs)
		for _, d := range slices.Backward(made) {
			os.Remove(d)
		}
	}, nil
}

// Folder is an output folder in the making. Files are written to a folder
// inside it and moved to their places when all are complete.
type Folder struct {
	dir   string
	stage string // name of the folder of unfinished files, inside dir
	root  *os.Root
	made  []string          // folders that did not exist before
	old   map[string]string // files of earlier runs
	done  bool

	release func() // of the lock
}

// Open starts an output in dir, which it makes if need be and locks. Whatever is
// in dir stays as it is until Publish; Close must be called.
func Open(dir string) (*Folder, error) {
	made, err := makeDir(dir)
	if err != nil {
		return nil, err
	}
	release, err := Lock(dir)
	if err != nil {
		return nil, err
	}
	sweepBeside(dir)
	o := &Folder{dir: dir, made: made, release: release, stage: stagePrefix + strconv.FormatUint(rand.Uint64(), 36)}
	if o.old, err = readManifest(dir); err != nil {
		release()
		return nil, err
	}
	if o.root, err = os.OpenRoot(dir); err != nil {
		release()
		return nil, fmt.Errorf("output folder %s: %w", dir, err)
	}
	for _, sub := range folders {
		if err := o.root.MkdirAll(path.Join(o.stage, sub), 0o777); err != nil {
			o.Close()
			return nil, fmt.Errorf("output folder %s is not writable: %w", dir, err)
		}
	}
	return o, nil
}

// Write makes one file; name is its slash-separated place in the output.
func (o *Folder) Write(name string, content func(io.Writer) error) error {
	return atomicfile.Write(filepath.Join(o.dir, o.stage, filepath.FromSlash(name)), content)
}

// Close removes what was not published.
func (o *Folder) Close() {
	o.root.RemoveAll(o.stage)
	o.root.Close()
	o.release()
	if o.done {
		return
	}
	for _, d := range slices.Backward(o.made) {
		os.Remove(d) // only if still empty
	}
}

// Publish replaces the earlier output by the files written, in one step where that
// can be (see swap). Otherwise the old results.json steps aside, stale files go,
// new ones are moved into place, results.json last: whenever the process dies in
// between, there is no results.json, and the next run still knows every file of
// both outputs. files are all files of the new output; inputs is the folder, inside this
// one, that those under Input come from.
func (o *Folder) Publish(files []string, inputs string) error {
	fresh := make(map[string]bool, len(files))
	for _, f := range files {
		fresh[filename.Fold(f)] = true
		if o.old[filename.Fold(f)] != "" {
			continue
		}
		if _, err := o.root.Lstat(filepath.FromSlash(f)); err == nil {
			return fmt.Errorf("output folder %s: %s is %w: name another folder, or move it away", o.dir, f, ErrForeign)
		}
	}
	if inputs != "" {
		if err := o.root.Rename(filepath.Base(inputs), path.Join(o.stage, Input)); err != nil {
			return fmt.Errorf("put the images into the output folder: %w", err)
		}
	}
	if o.done = o.swap(); o.done {
		return nil
	}
	if err := o.root.Rename(Results, replacedName); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("replace earlier output: %w", err)
	}
	if err := o.removeStale(fresh); err != nil {
		return err
	}
	for _, f := range files {
		if f == Results {
			continue
		}
		if err := o.place(path.Join(o.stage, f), f); err != nil {
			return err
		}
	}
	if err := o.place(path.Join(o.stage, Results), Results); err != nil {
		return err
	}
	o.done = true
	o.root.Remove(replacedName)
	return o.sweep()
}

// removeStale removes the files of earlier runs that are not written anew,
// and the folders that become empty.
func (o *Folder) removeStale(fresh map[string]bool) error {
	folders := map[string]bool{}
	for key, f := range o.old {
		if fresh[key] || f == Results {
			continue
		}
		if err := o.root.Remove(filepath.FromSlash(f)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("remove file of an earlier output: %w", err)
		}
		for d := path.Dir(f); d != "."; d = path.Dir(d) {
			folders[d] = true
		}
	}
	deepest := make([]string, 0, len(folders))
	for d := range folders {
		deepest = append(deepest, d)
	}
	slices.SortFunc(deepest, func(a, b string) int { return len(b) - len(a) })
	for _, d := range deepest {
		o.root.Remove(filepath.FromSlash(d)) // fails, as it should, unless empty
	}
	return nil
}

func (o *Folder) place(from, f string) error {
	if dir := path.Dir(f); dir != "." {
		if err := o.root.MkdirAll(filepath.FromSlash(dir), 0o777); err != nil {
			return fmt.Errorf("output folder %s: %w", o.dir, err)
		}
	}
	err := o.root.Rename(filepath.FromSlash(from), filepath.FromSlash(f))
	if err != nil {
		return fmt.Errorf("put %s into the output folder: %w", f, err)
	}
	return nil
}

// sweep removes what killed runs left behind.
func (o *Folder) sweep() error {
	entries, err := os.ReadDir(o.dir)
	if err != nil {
		return fmt.Errorf("output folder %s: %w", o.dir, err)
	}
	for _, e := range entries {
		if e.IsDir() && strings.HasPrefix(e.Name(), stagePrefix) {
			o.root.RemoveAll(e.Name())
		}
	}
	return nil
}

// Sweep removes the unfinished files that killed runs left in dir, and counts
// them. Nothing writes to dir meanwhile.
func Sweep(dir string) (removed int, err error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return 0, fmt.Errorf("output folder %s: %w", dir, err)
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), stagePrefix) && !atomicfile.IsTemp(e.Name()) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(dir, e.Name())); err != nil {
			return removed, fmt.Errorf("output folder %s: %w", dir, err)
		}
		removed++
	}
	return removed, nil
}
