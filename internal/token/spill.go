package token

import (
	"fmt"

	"codegraph/internal/spill"
)

// spilled is a temporary file with the blocks of a store.
type spilled struct {
	*spill.File
	layers []region
}

// region is where the blocks of a layer are, size values each.
type region struct{ at, size int }

// Spill moves the blocks, of which at least one image must have been added,
// and those that come to a temporary file in dir, as spill.New says. Close
// removes it.
func (s *Store) Spill(dir string) (err error) {
	f := &spilled{layers: make([]region, len(s.blocks))}
	total := 0
	for l, blocks := range s.blocks {
		for _, m := range blocks {
			f.layers[l] = region{total, max(f.layers[l].size, len(m.Data))}
		}
		if f.layers[l].size == 0 {
			return fmt.Errorf("nothing is known of layer %d yet", l)
		}
		total += f.layers[l].size * len(blocks)
	}
	if f.File, err = spill.New(dir, "the tokens", total); err != nil {
		return err
	}
	s.spilled = f
	for l, blocks := range s.blocks {
		for i := range blocks {
			if blocks[i].Data != nil {
				blocks[i].Data = f.take(l, i, blocks[i].Data)
			}
		}
	}
	return nil
}

// take copies the block of image i in layer l to its place, which it returns.
func (f *spilled) take(l, i int, data []float32) []float32 {
	r := f.layers[l]
	at := r.at + i*r.size
	dst := f.Values()[at : at+len(data) : at+r.size]
	copy(dst, data)
	return dst
}

// Close releases a spilled store, whose blocks are gone then; for one in
// memory it does nothing.
func (s *Store) Close() error {
	if s.spilled == nil {
		return nil
	}
	for _, blocks := range s.blocks {
		clear(blocks)
	}
	f := s.spilled
	s.spilled = nil
	return f.Close()
}
