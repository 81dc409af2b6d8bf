package main

import (
	"bufio"
	"context"
	"encoding/gob"
	"os"
	"unsafe"

	"codegraph/internal/family"
	"codegraph/internal/mutual"
)

// batch is what is kept of a batch beside its distances.
type batch struct {
	Name    string
	Alone   bool     // one copy of what recurs would show (beds only)
	Images  []string // class/name
	N, H, W int
}

// rows are the bytes of a table.
func rows(t *mutual.Table) []byte {
	r := t.Row(0, 0)
	return unsafe.Slice((*byte)(unsafe.Pointer(&r[0])), 4*t.N*t.P*t.N)
}

func (b *batch) save(file string, table *mutual.Table) error {
	f, err := os.Create(file + ".part")
	if err != nil {
		return err
	}
	w := bufio.NewWriterSize(f, 1<<20)
	if err := gob.NewEncoder(w).Encode(b); err != nil {
		return err
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if err := os.WriteFile(file+".plain", rows(table), 0o666); err != nil {
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return os.Rename(file+".part", file)
}

// load reads a batch with its plain and its deflated distances, which it keeps.
func load(file string) (*batch, *mutual.Table, *mutual.Table, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, nil, err
	}
	defer f.Close()
	b := new(batch)
	if err := gob.NewDecoder(f).Decode(b); err != nil {
		return nil, nil, nil, err
	}
	var ts [2]*mutual.Table
	for k, ext := range []string{".plain", ".flat"} {
		data, err := os.ReadFile(file + ext)
		if k == 1 && err != nil {
			ts[1] = mutual.NewTable(b.N, b.H*b.W)
			if err := family.Deflate(context.Background(), ts[1], ts[0], family.DefaultParams().Local, 2); err != nil {
				return nil, nil, nil, err
			}
			if err := os.WriteFile(file+ext, rows(ts[1]), 0o666); err != nil {
				return nil, nil, nil, err
			}
			break
		}
		if err != nil {
			return nil, nil, nil, err
		}
		ts[k] = mutual.NewTable(b.N, b.H*b.W)
		copy(rows(ts[k]), data)
	}
	return b, ts[0], ts[1], nil
}
