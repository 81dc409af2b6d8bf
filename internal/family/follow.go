package family

import (
	"cmp"
	"context"
	"math"
	"slices"

	"codegraph/internal/parallel"
)

// Constants of the proposals by followers.
const (
	voices   = 6000 // patches that propose, of all images together
	similar  = 0.6  // least Jaccard index of two proposals that agree
	widest   = 0.45 // of the batch: the largest group a patch proposes
	proposed = 12   // groups examined at most
)

// voice is a patch's proposal: its image and those that follow it before its
// distances jump.
type voice struct {
	strength         float64
	patch, followers int
	group            group
}

// followers proposes groups by single patches: a harmless variant that many
// patches share drowns a small defect in the counts of the image graph, but
// not in the vector of a patch that shows the defect.
//
// Under the null the growth rate τ⁽ᵐ⁾ is Exp(αm), so that m·τ⁽ᵐ⁾ is alike for
// all m (section 3 of the paper's model); the patch's followers are the m
// images before its largest m·τ⁽ᵐ⁾. A group counts if patches of at least
// MinMembers of its own images propose it, strongest support first.
func followers(ctx context.Context, r *ranking, p Params) ([][]int, error) {
	each := max(1, min(r.P/8, voices/r.N))
	all := make([][]voice, r.N)
	err := parallel.ForEach(ctx, r.N, p.Threads, func() func(i int) {
		c := r.cursor()
		return func(i int) { all[i] = speak(c, i, each, p.MinMembers) }
	})
	if err != nil {
		return nil, err
	}
	return elect(ctx, all, p)
}

// speak returns the strongest voices of image i.
func speak(c *cursor, i, most, least int) []voice {
	var out []voice
	row := make([]uint16, 0, c.N)
	upto := int(widest * float64(c.N-1))
	for x := range c.P {
		c.seek(i, x)
		row = others(row[:0], c, i, upto+1)
		if v := jump(c.row, row, max(1, least-1)); v.followers > 0 {
			v.patch = x
			out = append(out, v)
		}
	}
	slices.SortFunc(out, func(a, b voice) int {
		return cmp.Or(cmp.Compare(b.strength, a.strength), cmp.Compare(a.patch, b.patch))
	})
	out = out[:min(len(out), most)]
	for k := range out {
		v := &out[k]
		c.seek(i, v.patch)
		v.group = group{newSet(c.N), v.followers + 1}
		v.group.add(i)
		for _, j := range others(row[:0], c, i, v.followers) {
			v.group.add(int(j))
		}
	}
	return out
}

// jump is the largest m·τ⁽ᵐ⁾ of the distances to images, ascending, from least
// followers on.
func jump(row []float32, images []uint16, least int) (v voice) {
	for m := least; m < len(images); m++ {
		near, far := float64(row[images[m-1]]), float64(row[images[m]])
		// ln(far/near) ≤ (far − near)/near: few are worth a logarithm.
		if float64(m)*(far-near)*(1+1e-9) <= v.strength*near {
			continue
		}
		if s := float64(m) * (math.Log(far) - math.Log(near)); s > v.strength {
			v.strength, v.followers = s, m
		}
	}
	return v
}

// others appends to dst the images nearest to the patch of image i that c is
// at, at most so many, without i and those at no measurable distance.
func others(dst []uint16, c *cursor, i, most int) []uint16 {
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

// candidate is a group that voices of several of its images propose.
type candidate struct {
	group   group
	support float64
}

// elect returns the groups with the most support. all are the voices by
// image.
func elect(ctx context.Context, all [][]voice, p Params) ([][]int, error) {
	var groups []group
	seen := make(map[string]bool)
	speaking := slices.Concat(all...)
	for _, v := range speaking {
		if key := v.group.key(); !seen[key] {
			seen[key] = true
			groups = append(groups, v.group)
		}
	}
	found := make([]candidate, len(groups))
	err := parallel.ForEach(ctx, len(groups), p.Threads, func() func(k int) {
		votes := newTally(len(all), len(speaking))
		return func(k int) { found[k] = poll(all, groups[k], p.MinMembers, votes) }
	})
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.support, a.support) })
	var kept []group
	var images [][]int
	for _, c := range found {
		same := func(k group) bool { return k.jaccard(c.group) > similar }
		if c.group.size < p.MinMembers || slices.ContainsFunc(kept, same) {
			continue
		}
		kept = append(kept, c.group)
		if images = append(images, c.group.images()); len(images) == proposed {
			break
		}
	}
	return images, nil
}

// poll asks the voices of g's images: those that agree name the images of the
// candidate, by majority, and the strongest of each image supports it.
// Without voices of at least so many images there is none.
func poll(all [][]voice, g group, least int, votes *tally) (c candidate) {
	votes.reset()
	backers, voters := 0, 0
	for _, i := range g.images() {
		strongest := 0.0
		for _, v := range all[i] {
			if g.jaccardBound(v.group) < similar || g.jaccard(v.group) < similar {
				continue
			}
			strongest = max(strongest, v.strength)
			votes.add(v.group.set)
			voters++
		}
		if c.support += strongest; strongest > 0 {
			backers++
		}
	}
	if backers < least {
		return candidate{}
	}
	c.group.set = votes.above(voters / 2)
	c.group.size = c.group.count()
	return c
}
