package tiled

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func drawLayout(t *rapid.T) *Layout {
	side := rapid.IntRange(1, 80).Draw(t, "side")
	l, err := newLayout(rapid.IntRange(side, 400).Draw(t, "width"), rapid.IntRange(side, 400).Draw(t, "height"), side)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

// TestLayout: tiles lie inside, begin and end with the image, and overlap.
func TestLayout(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLayout(t)
		check := func(starts []int, length int) {
			if starts[0] != 0 || starts[len(starts)-1] != length-l.Side {
				t.Fatalf("tiles of %d from %v do not cover %d", l.Side, starts, length)
			}
			for i := 1; i < len(starts); i++ {
				step := starts[i] - starts[i-1]
				if step < 1 || l.Side > 4 && float64(step) > (1-overlap)*float64(l.Side)+1 {
					t.Fatalf("tiles of %d from %v", l.Side, starts)
				}
			}
		}
		check(l.xs, l.Width)
		check(l.ys, l.Height)
		if last := l.Rect(l.Len() - 1); last.Max.X != l.Width || last.Max.Y != l.Height {
			t.Fatalf("last tile %v", last)
		}
	})
}

func TestLayoutOfOneTile(t *testing.T) {
	l, err := newLayout(64, 64, 64)
	if err != nil || l.Len() != 1 {
		t.Fatalf("%+v, %v", l, err)
	}
	m := []float32{1, 2, 3, 4}
	for i, v := range l.Blend([][]float32{m}, 2) {
		if v != m[i] {
			t.Errorf("cell %d is %v, want %v", i, v, m[i])
		}
	}
}

func TestTooLarge(t *testing.T) {
	for _, side := range []int{0, -1, 101} {
		if _, err := newLayout(100, 200, side); err == nil {
			t.Errorf("tiles of %d in 100 × 200 were taken", side)
		}
	}
}

// TestBlendOfPlane: maps that agree with a linear function of the place give
// that function, but for half a patch around tiles, where they are constant.
func TestBlendOfPlane(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLayout(t)
		patches := rapid.IntRange(1, 8).Draw(t, "patches")
		a, b := rapid.Float64Range(-1, 1).Draw(t, "a"), rapid.Float64Range(-1, 1).Draw(t, "b")
		cell := float64(l.Side) / float64(patches)
		maps := make([][]float32, l.Len())
		for k := range maps {
			r := l.Rect(k)
			for p := range patches * patches {
				x, y := float64(r.Min.X)+(float64(p%patches)+0.5)*cell, float64(r.Min.Y)+(float64(p/patches)+0.5)*cell
				maps[k] = append(maps[k], float32(a*x+b*y))
			}
		}
		h, w := l.Grid(patches)
		for i, got := range l.Blend(maps, patches) {
			x, y := (float64(i%w)+0.5)*float64(l.Width)/float64(w), (float64(i/w)+0.5)*float64(l.Height)/float64(h)
			if off := math.Abs(float64(got) - a*x - b*y); off > (math.Abs(a)+math.Abs(b))*cell/2+1e-3 {
				t.Fatalf("cell %d is %v, want %v", i, got, a*x+b*y)
			}
		}
	})
}

// TestNoSeam: next to the border of a tile the map does not jump, however much
// tiles differ.
func TestNoSeam(t *testing.T) {
	l, err := newLayout(350, 200, 200)
	if err != nil || l.Len() != 2 {
		t.Fatalf("%d tiles, %v", l.Len(), err)
	}
	const patches = 100
	maps := [][]float32{make([]float32, patches*patches), make([]float32, patches*patches)}
	for p := range maps[1] {
		maps[1][p] = 1
	}
	_, w := l.Grid(patches)
	row := l.Blend(maps, patches)[:w]
	for x := 1; x < w; x++ {
		if step := row[x] - row[x-1]; step < 0 || step > 0.05 {
			t.Errorf("from cell %d to the next the map jumps by %v", x-1, step)
		}
	}
	if row[0] != 0 || row[w-1] != 1 {
		t.Errorf("from %v to %v", row[0], row[w-1])
	}
}

// TestCell: a patch lies over the cell that its centre is in.
func TestCell(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := drawLayout(t)
		patches := rapid.IntRange(1, 8).Draw(t, "patches")
		k, p := rapid.IntRange(0, l.Len()-1).Draw(t, "tile"), rapid.IntRange(0, patches*patches-1).Draw(t, "patch")
		h, w := l.Grid(patches)
		c := l.Cell(k, p, patches)
		cell, r := float64(l.Side)/float64(patches), l.Rect(k)
		x, y := float64(r.Min.X)+(float64(p%patches)+0.5)*cell, float64(r.Min.Y)+(float64(p/patches)+0.5)*cell
		if cx, cy := (float64(c%w)+0.5)*float64(l.Width)/float64(w), (float64(c/w)+0.5)*float64(l.Height)/float64(h); math.Abs(cx-x) > cell+1 || math.Abs(cy-y) > cell+1 {
			t.Fatalf("patch at %v, %v in cell at %v, %v", x, y, cx, cy)
		}
	})
}
