package family

import (
	"cmp"
	"context"
	"math"
	"slices"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
)

// Bounds of the work that proposals take.
const (
	maxProposals = 6000 // by patches, of all images together
	maxGroups    = 96   // measured, of each table
)

// growth is where the distances of a patch jump.
type growth struct {
	strength         float64 // m·τ⁽ᵐ⁾
	patch, followers int32   // m
}

// proposal is the group that a patch proposes: its image and those before its
// distances jump.
type proposal struct {
	strength float64
	group    group
}

// propose lists the groups that single patches propose. A harmless variant
// that many patches share drowns a small defect in the counts of the image
// graph, but not in the vector of a patch that shows the defect.
//
// Under the null the growth rate τ⁽ᵐ⁾ is Exp(αm), so that m·τ⁽ᵐ⁾ is alike for
// all m; the patch's followers are the m images before its largest m·τ⁽ᵐ⁾. A
// group counts if patches of at least fewest of its own images propose
// it, strongest support first.
func (v *view) propose(ctx context.Context, p Params) ([][]int, error) {
	each := max(1, min(v.P/8, maxProposals/v.N))
	byImage := make([][]proposal, v.N)
	err := parallel.ForEach(ctx, v.N, v.threads, func() func(i int) {
		c := v.cursor()
		return func(i int) { byImage[i] = v.proposals(c, i, each) }
	})
	if err != nil {
		return nil, err
	}
	return merge(ctx, byImage, p)
}

// proposals returns the strongest proposals of image i, of patches that would
// score above the median image without those that they propose.
func (v *view) proposals(c *cursor, i, most int) []proposal {
	var out []proposal
	row := make([]uint16, 0, c.N)
	for _, g := range v.growth[i] {
		if len(out) == most {
			break
		}
		c.load(i, int(g.patch))
		row = c.others(row[:0], i, int(g.followers))
		if without := c.lowest(row, mutual.Neighbours(c.N-len(row), v.share)); math.Log(float64(without)) < v.centre {
			continue
		}
		own := group{newSet(c.N), len(row) + 1}
		own.add(i)
		for _, j := range row {
			own.add(int(j))
		}
		out = append(out, proposal{g.strength, own})
	}
	return out
}

// largestGrowth is the largest m·τ⁽ᵐ⁾ of the distances to images, ascending,
// from least followers on.
func largestGrowth(row []float32, images []uint16, least int) (v growth) {
	for m := least; m < len(images); m++ {
		near, far := float64(row[images[m-1]]), float64(row[images[m]])
		// ln(far/near) ≤ (far − near)/near: few are worth a logarithm.
		if float64(m)*(far-near)*(1+1e-9) <= v.strength*near {
			continue
		}
		if s := float64(m) * (math.Log(far) - math.Log(near)); s > v.strength {
			v.strength, v.followers = s, int32(m)
		}
	}
	return v
}

// others appends to dst the images nearest to the patch of image i that c is
// at, at most so many, without i and those at no measurable distance.
func (c *cursor) others(dst []uint16, i, most int) []uint16 {
	for _, j := range c.order {
		if len(dst) == most {
			break
		}
		if int(j) != i && measurable(c.row[j]) {
			dst = append(dst, j)
		}
	}
	return dst
}

// merged is a group that patches of several of its images propose.
type merged struct {
	group   group // named by most of them
	support float64
}

// merge returns the groups with the most support, each by the majority of the
// proposals that agree. byImage are the proposals of each image.
func merge(ctx context.Context, byImage [][]proposal, p Params) ([][]int, error) {
	var groups []group
	seen := make(map[string]bool)
	all := slices.Concat(byImage...)
	for _, v := range all {
		if key := v.group.key(); !seen[key] {
			seen[key] = true
			groups = append(groups, v.group)
		}
	}
	found := make([]merged, len(groups))
	err := parallel.ForEach(ctx, len(groups), p.Threads, func() func(k int) {
		counts := newTally(len(byImage), len(all))
		return func(k int) { found[k] = support(byImage, groups[k], p, counts) }
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b merged) int { return cmp.Compare(b.support, a.support) })
	var kept []group
	var images [][]int
	for _, c := range found {
		same := func(k group) bool { return k.jaccard(c.group) > p.Same }
		if c.group.size < fewest || slices.ContainsFunc(kept, same) {
			continue
		}
		kept = append(kept, c.group)
		images = append(images, c.group.images())
		if len(images) >= maxGroups {
			break
		}
	}
	return images, nil
}

// support collects the proposals of g's images that agree with g: their
// majority is the merged group, and the strongest of each image supports it.
// Without proposals of at least fewest images there is none.
func support(byImage [][]proposal, g group, p Params, counts *tally) (c merged) {
	counts.reset()
	images, n := 0, 0
	for _, i := range g.images() {
		strongest := 0.0
		for _, v := range byImage[i] {
			if g.jaccardBound(v.group) < p.Same || g.jaccard(v.group) < p.Same {
				continue
			}
			strongest = max(strongest, v.strength)
			counts.add(v.group.set)
			n++
		}
		if c.support += strongest; strongest > 0 {
			images++
		}
	}
	if images < fewest {
		return merged{}
	}
	c.support /= float64(g.size)
	c.group.set = counts.above(n / 2)
	c.group.size = c.group.count()
	return c
}
