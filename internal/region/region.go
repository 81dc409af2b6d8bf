package region

import (
	"cmp"
	"fmt"
	"image"
	"iter"
	"math"
	"slices"
)

// DefaultShare is the Params.Share that the measurements have chosen.
const DefaultShare = 0.5

// Params say what a region is.
type Params struct {
	// Seed is the least score of a peak.
	Seed float64
	// Level is the score of normal surroundings.
	Level float64
	// Share of the peak's height above Level that the pixels of its region
	// reach, 0 to 1.
	Share float64
	// MinArea is the least number of pixels of a region; smaller ones are
	// left out.
	MinArea int
	// Known pixels, [h*w], are in a region whatever they score; nil: none.
	Known []bool
}

// Region is one of the regions of an image.
type Region struct {
	Box        image.Rectangle // around its pixels
	Area       int             // pixels
	Peak, Mean float64         // scores of its pixels
	Known      bool            // holds pixels of Params.Known
}

// Find returns the regions of the scores [h*w] by descending peak. Pixel
// (x, y) of region k, counted from 1, has labels[y*w+x] = k; others have 0.
func Find(scores []float32, w, h int, p Params) (regions []Region, labels []int32, err error) {
	if w < 1 || h < 1 || len(scores) != w*h || p.Known != nil && len(p.Known) != w*h {
		return nil, nil, fmt.Errorf("%d scores and %d known pixels of an image of %d × %d", len(scores), len(p.Known), w, h)
	}
	g := grower{scores, w, h, p, make([]int32, w*h), list{}}
	for _, at := range g.seeds() {
		seed := int(at)
		if g.labels[seed] != 0 {
			continue
		}
		if !g.known(seed) && g.beside(seed) {
			g.labels[seed] = outside
			continue
		}
		label := int32(len(regions) + 1)
		g.grow(seed, label)
		if g.pixels.n < p.MinArea {
			for k := range g.pixels.n {
				g.labels[g.pixels.at(k)] = outside
			}
			continue
		}
		regions = append(regions, g.describe())
	}
	for i, l := range g.labels {
		g.labels[i] = max(l, 0)
	}
	return regions, g.labels, nil
}

// outside labels, until the end, pixels that no region may grow from or over:
// those of regions that are left out, and the slopes below a region that reach
// the seed score without being a peak.
const outside = -1

type grower struct {
	scores []float32
	w, h   int
	params Params
	labels []int32
	pixels list // of the last region; photographs are large
}

func (g *grower) known(i int) bool { return g.params.Known != nil && g.params.Known[i] }

// seeds lists the pixels that a region may grow from, the highest first.
func (g *grower) seeds() []uint32 {
	isSeed := func(i int) bool { return float64(g.scores[i]) >= g.params.Seed || g.known(i) }
	n := 0
	for i := range g.scores {
		if isSeed(i) {
			n++
		}
	}
	seeds := make([]uint32, 0, n)
	for i := range g.scores {
		if isSeed(i) {
			seeds = append(seeds, uint32(i))
		}
	}
	slices.SortStableFunc(seeds, func(a, b uint32) int { return cmp.Compare(g.scores[b], g.scores[a]) })
	return seeds
}

// beside reports whether a pixel touches a labelled one. As seeds come by
// descending score; it is not a peak then.
func (g *grower) beside(i int) bool {
	for j := range g.around(i) {
		if g.labels[j] != 0 {
			return true
		}
	}
	return false
}

// around yields the pixels that touch pixel i, and i.
func (g *grower) around(i int) iter.Seq[int] {
	x, y := i%g.w, i/g.w
	return func(yield func(int) bool) {
		for v := max(0, y-1); v <= min(y+1, g.h-1); v++ {
			for u := max(0, x-1); u <= min(x+1, g.w-1); u++ {
				if !yield(v*g.w + u) {
					return
				}
			}
		}
	}
}

// list is of pixels, in blocks: a slice that grows is there twice for a while.
type list struct {
	blocks [][]uint32
	n      int
}

const block = 1 << 16

func (l *list) add(pixel int) {
	if l.n == block*len(l.blocks) {
		l.blocks = append(l.blocks, make([]uint32, block))
	}
	l.blocks[l.n/block][l.n%block] = uint32(pixel)
	l.n++
}

func (l *list) at(k int) int { return int(l.blocks[k/block][k%block]) }

// grow labels the region of a peak; its pixels are those of g.
func (g *grower) grow(peak int, label int32) {
	height := float64(g.scores[peak]) - g.params.Level
	least := g.params.Level + g.params.Share*height
	if height <= 0 { // a known pixel of a normal score, like its surroundings
		least = math.Inf(1)
	}
	g.labels[peak] = label
	g.pixels.n = 0
	g.pixels.add(peak)
	for k := 0; k < g.pixels.n; k++ {
		for i := range g.around(g.pixels.at(k)) {
			if g.labels[i] == 0 && (float64(g.scores[i]) >= least || g.known(i)) {
				g.labels[i] = label
				g.pixels.add(i)
			}
		}
	}
}

// describe sums up the pixels of the last region.
func (g *grower) describe() Region {
	r := Region{Area: g.pixels.n, Peak: float64(g.scores[g.pixels.at(0)])}
	for k := range g.pixels.n {
		i := g.pixels.at(k)
		x, y := i%g.w, i/g.w
		r.Box = r.Box.Union(image.Rect(x, y, x+1, y+1))
		r.Mean += float64(g.scores[i]) / float64(g.pixels.n)
		r.Known = r.Known || g.known(i)
	}
	return r
}
