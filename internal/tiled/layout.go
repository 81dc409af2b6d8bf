package tiled

import (
	"fmt"
	"image"
	"math"
)

// overlap is the least share of a tile's side that the next one shows, too.
const overlap = 0.25

// Layout is how images of Width × Height pixels are divided into squares.
type Layout struct {
	Width, Height, Side int
	xs, ys              []int // left and top edges, ascending
}

// newLayout covers width × height pixels with tiles of side pixels.
func newLayout(width, height, side int) (*Layout, error) {
	if side < 1 || side > min(width, height) {
		return nil, fmt.Errorf("tiles of %d pixels do not fit images of %d × %d", side, width, height)
	}
	return &Layout{width, height, side, starts(width, side), starts(height, side)}, nil
}

// starts spreads the fewest tiles that overlap enough evenly over length.
func starts(length, side int) []int {
	step := max(1, float64(side)*(1-overlap))
	n := int(math.Ceil(float64(length-side)/step)) + 1
	at := make([]int, n)
	for i := 1; i < n; i++ {
		at[i] = (i*(length-side) + (n-1)/2) / (n - 1)
	}
	return at
}

// Len is the number of tiles.
func (l *Layout) Len() int { return len(l.xs) * len(l.ys) }

// Rect is where tile t lies, in pixels; tiles count along rows.
func (l *Layout) Rect(t int) image.Rectangle {
	x, y := l.xs[t%len(l.xs)], l.ys[t/len(l.xs)]
	return image.Rect(x, y, x+l.Side, y+l.Side)
}

// Grid is the size of the map of the whole, for tiles with patches patches a
// side.
func (l *Layout) Grid(patches int) (h, w int) {
	cell := float64(l.Side) / float64(patches)
	return int(math.Round(float64(l.Height) / cell)), int(math.Round(float64(l.Width) / cell))
}

// Cell returns the cell of the whole, y·w+x, over which the centre of patch
// p = y·patches+x of tile t lies.
func (l *Layout) Cell(t, p, patches int) int {
	h, w := l.Grid(patches)
	r := l.Rect(t)
	cell := float64(l.Side) / float64(patches)
	at := func(edge, k, n, length int) int {
		px := float64(edge) + (float64(k)+0.5)*cell
		return min(n-1, int(px*float64(n)/float64(length)))
	}
	return at(r.Min.Y, p/patches, h, l.Height)*w + at(r.Min.X, p%patches, w, l.Width)
}
