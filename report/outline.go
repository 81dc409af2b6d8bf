package report

import "math"

// outlineFineness is the part of the longer side of an image that an outline on the
// page may be off.
const outlineFineness = 400

// simplified leaves out corners of a closed polygon, x and y in turn, that are off
// by at most tolerance (Douglas and Peucker 1973).
func simplified(polygon []int, tolerance float64) []int {
	n := len(polygon) / 2
	if n < 4 {
		return polygon
	}
	far, most := 0, -1.0
	for k := range n {
		if d := math.Hypot(float64(polygon[2*k]-polygon[0]), float64(polygon[2*k+1]-polygon[1])); d > most {
			far, most = k, d
		}
	}
	closed := append(append([]int{}, polygon...), polygon[0], polygon[1])
	keep := make([]bool, n+1)
	keep[0], keep[far] = true, true
	thin(closed, 0, far, tolerance, keep)
	thin(closed, far, n, tolerance, keep)
	var out []int
	for k := range n {
		if keep[k] {
			out = append(out, polygon[2*k], polygon[2*k+1])
		}
	}
	return out
}

// thin marks the corners between a and b that are farther than tolerance from the
// line between them, the farthest first.
func thin(p []int, a, b int, tolerance float64, keep []bool) {
	ax, ay := float64(p[2*a]), float64(p[2*a+1])
	dx, dy := float64(p[2*b])-ax, float64(p[2*b+1])-ay
	length := math.Hypot(dx, dy)
	at, most := -1, tolerance
	for k := a + 1; k < b; k++ {
		x, y := float64(p[2*k])-ax, float64(p[2*k+1])-ay
		d := math.Hypot(x, y)
		if length > 0 {
			d = math.Abs(x*dy-y*dx) / length
		}
		if d > most {
			at, most = k, d
		}
	}
	if at >= 0 {
		keep[at] = true
		thin(p, a, at, tolerance, keep)
		thin(p, at, b, tolerance, keep)
	}
}
