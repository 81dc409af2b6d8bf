package region

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestOutlines(t *testing.T) {
	t.Parallel()
	for want, rows := range map[string][]string{
		"[[[1 0 1 1 0 1 0 0]]]":                             {"1"},
		"[[[3 0 3 2 0 2 0 0]]]":                             {"111", "111"},
		"[[[1 0 1 1 0 1 0 0] [2 1 2 2 1 2 1 1]]]":           {"10", "01"},
		"[[[3 0 3 3 0 3 0 0]]]":                             {"111", "101", "111"},
		"[[[2 0 2 1 1 1 1 2 0 2 0 0]] [[2 1 2 2 1 2 1 1]]]": {"11", "12"},
		"[[]]": {"00"},
	} {
		var labels []int32
		n := 1
		for _, row := range rows {
			for _, c := range row {
				labels = append(labels, c-'0')
				n = max(n, int(c-'0'))
			}
		}
		if got := fmt.Sprint(Outlines(labels, len(rows[0]), n)); got != want {
			t.Errorf("%q: %s, want %s", rows, got, want)
		}
	}
}

// TestOutlinesCover: together the outlines hold the pixels of their
// region and its holes, and no other.
func TestOutlinesCover(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 7).Draw(t, "w"), rapid.IntRange(1, 7).Draw(t, "h")
		labels := make([]int32, w*h)
		for i := range labels {
			labels[i] = int32(rapid.IntRange(0, 2).Draw(t, "label"))
		}
		outlines := Outlines(labels, w, 2)
		for l := int32(1); l <= 2; l++ {
			outside := reachable(labels, w, h, l)
			for i := range labels {
				inside := false
				for _, p := range outlines[l-1] {
					inside = inside || holds(p, float64(i%w)+0.5, float64(i/w)+0.5)
				}
				if want := !outside[i]; inside != want {
					t.Fatalf("label %d, pixel %d: inside %v, want %v; %v %v", l, i, inside, want, labels, outlines)
				}
			}
		}
	})
}

// reachable marks the pixels that are not of label l and that a way over sides
// or corners joins with the border.
func reachable(labels []int32, w, h int, l int32) []bool {
	out := make([]bool, len(labels))
	var visit func(x, y int)
	visit = func(x, y int) {
		if x < 0 || y < 0 || x >= w || y >= h || out[y*w+x] || labels[y*w+x] == l {
			return
		}
		out[y*w+x] = true
		for dy := -1; dy <= 1; dy++ {
			for dx := -1; dx <= 1; dx++ {
				visit(x+dx, y+dy)
			}
		}
	}
	for x := range w {
		visit(x, 0)
		visit(x, h-1)
	}
	for y := range h {
		visit(0, y)
		visit(w-1, y)
	}
	return out
}

// holds is the even-odd rule for a ray to the right.
func holds(p []int, x, y float64) (in bool) {
	for k := 0; k < len(p); k += 2 {
		j := (k + 2) % len(p)
		x0, y0, x1, y1 := float64(p[k]), float64(p[k+1]), float64(p[j]), float64(p[j+1])
		if (y0 > y) != (y1 > y) && x < x0+(y-y0)*(x1-x0)/(y1-y0) {
			in = !in
		}
	}
	return in
}
