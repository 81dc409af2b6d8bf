package burnout

import (
	"math"
	"slices"
	"sync"

	"codegraph/internal/evt"
	"codegraph/internal/mutual"
)

// Entry is one element of a mutual similarity vector.
type Entry struct {
	Image    int32
	Distance float32
}

// ordered is what Vector orders a row with.
type ordered struct {
	sorter mutual.Sorter
	images []uint16
}

var orders = sync.Pool{New: func() any { return new(ordered) }}

// Vector sorts the distances of a table row, of at most mutual.MaxOrdered images,
// ascending, ties by image, and leaves out infinite ones (the patch's own image).
// dst is reused.
func Vector(dst []Entry, row []float32) []Entry {
	o := orders.Get().(*ordered)
	defer orders.Put(o)
	o.images = slices.Grow(o.images[:0], len(row))[:len(row)]
	o.sorter.Order(o.images, row)
	return vector(dst, row, o.images)
}

// vector is Vector of a row whose order is known.
func vector(dst []Entry, row []float32, order []uint16) []Entry {
	dst = slices.Grow(dst[:0], len(row))
	for _, j := range order {
		if d := row[j]; d <= math.MaxFloat32 {
			dst = append(dst, Entry{int32(j), d})
		}
	}
	return dst
}

// Growth returns the growth rates τ⁽ⁱ⁾ = ln(d⁽ⁱ⁺¹⁾/d⁽ⁱ⁾), one fewer than v
// has entries; 0/0 counts as no growth.
func Growth(v []Entry) []float64 {
	if len(v) < 2 {
		return nil
	}
	rates := make([]float64, len(v)-1)
	for i := range rates {
		if v[i].Distance < v[i+1].Distance {
			rates[i] = math.Log(float64(v[i+1].Distance) / float64(v[i].Distance))
		}
	}
	return rates
}

// Omega is the reference rank ω = max(2, ⌊share·(n−1)⌋) for n images.
func Omega(n int, share float64) int {
	return max(2, int(math.Floor(share*float64(n-1)+1e-9)))
}

// endurance returns ζ⁽ⁱ⁾ = d⁽ⁱ⁾/d⁽ω⁾ for 1 ≤ i < ω; where d⁽ω⁾ is 0 (copies
// of one image) the ratio is 1. It is nil if v has fewer than ω entries.
func endurance(v []Entry, omega int) []float64 {
	if omega < 1 || len(v) < omega {
		return nil
	}
	ratios := make([]float64, omega-1)
	end := float64(v[omega-1].Distance)
	for i := range ratios {
		ratios[i] = 1
		if end > 0 {
			ratios[i] = float64(v[i].Distance) / end
		}
	}
	return ratios
}

// Tells reports whether a vector says anything about growth below rank ω: its
// first distance is not 0, and its ω-th is larger.
func Tells(v []Entry, omega int) bool {
	return omega > 1 && len(v) >= omega && v[0].Distance > 0 && v[0].Distance < v[omega-1].Distance
}

// Spacings returns the normalised spacings i·τ⁽ⁱ⁾, 1 ≤ i < ω (evt.Spacings), nil
// where the vector does not tell. dst is reused.
func Spacings(dst []float64, v []Entry, omega int) []float64 {
	if !Tells(v, omega) {
		return nil
	}
	dst = dst[:0]
	for _, e := range v[:omega] {
		dst = append(dst, float64(e.Distance))
	}
	return evt.Spacings(dst, dst)
}

// Hill is Hill's estimate of the tail index from the distances up to rank ω
// (evt.Hill); its Alpha is NaN where the vector does not tell.
func Hill(v []Entry, omega int) evt.Estimate { return evt.Hill(Spacings(nil, v, omega)) }
