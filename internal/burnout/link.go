package burnout

import (
	"cmp"
	"context"
	"math"
	"slices"
	"sync"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
)

// Link is a suspicious link: patch Patch of image From finds image To at rank
// Rank (1 is the nearest) with the weighted endurance ratio Ratio.
type Link struct {
	From, Patch, Rank, To int32
	Ratio                 float32
}

// Params are the constants of the selection.
type Params struct {
	Omega    float64 // reference rank ω as a share of the other images
	Beta     float64 // weight exponent β
	Coverage float64 // share of the images that the links must touch
	Threads  int
}

// Select returns the suspicious links of a table in ascending ratio, ties by
// image, patch and rank: as many as it takes to touch ⌈coverage·N⌉ images at
// either end, or all that any link touches if these are fewer. Only ratios below
// 1 count: where distances do not grow nothing burns out.
//
// There are N·P·ω links. It goes through the table for the first link of each
// image, which tells where those that are wanted end, and once more for them.
func Select(ctx context.Context, t *mutual.Ranked, p Params) ([]Link, error) {
	omega := Omega(t.N, p.Omega)
	if t.N <= omega {
		return nil, ctx.Err()
	}
	first, err := firstLinks(ctx, t, p, omega)
	want := min(int(math.Ceil(p.Coverage*float64(t.N)-1e-9)), len(first))
	if err != nil || want < 1 {
		return nil, err
	}
	last := first[want-1]
	byImage := make([][]Link, t.N)
	err = parallel.ForEach(ctx, t.N, p.Threads, func() func(i int) {
		var v []Entry
		return func(i int) {
			for x := range t.P {
				v = vector(v, t.Row(i, x), t.Order(i, x))
				eachLink(v, omega, p.Beta, i, x, func(l Link) bool {
					if compareLinks(l, last) > 0 {
						return false
					}
					byImage[i] = append(byImage[i], l)
					return true
				})
			}
		}
	})
	if err != nil {
		return nil, err
	}
	links := slices.Concat(byImage...)
	slices.SortFunc(links, compareLinks)
	return links, nil
}

// eachLink calls use for the links of patch x of image i, whose vector is v, in
// ascending order, while it wants more.
func eachLink(v []Entry, omega int, beta float64, i, x int, use func(l Link) (more bool)) {
	if len(v) < omega || v[omega-1].Distance == 0 {
		return
	}
	end := float64(v[omega-1].Distance)
	weight := math.Pow(end, -beta) / end
	for k, e := range v[:omega-1] {
		if e.Distance >= v[omega-1].Distance || !use(Link{int32(i), int32(x), int32(k + 1), e.Image, float32(float64(e.Distance) * weight)}) {
			return
		}
	}
}

// firstLinks returns, in ascending order, the first link that touches each image
// that any touches.
func firstLinks(ctx context.Context, t *mutual.Ranked, p Params, omega int) ([]Link, error) {
	var mu sync.Mutex
	first := untouched(t.N)
	err := parallel.ForEach(ctx, t.N, p.Threads, func() func(i int) {
		var v []Entry
		return func(i int) {
			own := untouched(t.N)
			for x := range t.P {
				v = vector(v, t.Row(i, x), t.Order(i, x))
				eachLink(v, omega, p.Beta, i, x, func(l Link) bool {
					earlier(&own[l.From], l)
					earlier(&own[l.To], l)
					return true
				})
			}
			mu.Lock()
			defer mu.Unlock()
			for j, l := range own {
				earlier(&first[j], l)
			}
		}
	})
	if err != nil {
		return nil, err
	}
	first = slices.DeleteFunc(first, func(l Link) bool { return l.Rank == 0 })
	slices.SortFunc(first, compareLinks)
	return first, nil
}

// untouched are n links of rank 0, later than any.
func untouched(n int) []Link {
	return slices.Repeat([]Link{{Ratio: float32(math.Inf(1))}}, n)
}

// earlier puts l in the place of a later link.
func earlier(first *Link, l Link) {
	if l.Ratio < first.Ratio || l.Ratio == first.Ratio && compareLinks(l, *first) < 0 {
		*first = l
	}
}

func compareLinks(a, b Link) int {
	if a.Ratio != b.Ratio {
		return cmp.Compare(a.Ratio, b.Ratio)
	}
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Patch, b.Patch), cmp.Compare(a.Rank, b.Rank))
}
