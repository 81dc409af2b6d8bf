package burnout

import (
	"cmp"
	"context"
	"math"
	"slices"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/stats"
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
// either end. Only ratios below 1 count: where distances do not grow nothing
// burns out.
func Select(ctx context.Context, t *mutual.Table, p Params) ([]Link, error) {
	omega := Omega(t.N, p.Omega)
	if t.N <= omega {
		return nil, ctx.Err()
	}
	// Few of the N·P·ω ratios are needed: sort only those under a cut that
	// grows until the coverage is reached.
	perImage := 4 * t.P
	for {
		links, all, err := lowest(ctx, t, p, omega, perImage)
		if err != nil {
			return nil, err
		}
		n, covered := cover(links, t.N, p.Coverage)
		if covered || all {
			return links[:n], nil
		}
		perImage *= 4
	}
}

// lowest returns links in ascending order such that every link left out has
// a higher ratio; all tells that none was left out.
func lowest(ctx context.Context, t *mutual.Table, p Params, omega, perImage int) ([]Link, bool, error) {
	byImage := make([][]Link, t.N)
	cuts := make([]float32, t.N)
	err := parallel.ForEach(ctx, t.N, p.Threads, func() func(i int) {
		return func(i int) { byImage[i], cuts[i] = imageLinks(t, p, omega, i, perImage) }
	})
	if err != nil {
		return nil, false, err
	}
	cut := slices.Min(cuts)
	var links []Link
	for _, l := range byImage {
		for _, k := range l {
			if k.Ratio < cut {
				links = append(links, k)
			}
		}
	}
	slices.SortFunc(links, compareLinks)
	return links, cut == float32(math.Inf(1)), nil
}

// imageLinks returns the lowest most links of image i, ascending, and the
// ratio that the first one left out has.
func imageLinks(t *mutual.Table, p Params, omega, i, most int) ([]Link, float32) {
	var links []Link
	var v []Entry
	for x := range t.P {
		v = Vector(v, t.Row(i, x))
		if len(v) < omega || v[omega-1].Distance == 0 {
			continue
		}
		end := float64(v[omega-1].Distance)
		weight := math.Pow(end, -p.Beta) / end
		for k, e := range v[:omega-1] {
			if e.Distance < v[omega-1].Distance {
				links = append(links, Link{int32(i), int32(x), int32(k + 1), e.Image, float32(float64(e.Distance) * weight)})
			}
		}
	}
	return lowestLinks(links, most)
}

// lowestLinks returns the most lowest of links that are in order but for their
// ratios, ascending, and the ratio of the next; +Inf if there is none.
func lowestLinks(links []Link, most int) ([]Link, float32) {
	keys := make([]uint64, len(links))
	for k, l := range links {
		// Ratios are not negative, so their bits are in their order.
		keys[k] = uint64(math.Float32bits(l.Ratio))<<32 | uint64(k)
	}
	next := float32(math.Inf(1))
	if len(keys) > most {
		stats.SelectLowest(keys, most+1)
		slices.Sort(keys[:most+1])
		next = math.Float32frombits(uint32(keys[most] >> 32))
		keys = keys[:most]
	} else {
		slices.Sort(keys)
	}
	out := make([]Link, len(keys))
	for k, key := range keys {
		out[k] = links[uint32(key)]
	}
	return out, next
}

func compareLinks(a, b Link) int {
	if a.Ratio != b.Ratio {
		return cmp.Compare(a.Ratio, b.Ratio)
	}
	return cmp.Or(cmp.Compare(a.From, b.From), cmp.Compare(a.Patch, b.Patch), cmp.Compare(a.Rank, b.Rank))
}

// cover counts the links it takes to touch ⌈share·n⌉ images.
func cover(links []Link, n int, share float64) (int, bool) {
	want := int(math.Ceil(share*float64(n) - 1e-9))
	seen := make([]bool, n)
	for k, l := range links {
		for _, i := range []int32{l.From, l.To} {
			if !seen[i] {
				seen[i] = true
				want--
			}
		}
		if want <= 0 {
			return k + 1, true
		}
	}
	return len(links), false
}
