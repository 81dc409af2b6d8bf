package knn

import (
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

// TestSquareDistances: distances of pairs are those of each by itself, to the
// bit.
func TestSquareDistances(t *testing.T) {
	each(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			n, c := rapid.IntRange(1, 40).Draw(t, "n"), rapid.IntRange(1, 300).Draw(t, "c")
			rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
			x, y := framed(random(rng, n*c), random(rng, n*c), n, n, c, Int16)
			pairs := make([]pair, 4*rapid.IntRange(1, 9).Draw(t, "quads"))
			for i := range pairs {
				pairs[i] = pair{rng.Int32N(int32(n)), rng.Int32N(int32(n))}
			}
			got := make([]float32, len(pairs))
			squareDistances(x, y, pairs, got)
			for i, p := range pairs {
				if want := square(x, p.p, y, p.q); got[i] != want {
					t.Fatalf("pair %d of rows of %d: %v, want %v", i, c, got[i], want)
				}
			}
		})
	})
}

// TestAbove: every path finds the same of maxima and scores above a limit.
func TestAbove(t *testing.T) {
	each(t, func(t *testing.T) {
		rapid.Check(t, func(t *rapid.T) {
			small := rapid.Int32Range(-3, 3)
			const n = max(rowClasses*coarseMR, colClasses*coarseNR)
			maxima := rapid.SliceOfN(small, n, n).Draw(t, "maxima")
			limit := rapid.SliceOfN(small, coarseNR, coarseNR).Draw(t, "limit")
			for name, f := range map[string][2]func(maxima, least *int32, masks *uint32){
				"rows":    {active.ints.rowAbove, rowAbovePortable},
				"columns": {active.ints.colAbove, colAbovePortable},
				"scores":  {active.ints.scoresAbove, scoresAbovePortable},
			} {
				var got, want [coarseNR]uint32
				f[0](&maxima[0], &limit[0], &got[0])
				f[1](&maxima[0], &limit[0], &want[0])
				if got != want {
					t.Fatalf("%s: %b, want %b", name, got, want)
				}
			}
		})
	})
}

// TestCrowdedColumns: columns are counted rightly.
func TestCrowdedColumns(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var masks [colClasses]uint32
		dense := rapid.IntRange(0, 4).Draw(t, "dense")
		for i := range masks {
			masks[i] = rapid.Uint32().Draw(t, "mask")
			for range dense {
				masks[i] &= rapid.Uint32().Draw(t, "mask")
			}
		}
		top := rapid.SliceOfN(rapid.SampledFrom([]int32{-1, -1_000_000}), coarseNR, coarseNR).Draw(t, "top")
		got := crowdedColumns(&masks, top)
		for l := range top {
			n := 0
			for _, mask := range masks {
				n += int(mask >> l & 1)
			}
			if want := n > maxCandidates(top[l]); want != (got>>l&1 != 0) {
				t.Fatalf("column %d with %d candidates, best %d: crowded %v, want %v", l, n, top[l], !want, want)
			}
		}
	})
}
