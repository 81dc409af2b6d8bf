package report

import (
	"encoding/binary"
	"math"

	"codegraph"
)

// HeatColours are those of the overlays.
var HeatColours = heatColours

// PageMask is a mask as the page reads it.
func PageMask(mask []bool, w, h int) (small []bool, sw, sh int) {
	m := newPageMask(mask, w, h)
	on := false
	for b := m.Runs; len(b) > 0; on = !on {
		run, n := binary.Uvarint(b)
		b = b[n:]
		for range run {
			small = append(small, on)
		}
	}
	return small, m.Width, m.Height
}

// PageVector is a record of pageVectors, as the page reads it.
type PageVector struct {
	Image, Patch, Burnout                int
	Growth, Usual, LogP, Alpha, Position float64
	Distances                            []float64 // at Ranks
	Nearest                              []int
	Matches                              []int // nil: not looked for; −1: out of sight
}

// PageVectors reads what newPageVectors makes, as Evidence in web/src/data.ts
// does.
func PageVectors(res *codegraph.Result) []PageVector {
	v := newPageVectors(res)
	u16 := func(b []byte, k int) int { return int(binary.LittleEndian.Uint16(b[2*k:])) }
	matches := map[[2]int][]int{}
	for b, n := v.Matches, 2*(2+v.Nearest); len(b) > 0; b = b[n:] {
		var m []int
		for k := range v.Nearest {
			if p := u16(b, 2+k); p == none {
				m = append(m, -1)
			} else {
				m = append(m, p)
			}
		}
		matches[[2]int{u16(b, 0), u16(b, 1)}] = m
	}
	record := 2 * (recordHead + len(v.Ranks) + v.Nearest)
	perImage := len(v.Data) / record / len(res.Images)
	var out []PageVector
	for k := range len(v.Data) / record {
		b := v.Data[k*record:]
		if u16(b, 0) == none {
			continue
		}
		x := PageVector{
			Image: k / perImage, Patch: u16(b, 0), Burnout: u16(b, 1),
			Growth: math.Exp(float64(u16(b, 2)) / 4096), Usual: math.Exp(float64(u16(b, 3)) / 4096), LogP: -float64(u16(b, 4)) / 64,
			Alpha: float64(u16(b, 5)) / 16, Position: float64(u16(b, 6)) / 16,
		}
		for r := range v.Ranks {
			x.Distances = append(x.Distances, math.Exp(v.Lowest+(v.Highest-v.Lowest)*float64(u16(b, recordHead+r)-1)/65534))
		}
		for n := range v.Nearest {
			x.Nearest = append(x.Nearest, u16(b, recordHead+len(v.Ranks)+n))
		}
		x.Matches = matches[[2]int{x.Image, x.Patch}]
		out = append(out, x)
	}
	return out
}
