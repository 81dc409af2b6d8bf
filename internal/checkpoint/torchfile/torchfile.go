package torchfile

import (
	"archive/zip"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/big"
	"path"
	"strings"

	"codegraph/internal/checkpoint/tensor"
)

// Is reports whether data is for this package to read, or to refuse.
func Is(data []byte) bool { return isZip(data) || isPickle(data) || isTar(data) }

func isZip(data []byte) bool { return bytes.HasPrefix(data, []byte("PK\x03\x04")) }

// isPickle recognises a pickle. The length of a safetensors header may look
// like one, but a brace follows it.
func isPickle(data []byte) bool {
	return len(data) >= 2 && data[0] == 0x80 && data[1] >= 2 && data[1] <= 5 && (len(data) < 9 || data[8] != '{')
}

func isTar(data []byte) bool { return len(data) > 262 && string(data[257:262]) == "ustar" }

// Parse returns the tensors of the network in a file, by name. They alias
// data.
func Parse(data []byte) (map[string]*tensor.Tensor, error) {
	switch {
	case isZip(data):
		return parseZip(data)
	case isTar(data):
		return nil, errors.New("this is a TAR archive, as PyTorch before release 0.2 wrote them, or another one: load it in Python and save the state_dict() again")
	}
	return parseStream(data)
}

// parseZip reads the container of release 1.6 and later.
func parseZip(data []byte) (map[string]*tensor.Tensor, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return nil, fmt.Errorf("a ZIP archive that cannot be read (%w): is the file truncated?", err)
	}
	entries := make(map[string]*zip.File, len(archive.File))
	root := ""
	for _, f := range archive.File {
		if path.Base(f.Name) == "data.pkl" && strings.Count(f.Name, "/") == 1 {
			root = path.Dir(f.Name) + "/"
		}
		entries[f.Name] = f
	}
	if root == "" {
		return nil, errors.New("a ZIP archive, but not one of torch.save: it has no data.pkl; if it holds a checkpoint, unpack it")
	}
	if f := entries[root+"byteorder"]; f != nil {
		order, err := content(data, f)
		if err != nil {
			return nil, err
		}
		if string(order) != "little" {
			return nil, fmt.Errorf("the numbers are stored in %q order: only little-endian ones are read", order[:min(len(order), 16)])
		}
	}
	pickle, err := content(data, entries[root+"data.pkl"])
	if err != nil {
		return nil, err
	}
	object, err := load(bytes.NewReader(pickle), entries[root+"constants.pkl"] != nil)
	if err != nil {
		return nil, err
	}
	return tensors(object, func(s *storage) ([]byte, error) {
		f := entries[root+"data/"+s.key]
		if f == nil {
			return nil, fmt.Errorf("storage %q is missing; is the file truncated?", s.key)
		}
		return content(data, f)
	})
}

// content is the content of an entry, a view of data.
func content(data []byte, f *zip.File) ([]byte, error) {
	if f.Method != zip.Store {
		return nil, fmt.Errorf("entry %s is compressed, which torch.save does not do: unpack the archive and zip it without compression, or save it again", f.Name)
	}
	at, err := f.DataOffset()
	if err != nil {
		return nil, fmt.Errorf("entry %s: %w", f.Name, err)
	}
	if at < 0 || at > int64(len(data)) || f.UncompressedSize64 > uint64(int64(len(data))-at) {
		return nil, fmt.Errorf("entry %s lies beyond the end of the file; is it truncated?", f.Name)
	}
	return data[at:][:f.UncompressedSize64:f.UncompressedSize64], nil
}

// load reads the pickle of an object that was saved, script of TorchScript.
func load(in *bytes.Reader, script bool) (any, error) {
	m := newMachine(in, func(id tuple) (any, error) { return storageOf(id) })
	m.script = script
	return m.run()
}

// magic begins what releases before 1.6 wrote.
var magic, _ = new(big.Int).SetString("1950a86a20f9469cfc6c", 16)

// parseStream reads the container of releases before 1.6.
func parseStream(data []byte) (map[string]*tensor.Tensor, error) {
	in := bytes.NewReader(data)
	first, err := unpickle(in, nil)
	if err != nil {
		return nil, err
	}
	if n, ok := first.(*big.Int); !ok || n.Cmp(magic) != 0 {
		return nil, errors.New("a pickle, but not one of torch.save: there are no tensors to read")
	}
	version, err := unpickle(in, nil)
	if err != nil {
		return nil, err
	}
	if version != int64(1001) {
		return nil, errors.New("a version of the format that is not known here")
	}
	system, err := unpickle(in, nil)
	if err != nil {
		return nil, err
	}
	if d, ok := system.(*dict); ok {
		for i, k := range d.keys {
			if k == "little_endian" && d.values[i] == false {
				return nil, errors.New("the numbers are stored in big-endian order: only little-endian ones are read")
			}
		}
	}
	sizes := make(map[string]int) // of an element
	object, err := unpickle(in, func(id tuple) (any, error) {
		s, err := storageOf(id)
		if err == nil {
			sizes[s.key], _ = s.dtype.Size()
		}
		return s, err
	})
	if err != nil {
		return nil, err
	}
	stored, err := storages(in, data, sizes)
	if err != nil {
		return nil, err
	}
	return tensors(object, func(s *storage) ([]byte, error) {
		b, ok := stored[s.key]
		if !ok {
			return nil, fmt.Errorf("storage %q is missing; is the file truncated?", s.key)
		}
		size := sizes[s.key]
		if s.offset > len(b)/size || s.count > len(b)/size-s.offset {
			return nil, fmt.Errorf("a view of storage %q reaches beyond its end", s.key)
		}
		return b[s.offset*size:][:s.count*size], nil
	})
}

// storages cuts what follows the object into storages: a list of keys, and
// for each the number of elements and the elements.
func storages(in *bytes.Reader, data []byte, sizes map[string]int) (map[string][]byte, error) {
	object, err := unpickle(in, nil)
	if err != nil {
		return nil, err
	}
	keys, ok := object.(*list)
	if !ok {
		return nil, errors.New("the list of storages is not a list")
	}
	stored := make(map[string][]byte, len(sizes))
	rest := data[len(data)-in.Len():]
	for _, k := range keys.items {
		key, ok := k.(string)
		size := sizes[key]
		if !ok || size == 0 || stored[key] != nil {
			return nil, fmt.Errorf("storage %q belongs to no tensor, or is listed twice", key)
		}
		if len(rest) < 8 {
			return nil, fmt.Errorf("storage %q is missing; is the file truncated?", key)
		}
		n := binary.LittleEndian.Uint64(rest)
		if rest = rest[8:]; n > uint64(len(rest)/size) {
			return nil, fmt.Errorf("storage %q has %d elements, but only %d bytes follow; is the file truncated?", key, n, len(rest))
		}
		end := int(n) * size
		stored[key], rest = rest[:end:end], rest[end:]
	}
	return stored, nil
}
