package safetensors

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/edsrzf/mmap-go"
)

// indexSuffix ends the name of an index of shards.
const indexSuffix = ".safetensors.index.json"

// ErrPickle is wrapped by the error about a checkpoint that is a pickle.
var ErrPickle = errors.New("a pickle can run code when it is loaded, so it is refused; " +
	"take the model.safetensors of the same model, or convert it with safetensors.torch.save_file in Python")

// File is an open checkpoint of one or more files. It may be read by several
// goroutines at once.
type File struct {
	tensors  map[string]*Tensor
	metadata map[string]string
	mapped   []mmap.MMap
	parts    [][]byte // contents of the files, in order of name
	paths    []string
}

// Open opens a checkpoint: a .safetensors file, the index of a sharded one,
// or a folder that holds either. The tensors are valid until Close.
func Open(path string) (*File, error) {
	path, err := locate(path)
	if err != nil {
		return nil, err
	}
	if strings.HasSuffix(path, indexSuffix) {
		return openIndex(path)
	}
	f := &File{tensors: make(map[string]*Tensor), metadata: make(map[string]string)}
	if err := f.add(path, nil); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// locate turns a folder into the checkpoint in it.
func locate(path string) (string, error) {
	stat, err := os.Stat(path)
	if err != nil {
		return "", fmt.Errorf("safetensors: %w", err)
	}
	if !stat.IsDir() {
		return path, nil
	}
	for _, name := range []string{"model.safetensors", "model" + indexSuffix, "open_clip_model.safetensors"} {
		if _, err := os.Stat(filepath.Join(path, name)); err == nil {
			return filepath.Join(path, name), nil
		}
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", fmt.Errorf("safetensors: %w", err)
	}
	var found []string
	for _, e := range entries {
		if strings.HasSuffix(e.Name(), ".safetensors") {
			found = append(found, e.Name())
		}
	}
	switch len(found) {
	case 0:
		return "", fmt.Errorf("safetensors: no checkpoint in folder %s: a .safetensors file is expected", path)
	case 1:
		return filepath.Join(path, found[0]), nil
	}
	return "", fmt.Errorf("safetensors: %d checkpoints in folder %s: name one of %s", len(found), path, strings.Join(found, ", "))
}

// Holds reports whether Open finds a checkpoint in the folder dir.
func Holds(dir string) bool {
	_, err := locate(dir)
	return err == nil
}

// add maps the file at path and takes its tensors, only those in want unless
// it is nil.
func (f *File) add(path string, want map[string]bool) error {
	data, err := mapFile(path)
	if err != nil {
		return fmt.Errorf("safetensors: %w", err)
	}
	if data != nil {
		f.mapped = append(f.mapped, data)
	}
	f.paths = append(f.paths, path)
	f.parts = append(f.parts, data)
	if isPickle(path, data) {
		return fmt.Errorf("safetensors: %s: %w", path, ErrPickle)
	}
	tensors, metadata, err := parse(data)
	if err != nil {
		return fmt.Errorf("safetensors: %s: %w", path, err)
	}
	maps.Copy(f.metadata, metadata)
	for name, t := range tensors {
		if want == nil || want[name] {
			f.tensors[name] = t
		}
	}
	return nil
}

// mapFile maps a file for reading; nil if it is empty.
func mapFile(path string) (mmap.MMap, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return nil, err
	}
	if !stat.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is not a regular file", path)
	}
	if stat.Size() == 0 {
		return nil, nil
	}
	data, err := mmap.Map(file, mmap.RDONLY, 0)
	if err != nil {
		return nil, fmt.Errorf("map %s into memory: %w", path, err)
	}
	return data, nil
}

// isPickle recognises Python's pickles, bare or zipped.
func isPickle(path string, data []byte) bool {
	if len(data) >= 4 && string(data[:4]) == "PK\x03\x04" {
		return true
	}
	if len(data) >= 2 && data[0] == 0x80 && data[1] >= 2 && data[1] <= 5 {
		// A header of this length is possible too, but starts with a brace.
		return len(data) < 9 || data[8] != '{'
	}
	switch strings.ToLower(filepath.Ext(path)) {
	case ".pth", ".pt", ".bin", ".ckpt", ".pkl":
		return len(data) < 9 || data[8] != '{'
	}
	return false
}

// Parse reads a checkpoint held in memory, which its tensors alias.
func Parse(data []byte) (*File, error) {
	tensors, metadata, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("safetensors: %w", err)
	}
	return &File{tensors: tensors, metadata: metadata, parts: [][]byte{data}}, nil
}

// Tensor returns the tensor called name, nil if there is none.
func (f *File) Tensor(name string) *Tensor { return f.tensors[name] }

// Names lists the tensors in ascending order.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.tensors)) }

// Metadata is the free text of the header.
func (f *File) Metadata() map[string]string { return maps.Clone(f.metadata) }

// Bytes is the size of the checkpoint on disk.
func (f *File) Bytes() int64 {
	var n int64
	for _, p := range f.parts {
		n += int64(len(p))
	}
	return n
}

// Paths lists the files of the checkpoint.
func (f *File) Paths() []string { return slices.Clone(f.paths) }

// Digest is the hex SHA-256 of the checkpoint's contents: of its one file, or
// of the concatenation of its shards in order of name.
func (f *File) Digest() string {
	h := sha256.New()
	for _, p := range f.parts {
		h.Write(p)
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Close unmaps the files. Tensors and views of them must not be used after.
func (f *File) Close() error {
	var errs []error
	for i := range f.mapped {
		errs = append(errs, f.mapped[i].Unmap())
	}
	f.mapped, f.parts, f.tensors = nil, nil, nil
	return errors.Join(errs...)
}
