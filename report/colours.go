package report

import (
	"math"
	"slices"

	"codegraph"
)

// Colours are the patch scores that colours stand for: nothing is shown at the
// batch's median, and the colour of a defect is reached at the limit, above which
// a patch belongs to one. What is higher has the same colour, so that one extreme
// part takes nothing from the others.
type Colours struct {
	Min    float64 `json:"min"`
	Median float64 `json:"median"`
	Limit  float64 `json:"limit"`
	Max    float64 `json:"max"`
}

// newColours finds them. Where the batch does not show what normal images reach,
// the limit is the height that the highest tenth of the images reaches.
func newColours(res *codegraph.Result, f *regionFinder, s Scale) Colours {
	c := Colours{Min: s.Min, Median: f.params.Level, Limit: f.params.Seed, Max: s.Max}
	if math.IsInf(c.Limit, 1) || !(c.Limit > c.Median) {
		var highest []float64
		for i := range res.Images {
			_, hi := mapRange(res.Images[i].Map)
			highest = append(highest, hi)
		}
		slices.Sort(highest)
		c.Limit = c.Max
		if n := len(highest); n > 0 {
			c.Limit = highest[n-1-(n+5)/10] // a tenth, rounded, is above
		}
	}
	return c
}

// of returns how much colour a score has, 0 to 1.
func (c Colours) of(v float32) float64 { return part(float64(v), c.Median, c.Limit) }

// Levels of the page: a byte is spent on the scores below the median, between it
// and the limit, and above, in these parts.
const (
	medianLevel = 64
	limitLevel  = 192
)

// level is a score as a level of 255; web/src/data.ts has the inverse.
func (c Colours) level(v float32) byte {
	x := float64(v)
	switch {
	case x <= c.Median:
		return byte(math.Round(medianLevel * part(x, c.Min, c.Median)))
	case x <= c.Limit:
		return byte(math.Round(medianLevel + (limitLevel-medianLevel)*part(x, c.Median, c.Limit)))
	}
	return byte(math.Round(limitLevel + (255-limitLevel)*part(x, c.Limit, c.Max)))
}

// part is where v lies between lo and hi, 0 to 1.
func part(v, lo, hi float64) float64 {
	if !(hi > lo) {
		return 0
	}
	return min(max((v-lo)/(hi-lo), 0), 1)
}
