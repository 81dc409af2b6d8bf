package checkpoint

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/edsrzf/mmap-go"

	"codegraph/internal/checkpoint/tensor"
	"codegraph/internal/regular"
)

// File is an open checkpoint of one or more files. It may be read by several
// goroutines at once.
type File struct {
	tensors map[string]*tensor.Tensor
	mapped  []mmap.MMap
	parts   [][]byte // contents of the files, in order of name
	paths   []string
}

// Open opens a checkpoint: a file, the index of a sharded one, or a folder
// that holds either. The tensors are valid until Close.
func Open(path string) (*File, error) {
	path, err := locate(path)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	f := &File{tensors: make(map[string]*tensor.Tensor)}
	switch {
	case strings.HasSuffix(path, indexSuffix):
		err = f.addIndex(path)
	case shardName.MatchString(path):
		err = fmt.Errorf("%s is one of the shards of a checkpoint: name their index, which ends in %s, and keep all of them beside it", path, indexSuffix)
	default:
		err = f.add(path, nil)
	}
	if err != nil {
		return nil, errors.Join(fmt.Errorf("checkpoint: %w", err), f.Close())
	}
	return f, nil
}

// shardName matches the names of the shards of a checkpoint, but of one alone.
var shardName = regexp.MustCompile(`-0*\d+-of-0*([2-9]|[1-9]\d+)\.\w+$`)

// Extensions are those of checkpoints, in lower case; the content decides
// which format a file has.
func Extensions() []string {
	return []string{".safetensors", ".pth", ".pt", ".bin", ".ckpt"}
}

// usual are the names that model hubs give to checkpoints, the best first.
var usual = []string{
	"model.safetensors", "model.safetensors" + indexSuffix, "open_clip_model.safetensors",
	"pytorch_model.bin", "pytorch_model.bin" + indexSuffix, "open_clip_pytorch_model.bin",
}

// locate turns a folder into the checkpoint in it: one of a usual name, or the
// only one there is of an extension.
func locate(path string) (string, error) {
	stat, err := os.Stat(path)
	if err != nil || !stat.IsDir() {
		return path, err
	}
	for _, name := range usual {
		if _, err := os.Stat(filepath.Join(path, name)); err == nil {
			return filepath.Join(path, name), nil
		}
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return "", err
	}
	for _, ext := range Extensions() {
		var found []string
		for _, e := range entries {
			if strings.EqualFold(filepath.Ext(e.Name()), ext) && !e.IsDir() {
				found = append(found, e.Name())
			}
		}
		switch {
		case len(found) == 1:
			return filepath.Join(path, found[0]), nil
		case len(found) > 1:
			return "", fmt.Errorf("%d checkpoints in folder %s: name one of %s", len(found), path, strings.Join(found, ", "))
		}
	}
	return "", fmt.Errorf("no checkpoint in folder %s: a file is expected that ends in %s", path, strings.Join(Extensions(), ", "))
}

// Holds reports whether there is a checkpoint in the folder dir, of one with an
// index all shards.
func Holds(dir string) bool {
	path, err := locate(dir)
	if err != nil || !strings.HasSuffix(path, indexSuffix) {
		return err == nil
	}
	shards, err := readIndex(path)
	for shard := range shards {
		if _, e := os.Stat(filepath.Join(dir, shard)); e != nil {
			err = e
		}
	}
	return err == nil
}

// add maps the file at path and takes its tensors, only those in want unless
// it is nil.
func (f *File) add(path string, want map[string]bool) error {
	data, err := mapFile(path)
	if err != nil {
		return err
	}
	if data != nil {
		f.mapped = append(f.mapped, data)
	}
	f.paths = append(f.paths, path)
	f.parts = append(f.parts, data)
	tensors, err := parse(data)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	for name, t := range tensors {
		if want == nil || want[name] {
			f.tensors[name] = t
		}
	}
	return nil
}

// mapFile maps a file for reading; nil if it is empty.
func mapFile(path string) (mmap.MMap, error) {
	file, err := regular.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	stat, err := file.Stat()
	if err != nil {
		return nil, err
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

// Parse reads a checkpoint held in memory, which its tensors alias.
func Parse(data []byte) (*File, error) {
	tensors, err := parse(data)
	if err != nil {
		return nil, fmt.Errorf("checkpoint: %w", err)
	}
	return &File{tensors: tensors, parts: [][]byte{data}}, nil
}

// Tensor returns the tensor called name, nil if there is none.
func (f *File) Tensor(name string) *tensor.Tensor { return f.tensors[name] }

// Names lists the tensors in ascending order.
func (f *File) Names() []string { return slices.Sorted(maps.Keys(f.tensors)) }

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
