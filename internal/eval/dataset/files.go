package dataset

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"

	"codegraph/imageset"
	"codegraph/internal/regular"
)

// maxList bounds files that list samples; the largest known has 5 MB.
const maxList = 256 << 20

// readList reads a file that lists samples.
func readList(path string) ([]byte, error) { return readFile(path, maxList) }

// readFile reads at most most bytes.
func readFile(path string, most int64) ([]byte, error) {
	f, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, most+1))
	if err != nil {
		return nil, err
	}
	if int64(len(data)) > most {
		return nil, fmt.Errorf("%s: %w: the file has more than %d bytes", path, imageset.ErrTooLarge, most)
	}
	return data, nil
}

func isDir(elem ...string) bool {
	info, err := os.Stat(filepath.Join(elem...))
	return err == nil && info.IsDir()
}

func isFile(elem ...string) bool {
	info, err := os.Stat(filepath.Join(elem...))
	return err == nil && info.Mode().IsRegular()
}

// subfolders returns the names of the folders in dir, links to folders
// included, hidden ones not, sorted. What cannot be read has none.
func subfolders(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && isDir(dir, e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// looseImages returns the names of the images directly in dir, sorted.
func looseImages(dir string) []string {
	entries, _ := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") && imageset.IsImageName(e.Name()) && isFile(dir, e.Name()) {
			names = append(names, e.Name())
		}
	}
	return names
}

// baseName is the last element of a path, "." and links to it resolved.
func baseName(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Base(dir)
}

// parent is the folder above dir, also of ".".
func parent(dir string) string {
	if abs, err := filepath.Abs(dir); err == nil {
		dir = abs
	}
	return filepath.Dir(dir)
}

// listed turns a path out of a file that lists samples into one below dir.
// Such a file comes from outside: a path that leads elsewhere is refused.
func listed(dir, name string) (string, error) {
	local := filepath.FromSlash(strings.TrimPrefix(name, "./"))
	if !filepath.IsLocal(local) {
		return "", fmt.Errorf("%q leads out of the dataset", name)
	}
	p := filepath.Join(dir, local)
	if !isFile(p) {
		return "", fmt.Errorf("%s is not there", p)
	}
	return p, nil
}
