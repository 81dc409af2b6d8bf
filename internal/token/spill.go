package token

import (
	"fmt"
	"os"
	"path/filepath"
	"unsafe"

	"github.com/edsrzf/mmap-go"
)

// spill is a memory-mapped temporary file with the blocks of a store.
type spill struct {
	file   *os.File
	mapped mmap.MMap
	values []float32
	layers []region
}

// region is where the blocks of a layer are, size values each.
type region struct{ at, size int }

// Spill moves the blocks, of which at least one image must have been added,
// and those that come to a memory-mapped temporary file in dir ("" is the
// system's). Close removes it.
func (s *Store) Spill(dir string) error {
	f := &spill{layers: make([]region, len(s.blocks))}
	total := 0
	for l, blocks := range s.blocks {
		for _, m := range blocks {
			f.layers[l] = region{total, max(f.layers[l].size, len(m.Data))}
		}
		if f.layers[l].size == 0 {
			return fmt.Errorf("token: nothing is known of layer %d yet", l)
		}
		total += f.layers[l].size * len(blocks)
	}
	if err := f.open(dir, total); err != nil {
		f.close()
		return err
	}
	s.spill = f
	for l, blocks := range s.blocks {
		for i := range blocks {
			if blocks[i].Data != nil {
				blocks[i].Data = f.take(l, i, blocks[i].Data)
			}
		}
	}
	return nil
}

func (f *spill) open(dir string, values int) (err error) {
	if f.file, err = os.CreateTemp(dir, "codegraph-tokens-*"); err != nil {
		return fmt.Errorf("token: no file for the tokens: %w", err)
	}
	size := 4 * int64(values)
	if err := f.file.Truncate(size); err != nil {
		return fmt.Errorf("token: %d bytes for the tokens in %s: %w", size, filepath.Dir(f.file.Name()), err)
	}
	if f.mapped, err = mmap.MapRegion(f.file, int(size), mmap.RDWR, 0, 0); err != nil {
		return fmt.Errorf("token: map the tokens: %w", err)
	}
	f.values = unsafe.Slice((*float32)(unsafe.Pointer(&f.mapped[0])), values)
	return nil
}

// take copies the block of image i in layer l to its place, which it returns.
func (f *spill) take(l, i int, data []float32) []float32 {
	r := f.layers[l]
	at := r.at + i*r.size
	dst := f.values[at : at+len(data) : at+r.size]
	copy(dst, data)
	return dst
}

func (f *spill) close() error {
	if f.file == nil {
		return nil
	}
	var err error
	if f.mapped != nil {
		err = f.mapped.Unmap()
	}
	f.file.Close()
	if rmErr := os.Remove(f.file.Name()); err == nil {
		err = rmErr
	}
	return err
}

// Close releases a spilled store, whose blocks are gone then; for one in
// memory it does nothing.
func (s *Store) Close() error {
	if s.spill == nil {
		return nil
	}
	for _, blocks := range s.blocks {
		clear(blocks)
	}
	f := s.spill
	s.spill = nil
	return f.close()
}
