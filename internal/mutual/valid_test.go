package mutual

import (
	"context"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
)

// TestValid compares tables of batches of which some patches are not compared,
// before and after masking and against a base, with the definition.
func TestValid(t *testing.T) {
	t.Parallel()
	b := newBatch(6, 12, []int{3, 20}, 1)
	valid := make(Valid, b.n)
	rng := rand.New(rand.NewPCG(4, 4))
	for i := 1; i < 5; i++ { // all of the first and last, none of the one before the last
		valid[i] = make([]bool, b.p)
		for x := range valid[i] {
			valid[i][x] = i < 4 && rng.IntN(3) > 0
		}
	}
	removed := map[int][]int{0: {3, 4}, 1: {0, 11}, 2: {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}, 4: {5}}
	for _, radius := range []int{0, 1} {
		for _, block := range []int{0, 2} {
			w := Window{H: 3, W: 4, Radius: radius}
			o := Options{Neighbours: 2, Threads: 2, Window: w, Valid: valid, Block: block}
			tab, scores, err := Compare(context.Background(), b, o)
			if err != nil {
				t.Fatal(err)
			}
			checkValid(t, b, "compared", tab.Row, valid, w, nil)
			for i := range b.n {
				for x, a := range scores[i] {
					if (a == 0) == valid.has(i, x) {
						t.Errorf("patch %d of image %d, valid %v, scores %v", x, i, valid.has(i, x), a)
					}
				}
			}
			masked, err := Mask(context.Background(), b, tab, removed, o)
			if err != nil {
				t.Fatal(err)
			}
			checkValid(t, b, "masked", masked.Row, valid, w, removed)
			queries, err := NewGallery(b, removed, o, false).Against(context.Background(), b, o)
			if err != nil {
				t.Fatal(err)
			}
			before := func(i, p int) []float32 { return queries[i].Before[p*b.n : (p+1)*b.n] }
			after := func(i, p int) []float32 { return queries[i].After[p*b.n : (p+1)*b.n] }
			checkMatches(t, b, "before", before, valid, w, nil)
			checkMatches(t, b, "after", after, valid, w, removed)
		}
	}
}

// checkValid checks that rows of patches that are not valid are 0, and the others.
func checkValid(t *testing.T, b *batch, what string, row func(i, p int) []float32, valid Valid, w Window, removed map[int][]int) {
	t.Helper()
	for i := range b.n {
		for p := range b.p {
			if valid.has(i, p) {
				continue
			}
			for j, d := range row(i, p) {
				if j != i && d != 0 {
					t.Fatalf("%s, radius %d: patch %d of image %d is not valid and at %v from image %d", what, w.Radius, p, i, d, j)
				}
			}
		}
	}
	checkMatches(t, b, what, row, valid, w, removed)
}

// checkMatches checks the distances of valid patches to other images.
func checkMatches(t *testing.T, b *batch, what string, row func(i, p int) []float32, valid Valid, w Window, removed map[int][]int) {
	t.Helper()
	for i := range b.n {
		for p := range b.p {
			for j, got := range row(i, p) {
				if i == j || !valid.has(i, p) {
					continue
				}
				excluded := slices.Clone(removed[j])
				for q := range b.p {
					far := w.Radius > 0 && max(abs(p/w.W-q/w.W), abs(p%w.W-q%w.W)) > w.Radius
					if far || !valid.has(j, q) {
						excluded = append(excluded, q)
					}
				}
				want := 0.0
				for v := range b.widths {
					want += b.distance(v, i, p, j, excluded) / float64(len(b.widths))
				}
				if float64(got) != want && !(math.Abs(float64(got)-want) < 1e-5*want) {
					t.Fatalf("%s, radius %d: patch %d of image %d is at %v from image %d, want %v", what, w.Radius, p, i, got, j, want)
				}
			}
		}
	}
}

func abs(x int) int { return max(x, -x) }
