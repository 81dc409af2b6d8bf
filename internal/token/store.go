package token

import (
	"fmt"

	"codegraph/backbone"
)

// Store keeps the normalised feature blocks of a batch and makes variants of
// them on demand. Add may be called concurrently for different images.
type Store struct {
	H, W    int              // patch grid
	Radii   []int            // neighbourhoods r
	blocks  [][]backbone.Map // [layer][image]
	spilled *spilled         // where the blocks live; nil: in memory
}

// NewStore makes a store for n images of layers layers on an h × w grid.
func NewStore(n, layers, h, w int, radii []int) *Store {
	s := &Store{H: h, W: w, Radii: radii, blocks: make([][]backbone.Map, layers)}
	for l := range s.blocks {
		s.blocks[l] = make([]backbone.Map, n)
	}
	return s
}

// Add takes over the features of image i.
func (s *Store) Add(i int, f *backbone.Features) error {
	if len(f.Layers) != len(s.blocks) {
		return fmt.Errorf("image %d has %d layers, want %d", i, len(f.Layers), len(s.blocks))
	}
	for l, m := range f.Layers {
		m = Resample(m, s.H, s.W)
		Normalize(m)
		if s.spilled != nil {
			m.Data = s.spilled.take(l, i, m.Data)
		}
		s.blocks[l][i] = m
	}
	return nil
}

// N returns the number of images, P that of patches per image.
func (s *Store) N() int { return len(s.blocks[0]) }

// P returns the number of patches per image.
func (s *Store) P() int { return s.H * s.W }

// Layers returns the number of layers.
func (s *Store) Layers() int { return len(s.blocks) }

// Variants returns the number of (layer, r) pairs; variant v is layer
// v / len(Radii) aggregated over Radii[v % len(Radii)].
func (s *Store) Variants() int { return len(s.blocks) * len(s.Radii) }

// Width returns the number of channels C of variant v.
func (s *Store) Width(v int) int { return s.blocks[v/len(s.Radii)][0].C }

// Tokens writes the tokens of image i in variant v to dst, [P][C].
func (s *Store) Tokens(dst []float32, v, i int) {
	aggregate(dst, s.blocks[v/len(s.Radii)][i], s.Radii[v%len(s.Radii)])
}

// Keep drops all images but those listed, which are renumbered in this order.
func (s *Store) Keep(images []int) {
	for l, blocks := range s.blocks {
		kept := make([]backbone.Map, len(images))
		for k, i := range images {
			kept[k] = blocks[i]
		}
		s.blocks[l] = kept
	}
}

// Bytes is the memory of all blocks; one image must have been added.
func (s *Store) Bytes() int64 {
	var perImage int64
	for _, blocks := range s.blocks {
		for _, m := range blocks {
			if m.Data != nil {
				perImage += 4 * int64(len(m.Data))
				break
			}
		}
	}
	return perImage * int64(s.N())
}

// Block returns the normalised features of image i in layer l; they are the
// store's own.
func (s *Store) Block(l, i int) backbone.Map { return s.blocks[l][i] }

// SetBlock takes over features that are normalised already, as Block returned
// them; a spilled store copies them.
func (s *Store) SetBlock(l, i int, m backbone.Map) {
	if s.spilled != nil {
		m.Data = s.spilled.take(l, i, m.Data)
	}
	s.blocks[l][i] = m
}

// Only returns a store of image i alone.
func (s *Store) Only(i int) *Store {
	out := NewStore(1, s.Layers(), s.H, s.W, s.Radii)
	for l := range out.blocks {
		out.blocks[l][0] = s.blocks[l][i]
	}
	return out
}

// Join makes a store of the images of s and t, which must be alike.
func Join(s, t *Store) *Store {
	out := NewStore(s.N()+t.N(), s.Layers(), s.H, s.W, s.Radii)
	for l := range out.blocks {
		copy(out.blocks[l], s.blocks[l])
		copy(out.blocks[l][s.N():], t.blocks[l])
	}
	return out
}
