package family

import (
	"math"
	"slices"
)

// quantile interpolates linearly, as numpy; 0 for no values.
func quantile(v []float64, q float64) float64 {
	if len(v) == 0 {
		return 0
	}
	return interpolate(slices.Sorted(slices.Values(v)), len(v), q)
}

// position is where the q-quantile of n ascending values lies: at a value and
// a part of the way to the next.
func position(n int, q float64) (value int, part float64) {
	at := q * float64(n-1)
	value = int(at)
	return value, at - float64(value)
}

// interpolate is the q-quantile of n values, of which top are the highest,
// ascending.
func interpolate(top []float64, n int, q float64) float64 {
	lo, part := position(n, q)
	hi := min(lo+1, n-1)
	below, above := top[lo-(n-len(top))], top[hi-(n-len(top))]
	return below + part*(above-below)
}

// highest collects the highest values, most of them, without sorting the
// others.
type highest struct {
	most   int
	values []float64
	cut    float64 // what is no higher is not among them
}

func (h *highest) add(values []float64) {
	if len(h.values) == 0 {
		h.cut = math.Inf(-1)
	}
	for _, v := range values {
		if v > h.cut || len(h.values) < h.most {
			if h.values = append(h.values, v); len(h.values) >= 2*h.most {
				h.trim()
				h.cut = h.values[0]
			}
		}
	}
}

func (h *highest) trim() {
	slices.Sort(h.values)
	if more := len(h.values) - h.most; more > 0 {
		h.values = h.values[:copy(h.values, h.values[more:])]
	}
}

// sorted returns them, ascending.
func (h *highest) sorted() []float64 {
	h.trim()
	return h.values
}

// topMean is the mean of the k highest values.
func topMean(v []float64, k int) float64 {
	top := highest{most: min(k, len(v))}
	top.add(v)
	var sum float64
	for _, x := range top.sorted() {
		sum += x
	}
	return sum / float64(max(1, len(top.values)))
}
