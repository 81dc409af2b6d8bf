package mutual

import (
	"context"
	"fmt"
	"math"
	"slices"
	"testing"
)

// BenchmarkWindow compares at the shapes of the embedded network at 448 pixels
// and of a large transformer at 518, within a radius; 0 is everywhere.
func BenchmarkWindow(b *testing.B) {
	for _, shape := range []struct{ side, channels int }{{28, 80}, {37, 1024}} {
		s := newBatch(4, shape.side*shape.side, []int{shape.channels}, 1)
		for _, radius := range []int{0, 1, 2, 3, 5, 8} {
			b.Run(fmt.Sprintf("%dx%d/radius=%d", shape.side, shape.channels, radius), func(b *testing.B) {
				o := Options{Neighbours: 1, Threads: 1, Window: Window{shape.side, shape.side, radius}}
				for b.Loop() {
					if _, _, err := Compare(context.Background(), s, o); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
}

// TestWindow compares tables of aligned comparison, before and after masking,
// with the definition.
func TestWindow(t *testing.T) {
	b := newBatch(6, 12, []int{3, 20}, 1)
	w := Window{H: 3, W: 4, Radius: 1}
	o := Options{Neighbours: 2, Threads: 2, Window: w}
	tab, _, err := Compare(context.Background(), b, o)
	if err != nil {
		t.Fatal(err)
	}
	checkWindow(t, b, tab, w, nil)
	removed := map[int][]int{1: {0, 11}, 2: {5}, 3: {0, 1, 4, 5}, 4: {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}
	if tab, err = Mask(context.Background(), b, tab, removed, o); err != nil {
		t.Fatal(err)
	}
	checkWindow(t, b, tab, w, removed)
}

func checkWindow(t *testing.T, b *batch, tab *Table, w Window, removed map[int][]int) {
	t.Helper()
	for i := range b.n {
		for p := range b.p {
			for j, got := range tab.Row(i, p) {
				if i == j {
					continue
				}
				excluded := slices.Clone(removed[j])
				for q := range b.p {
					if dy, dx := p/w.W-q/w.W, p%w.W-q%w.W; dy*dy > w.Radius*w.Radius || dx*dx > w.Radius*w.Radius {
						excluded = append(excluded, q)
					}
				}
				var want float64
				for v := range b.widths {
					want += b.distance(v, i, p, j, excluded) / float64(len(b.widths))
				}
				if float64(got) != want && !(math.Abs(float64(got)-want) < 1e-5*want) {
					t.Fatalf("d(%d, %d, %d) = %v, want %v", i, p, j, got, want)
				}
			}
		}
	}
}

// TestWideWindow: a window as large as the grid limits nothing.
func TestWideWindow(t *testing.T) {
	b := newBatch(5, 12, []int{7}, 2)
	tab, scores, err := Compare(context.Background(), b, Options{Neighbours: 2, Window: Window{H: 3, W: 4, Radius: 3}})
	if err != nil {
		t.Fatal(err)
	}
	checkTable(t, b, tab, nil)
	_, want, err := Compare(context.Background(), b, Options{Neighbours: 2})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.EqualFunc(scores, want, func(a, b []float32) bool { return slices.Equal(a, b) }) {
		t.Fatal("scores differ from those without a window")
	}
}
