package outdir

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Guard refuses an output folder that would take the files or folders named, which
// are read, for its own: an output replaces what has its names.
func Guard(dir string, inputs []string) error {
	base, err := resolved(dir)
	if err != nil {
		return fmt.Errorf("output folder %s: %w", dir, err)
	}
	for _, in := range inputs {
		file, err := resolved(in)
		if err != nil {
			return fmt.Errorf("%s: %w", in, err)
		}
		rel, err := filepath.Rel(base, file)
		if err != nil || !filepath.IsLocal(rel) {
			continue
		}
		top, _, _ := strings.Cut(filepath.ToSlash(rel), "/")
		if slices.Contains(topNames, top) {
			return fmt.Errorf("output folder %s: %s, which is read, lies in it, where the output of a scan replaces files: name another folder", dir, in)
		}
	}
	return nil
}

// GuardFile refuses a file to write that is one of those which are read; "" is none.
func GuardFile(file string, inputs []string) error {
	there, err := os.Stat(file)
	if err != nil {
		return nil // a new one, or writing it tells
	}
	for _, in := range inputs {
		if info, err := os.Stat(in); err == nil && os.SameFile(there, info) {
			return fmt.Errorf("%s is read, and would be replaced: name another file", file)
		}
	}
	return nil
}

// resolved is the absolute path of a file, links resolved as far as it exists.
func resolved(file string) (string, error) {
	file, err := filepath.Abs(file)
	if err != nil {
		return "", err
	}
	for rest := ""; ; file, rest = filepath.Dir(file), filepath.Join(filepath.Base(file), rest) {
		if real, err := filepath.EvalSymlinks(file); err == nil {
			return filepath.Join(real, rest), nil
		}
		if file == filepath.Dir(file) {
			return filepath.Join(file, rest), nil
		}
	}
}
