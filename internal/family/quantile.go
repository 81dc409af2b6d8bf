package family

import (
	"math"
	"slices"
)

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
