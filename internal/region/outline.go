package region

// Outlines returns the outer outlines of the regions 1 to n that the labels [h*w]
// mark: of region k+1 the polygons outlines[k], as x and y of each corner in turn,
// clockwise as an image is seen, along the edges of pixels. Parts that touch over
// a corner are polygons of their own; holes are not left out.
func Outlines(labels []int32, w, n int) (outlines [][][]int) {
	t := tracer{labels, w, len(labels) / max(w, 1), make(map[corner]bool)}
	outlines = make([][][]int, n)
	for i, l := range labels {
		x, y := i%w, i/w
		// The upper left corner of an outline is one from which an edge leads right
		// that was not walked.
		if l > 0 && t.label(x, y-1) != l && !t.walked[corner{x, y}] {
			if polygon, outer := t.trace(x, y, l); outer {
				outlines[l-1] = append(outlines[l-1], polygon)
			}
		}
	}
	return outlines
}

type corner struct{ x, y int }

type tracer struct {
	labels []int32
	w, h   int
	walked map[corner]bool // edges to the right, by where they begin
}

func (t *tracer) label(x, y int) int32 {
	if x < 0 || y < 0 || x >= t.w || y >= t.h {
		return 0
	}
	return t.labels[y*t.w+x]
}

// trace follows the edge of label l with its pixels on the right hand, from the
// upper edge of pixel (x, y). It is the outer one if it encloses a positive area.
func (t *tracer) trace(x, y int, l int32) (polygon []int, outer bool) {
	at, dx, dy := corner{x, y}, 1, 0
	start, area := at, 0
	for {
		if dx == 1 {
			t.walked[at] = true
		}
		next := corner{at.x + dx, at.y + dy}
		area += at.x*next.y - next.x*at.y
		// The pixels ahead, to the right and to the left of the way.
		rx, ry := next.x, next.y
		if dx < 0 || dy > 0 {
			rx--
		}
		if dx < 0 || dy < 0 {
			ry--
		}
		lx, ly := rx+dy, ry-dx
		turnX, turnY := dx, dy
		switch right, left := t.label(rx, ry) == l, t.label(lx, ly) == l; {
		case !right:
			turnX, turnY = -dy, dx
		case left:
			turnX, turnY = dy, -dx
		}
		if turnX != dx || turnY != dy {
			polygon = append(polygon, next.x, next.y)
		}
		at, dx, dy = next, turnX, turnY
		if at == start && dx == 1 && dy == 0 {
			return polygon, area > 0
		}
	}
}
