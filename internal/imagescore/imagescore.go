package imagescore

import (
	"slices"

	"codegraph/internal/stats"
)

const (
	// oneIn says that a peak is the mean of one in so many patches.
	oneIn = 200
	// patternShare of the pattern is expected of an image.
	patternShare = 1. / 8
	// levelShare of the image's own level comes off.
	levelShare = 1. / 2
)

// Pattern is what an image of a batch typically scores at each patch, [P].
type Pattern []float32

// Score is an image's.
type Score struct {
	// Peak is the image score s.
	Peak float64
	// Height h is that of the peak above the image's typical patch. It does not
	// change with the origin of the scores and goes along with their unit.
	Height float64
}

// NewPattern returns the pattern of maps, [N][P]. A patch that fewer than half
// of the images show is taken for a typical one.
func NewPattern(maps [][]float32) Pattern {
	if len(maps) == 0 {
		return nil
	}
	p := make(Pattern, len(maps[0]))
	var seen, unseen []int
	values := make([]float32, 0, len(maps))
	for x := range p {
		values = values[:0]
		for _, m := range maps {
			if m[x] > 0 {
				values = append(values, m[x])
			}
		}
		if len(values) == 0 || 2*len(values) < len(maps) {
			unseen = append(unseen, x)
			continue
		}
		seen = append(seen, x)
		p[x] = median(values)
	}
	known := make([]float32, len(seen))
	for k, x := range seen {
		known[k] = p[x]
	}
	typical := median(known)
	for _, x := range unseen {
		p[x] = typical
	}
	return p
}

// Score scores the map of an image, [P].
func (p Pattern) Score(m []float32) Score {
	above, reduced := make([]float32, 0, len(p)), make([]float32, 0, len(p))
	for x, a := range m {
		if a > 0 {
			above = append(above, a-p[x])
			reduced = append(reduced, a-patternShare*p[x])
		}
	}
	if len(above) == 0 {
		return Score{}
	}
	slices.Sort(reduced)
	k := min(len(reduced), (len(m)+oneIn-1)/oneIn)
	var top float64
	for _, v := range reduced[len(reduced)-k:] {
		top += float64(v) / float64(k)
	}
	return Score{Peak: top - levelShare*float64(median(above)), Height: top - float64(median(reduced))}
}

// median is rounded as scores are.
func median(v []float32) float32 { return float32(stats.Median(v)) }
