package pose

import (
	"sync"

	"codegraph/internal/gemm"
)

// reference is a view that others are compared with, laid out for products.
type reference struct {
	c      int // channels
	packed gemm.Packed
}

func newReference(view []float32, c int) *reference {
	r := &reference{c: c}
	r.packed.Columns(view, c, Grid*Grid, c)
	return r
}

func references(views [][]float32, c int) []*reference {
	all := make([]*reference, len(views))
	for i, v := range views {
		all[i] = newReference(v, c)
	}
	return all
}

// products is room for the products of the patches of two views.
var products = sync.Pool{New: func() any {
	dots := make([]float32, Grid*Grid*stride)
	return &dots
}}

// stride is the distance between rows of products.
var stride = gemm.Stride(Grid * Grid)

// agree is the agreement of a view with the reference; see the package
// documentation.
func (r *reference) agree(view []float32) float64 {
	dots := products.Get().(*[]float32)
	defer products.Put(dots)
	gemm.Mul(*dots, stride, view, r.c, Grid*Grid, &r.packed)
	var sum float64
	n := 0
	for y := range Grid {
		for x := range Grid {
			if !inside(x, y) {
				continue
			}
			row, best := (*dots)[(y*Grid+x)*stride:], float32(-2)
			for v := max(0, y-window); v <= min(Grid-1, y+window); v++ {
				for _, d := range row[v*Grid+max(0, x-window) : v*Grid+min(Grid-1, x+window)+1] {
					best = max(best, d)
				}
			}
			sum += float64(best)
			n++
		}
	}
	return sum / float64(n)
}
