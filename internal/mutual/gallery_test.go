package mutual

import (
	"context"
	"math"
	"slices"
	"testing"
)

// part is some images of a batch.
type part struct {
	*batch
	images []int
}

func (p part) N() int                         { return len(p.images) }
func (p part) Tokens(dst []float32, v, i int) { p.batch.Tokens(dst, v, p.images[i]) }

// TestAgainst: the distances of queries to a gallery are those in a batch of both.
func TestAgainst(t *testing.T) {
	ctx := context.Background()
	b := newBatch(9, 12, []int{3, 20}, 6)
	gallery, rest := part{b, []int{0, 1, 2, 3, 4}}, part{b, []int{5, 6, 7, 8}}
	removed := map[int][]int{1: {0, 11}, 3: {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}}
	for _, w := range []Window{{}, {H: 3, W: 4, Radius: 1}} {
		o := Options{Neighbours: 2, Threads: 2, Window: w}
		before, _, err := Compare(ctx, b, o)
		if err != nil {
			t.Fatal(err)
		}
		after, err := Mask(ctx, b, before, removed, o)
		if err != nil {
			t.Fatal(err)
		}
		for _, block := range []int{0, 2, 3, 9} { // 0: kept
			keep := block == 0
			bs := NewGallery(gallery, removed, Options{Window: w, Fast: keep, Block: block}, keep)
			queries, err := bs.Against(ctx, rest, o)
			if err != nil {
				t.Fatal(err)
			}
			for i, s := range queries {
				for x := range b.p {
					checkRow(t, "before", s.Before[x*5:(x+1)*5], before.Row(5+i, x)[:5])
					checkRow(t, "after", s.After[x*5:(x+1)*5], after.Row(5+i, x)[:5])
				}
			}
			alone, err := bs.Against(ctx, part{b, []int{7}}, Options{Neighbours: 2, Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(alone[0].Before, queries[2].Before) || !slices.Equal(alone[0].After, queries[2].After) || !slices.Equal(alone[0].Scores, queries[2].Scores) {
				t.Errorf("window %+v, block %d: an image alone is at other distances than among others", w, block)
			}
		}
	}
}

func checkRow(t *testing.T, what string, got, want []float32) {
	t.Helper()
	for j := range want {
		if got[j] != want[j] && !(math.Abs(float64(got[j]-want[j])) < 1e-5*float64(want[j])) {
			t.Fatalf("%s: %v, want %v", what, got, want)
		}
	}
}

// TestAgainstScores: MuSc's scores are the mean over variants of the mean of
// the lowest distances.
func TestAgainstScores(t *testing.T) {
	b := newBatch(6, 5, []int{4, 9}, 7)
	queries, err := NewGallery(part{b, []int{0, 1, 2, 3}}, nil, Options{}, false).Against(context.Background(), part{b, []int{5}}, Options{Neighbours: 3, Threads: 3})
	if err != nil {
		t.Fatal(err)
	}
	for x, got := range queries[0].Scores {
		var want float64
		for v := range b.widths {
			var d []float64
			for j := range 4 {
				d = append(d, b.distance(v, 5, x, j, nil))
			}
			slices.Sort(d)
			want += (d[0] + d[1] + d[2]) / 3 / 2
		}
		if math.Abs(float64(got)-want) > 1e-5 {
			t.Errorf("patch %d scores %v, want %v", x, got, want)
		}
	}
}
