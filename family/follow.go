package family

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"

	"codegraph/mutual"
	"golang.org/x/sync/errgroup"
)

// Constants of the proposals by followers.
const (
	voices   = 6000 // patches that propose, of all images together
	similar  = 0.6  // least Jaccard index of two proposals that agree
	widest   = 0.45 // of the batch: the largest group a patch proposes
	proposed = 12   // groups examined at most
)

// set is a set of images.
type set []uint64

func newSet(n int) set { return make(set, (n+63)/64) }

func (s set) add(i int)      { s[i/64] |= 1 << (i % 64) }
func (s set) has(i int) bool { return s[i/64]>>(i%64)&1 == 1 }

func (s set) count() int {
	n := 0
	for _, w := range s {
		n += bits.OnesCount64(w)
	}
	return n
}

// jaccard is |s ∩ t| / |s ∪ t|.
func (s set) jaccard(t set) float64 {
	var both, any int
	for k, w := range s {
		both += bits.OnesCount64(w & t[k])
		any += bits.OnesCount64(w | t[k])
	}
	return float64(both) / float64(any)
}

// voice is a patch's proposal: its image and those that follow it before its
// distances jump.
type voice struct {
	image, patch int
	strength     float64
	group        set
}

// followers proposes groups by single patches: a harmless variant that many
// patches share drowns a small defect in the counts of the image graph, but
// not in the vector of a patch that shows the defect.
//
// Under the null the growth rate τ⁽ᵐ⁾ is Exp(αm), so that m·τ⁽ᵐ⁾ is alike for
// all m (section 3 of the paper's model); the patch's followers are the m
// images before its largest m·τ⁽ᵐ⁾. A group counts if patches of at least
// MinMembers of its own images propose it, strongest support first.
func followers(ctx context.Context, t *mutual.Table, p Params) ([][]int, error) {
	each := max(1, min(t.P/8, voices/t.N))
	all := make([][]voice, t.N)
	g, ctx := errgroup.WithContext(ctx)
	g.SetLimit(max(1, p.Threads))
	for i := range t.N {
		g.Go(func() error {
			all[i] = speak(t, i, each, p.MinMembers)
			return ctx.Err()
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return elect(slices.Concat(all...), t.N, p.MinMembers), nil
}

// speak returns the strongest voices of image i.
func speak(t *mutual.Table, i, most, least int) []voice {
	type entry struct {
		image int
		d     float64
	}
	var out []voice
	row := make([]entry, 0, t.N)
	upto := int(widest * float64(t.N-1))
	for x := range t.P {
		row = row[:0]
		for j, d := range t.Row(i, x) {
			if j != i && measurable(d) {
				row = append(row, entry{j, math.Log(float64(d))})
			}
		}
		slices.SortFunc(row, func(a, b entry) int {
			return cmp.Or(cmp.Compare(a.d, b.d), cmp.Compare(a.image, b.image))
		})
		v := voice{image: i, patch: x}
		size := 0
		for m := max(1, least-1); m <= min(upto, len(row)-1); m++ {
			if s := float64(m) * (row[m].d - row[m-1].d); s > v.strength {
				v.strength, size = s, m
			}
		}
		if size == 0 {
			continue
		}
		v.group = newSet(t.N)
		v.group.add(i)
		for _, e := range row[:size] {
			v.group.add(e.image)
		}
		out = append(out, v)
	}
	slices.SortStableFunc(out, func(a, b voice) int { return cmp.Compare(b.strength, a.strength) })
	return out[:min(len(out), most)]
}

// elect returns the groups with the most support: for each, those images that
// most of the agreeing voices name.
func elect(all []voice, n, least int) [][]int {
	type candidate struct {
		group   set
		support float64
	}
	var found []candidate
	for _, v := range all {
		backing := make(map[int]float64, n) // strongest agreeing voice by image
		votes, voters := make([]int, n), 0
		for _, w := range all {
			if !v.group.has(w.image) || v.group.jaccard(w.group) < similar {
				continue
			}
			backing[w.image] = max(backing[w.image], w.strength)
			voters++
			for i := range n {
				if w.group.has(i) {
					votes[i]++
				}
			}
		}
		if len(backing) < least {
			continue
		}
		c := candidate{group: newSet(n)}
		for i := range n {
			c.support += backing[i]
			if 2*votes[i] > voters {
				c.group.add(i)
			}
		}
		found = append(found, c)
	}
	slices.SortStableFunc(found, func(a, b candidate) int { return cmp.Compare(b.support, a.support) })
	var kept []set
	var groups [][]int
	for _, c := range found {
		if c.group.count() < least || slices.ContainsFunc(kept, func(k set) bool { return k.jaccard(c.group) > similar }) {
			continue
		}
		kept = append(kept, c.group)
		var images []int
		for i := range n {
			if c.group.has(i) {
				images = append(images, i)
			}
		}
		if groups = append(groups, images); len(groups) == proposed {
			break
		}
	}
	return groups
}
