package burnout

import "codegraph/internal/evt"

// Pooled is the tail index that the patches of an image have in common, from their
// rows of a table up to rank ω (evt.Pool); NaN where none of them tells.
func Pooled(rows func(yield func([]float32) bool), omega int) float64 {
	var means, u []float64
	var v []Entry
	for row := range rows {
		v = Vector(v, row)
		if spacings := Spacings(u, v, omega); spacings != nil {
			u, means = spacings, append(means, 1/evt.Hill(spacings).Alpha)
		}
	}
	return evt.Pool(means, omega-1, 1).Alpha
}
