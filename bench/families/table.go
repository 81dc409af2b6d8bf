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

// load reads a batch with its distances.
func load(file string) (*batch, *mutual.Table, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	b := new(batch)
	if err := gob.NewDecoder(f).Decode(b); err != nil {
		return nil, nil, err
	}
	data, err := os.ReadFile(file + ".plain")
	if err != nil {
		return nil, nil, err
	}
	t := mutual.NewTable(b.N, b.H*b.W)
	copy(rows(t), data)
	return b, t, nil
}

// rank sorts the rows of a table and scores its patches.
func rank(ctx context.Context, t *mutual.Table, p family.Params) (*mutual.Ranked, [][]float32, error) {
	ranked, err := mutual.Rank(ctx, t, false, "", p.Threads)
	return ranked, t.Scores(mutual.Neighbours(t.N, p.Neighbours), p.Threads), err
}

// find searches a table for families.
func find(ctx context.Context, t *mutual.Table, p family.Params) (*family.Finding, error) {
	ranked, scores, err := rank(ctx, t, p)
	if err != nil {
		return nil, err
	}
	return family.Find(ctx, ranked, scores, p)
}
