package token

import (
	"fmt"
	"math"

	"codegraph/backbone"
)

// Store keeps the normalised feature blocks of a batch and makes variants of
// them on demand. Add may be called concurrently for different images.
//
// An image may have several views, turned about its centre by equal steps of
// a full circle; view 0 is upright.
type Store struct {
	H, W   int              // patch grid
	Radii  []int            // neighbourhoods r
	views  int              // per image
	blocks [][]backbone.Map // [layer][image·views+view]
}

// NewStore makes a store for n images of layers layers on an h × w grid, with
// the given number of views each.
func NewStore(n, layers, h, w int, radii []int, views int) *Store {
	s := &Store{H: h, W: w, Radii: radii, views: views, blocks: make([][]backbone.Map, layers)}
	for l := range s.blocks {
		s.blocks[l] = make([]backbone.Map, n*views)
	}
	return s
}

// Add takes over the features of a view of image i.
func (s *Store) Add(i, view int, f *backbone.Features) error {
	if len(f.Layers) != len(s.blocks) {
		return fmt.Errorf("token: image %d has %d layers, want %d", i, len(f.Layers), len(s.blocks))
	}
	for l, m := range f.Layers {
		m = Resample(m, s.H, s.W)
		Normalize(m)
		s.blocks[l][i*s.views+view] = m
	}
	return nil
}

// N returns the number of images, P that of patches per image.
func (s *Store) N() int { return len(s.blocks[0]) / s.views }

// P returns the number of patches per image.
func (s *Store) P() int { return s.H * s.W }

// Variants returns the number of (layer, r) pairs; variant v is layer
// v / len(Radii) aggregated over Radii[v % len(Radii)].
func (s *Store) Variants() int { return len(s.blocks) * len(s.Radii) }

// Width returns the number of channels C of variant v.
func (s *Store) Width(v int) int { return s.blocks[v/len(s.Radii)][0].C }

// Views returns the number of views of an image.
func (s *Store) Views() int { return s.views }

// Tokens writes the tokens of a view of image i in variant v to dst, [P][C].
func (s *Store) Tokens(dst []float32, v, i, view int) {
	Aggregate(dst, s.blocks[v/len(s.Radii)][i*s.views+view], s.Radii[v%len(s.Radii)])
}

// Origin returns the patch of the upright image that lies where patch p of
// the view does, -1 outside of the image.
func (s *Store) Origin(view, p int) int {
	sin, cos := math.Sincos(2 * math.Pi * float64(view) / float64(s.views))
	dx := (float64(p%s.W)+0.5)/float64(s.W) - 0.5
	dy := (float64(p/s.W)+0.5)/float64(s.H) - 0.5
	x := int(math.Floor((cos*dx + sin*dy + 0.5) * float64(s.W)))
	y := int(math.Floor((cos*dy - sin*dx + 0.5) * float64(s.H)))
	if x < 0 || x >= s.W || y < 0 || y >= s.H {
		return -1
	}
	return y*s.W + x
}

// Keep drops all images but those listed, which are renumbered in this order.
func (s *Store) Keep(images []int) {
	for l, blocks := range s.blocks {
		kept := make([]backbone.Map, 0, len(images)*s.views)
		for _, i := range images {
			kept = append(kept, blocks[i*s.views:(i+1)*s.views]...)
		}
		s.blocks[l] = kept
	}
}

// Bytes is the memory of all blocks; one image must have been added.
func (s *Store) Bytes() int64 {
	var perView int64
	for _, blocks := range s.blocks {
		for _, m := range blocks {
			if m.Data != nil {
				perView += 4 * int64(len(m.Data))
				break
			}
		}
	}
	return perView * int64(len(s.blocks[0]))
}
