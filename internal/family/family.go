package family

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"codegraph/internal/mutual"
	"codegraph/internal/stats"
)

// Params are the constants of the search for families.
type Params struct {
	Neighbours float64 // share of the other images a score averages over
	Level      float64 // chance of a false group in a batch, by the theory
	StandOut   float64 // σ that the images of a defect stand out by without each other
	Alone      float64 // how many times the burnout of any other group makes a group stand alone
	Local      float64 // largest share of the picture that a local defect covers
	Same       float64 // Jaccard index from which on two groups are the same
	MinMembers int
	H, W       int // the grid
	Threads    int
	NewTable   func() (*mutual.Table, error) // of t's size, for scratch; nil: in memory
}

// DefaultParams returns the constants.
func DefaultParams() Params {
	return Params{Neighbours: 0.3, Level: 0.05, StandOut: 1, Alone: 2, Local: 0.1, Same: 0.5, MinMembers: 3}
}

// Member is an image of a family with the patches that carry it, ascending,
// and the one among them that burns out most.
type Member struct {
	Image          int
	Patches        []int
	Representative int
}

// Evidence is what speaks for a family.
type Evidence struct {
	Deflated bool    // measured on deflated distances
	Burnout  float64 // T
	Limit    float64 // what T must reach to be no accident
	Next     float64 // T of the best other group of the table
	Z        float64 // how far its images stand out, σ
	Alone    float64 // and would without each other
	// Area is the share of the picture over which burnout is at least half of
	// its peak, the median over members.
	Area   float64
	Border float64 // share of the members whose patches touch the border
	Share  float64 // of the batch
	// Gain is the median over members of the ln of the factor by which the
	// score of the patch that gains most rises without the others.
	Gain float64
}

// Family is a group of images that share what no others have.
type Family struct {
	Members  []Member // ascending by image
	Evidence Evidence
	Defect   bool // else a candidate: a question
	Whole    bool // a variant of the whole part, which divides the batch
}

// Finding holds the families and the groups they come from.
type Finding struct {
	Families []Family
	// Groups are all that are no accident, by table, plain first.
	Groups [2][]Family
}

// Find looks for the families of a batch. scores are a_B(x), [N][P], of t.
func Find(ctx context.Context, t *mutual.Table, scores [][]float32, p Params) (*Finding, error) {
	if t.N > mostImages {
		return nil, fmt.Errorf("family: %d images in a batch; at most %d can be searched, split it", t.N, mostImages)
	}
	newTable := p.NewTable
	if newTable == nil {
		newTable = func() (*mutual.Table, error) { return mutual.NewTable(t.N, t.P), nil }
	}
	flat, err := newTable()
	if err != nil {
		return nil, err
	}
	defer flat.Close()
	if err := Deflate(ctx, flat, t, p.Threads); err != nil {
		return nil, err
	}
	return find(ctx, t, flat, scores, p)
}

// FindOn is Find with the deflated table at hand.
func FindOn(ctx context.Context, t, flat *mutual.Table, scores [][]float32, p Params) (*Finding, error) {
	return find(ctx, t, flat, scores, p)
}

func find(ctx context.Context, t, flat *mutual.Table, scores [][]float32, p Params) (*Finding, error) {
	f := new(Finding)
	r, err := newRanking(ctx, flat, nil, p.Threads)
	if err != nil {
		return nil, err
	}
	k := mutual.Neighbours(t.N, p.Neighbours)
	flatScores, err := r.scores(ctx, k, p.Threads)
	if err != nil {
		return nil, err
	}
	if f.Groups[1], err = groups(ctx, r, flatScores, p); err != nil {
		return nil, err
	}
	if r, err = newRanking(ctx, t, r, p.Threads); err != nil {
		return nil, err
	}
	if scores == nil {
		if scores, err = r.scores(ctx, k, p.Threads); err != nil {
			return nil, err
		}
	}
	if f.Groups[0], err = groups(ctx, r, scores, p); err != nil {
		return nil, err
	}
	for k := range f.Groups[1] {
		f.Groups[1][k].Evidence.Deflated = true
	}
	f.Families = decide(f.Groups, p)
	return f, nil
}

// groups returns the groups of a table that are no accident, highest burnout
// first.
func groups(ctx context.Context, r *ranking, scores [][]float32, p Params) ([]Family, error) {
	v, err := newView(ctx, r, scores, p)
	if err != nil {
		return nil, err
	}
	tests := float64(r.N) * float64(r.P)
	limit := math.Log(tests * widest * float64(r.N) / p.Level)
	join := math.Log(tests / p.Level)
	proposed, err := v.propose(ctx, p)
	if err != nil {
		return nil, err
	}
	hs := make([]*hypothesis, 0, len(proposed))
	for block := range slices.Chunk(proposed, atOnce) {
		var now []*hypothesis
		for _, images := range block {
			now = append(now, newHypothesis(r.N, r.P, images))
		}
		if err := v.measure(ctx, now, false); err != nil {
			return nil, err
		}
		hs = significant(slices.Concat(hs, now), limit, p)
	}
	hs = distinct(hs, v.patch, p)
	most := 1 + int(widest*float64(r.N-1))
	for range 2 {
		if err := v.measure(ctx, hs, true); err != nil {
			return nil, err
		}
		var next []*hypothesis
		for _, h := range hs {
			if images := h.revised(v.patch, join); len(images) >= p.MinMembers && len(images) <= most && !slices.Equal(images, h.indices()) {
				next = append(next, newHypothesis(r.N, r.P, images))
			}
		}
		for a, g := range hs {
			for _, h := range hs[:a] {
				if len(next) == atOnce {
					break
				}
				if u := union(g, h); len(u) <= most {
					next = append(next, newHypothesis(r.N, r.P, u))
				}
			}
		}
		if err := v.measure(ctx, next, false); err != nil {
			return nil, err
		}
		hs = distinct(significant(slices.Concat(hs, next), limit, p), v.patch, p)
	}
	var out []Family
	for _, h := range hs {
		f := v.family(h, p)
		f.Evidence.Limit = limit
		out = append(out, f)
	}
	return out, nil
}

func union(g, h *hypothesis) []int {
	var u []int
	for i := range g.in {
		if g.in[i] || h.in[i] {
			u = append(u, i)
		}
	}
	return u
}

func (h *hypothesis) indices() []int {
	var out []int
	for _, i := range h.images {
		out = append(out, int(i))
	}
	return out
}

// revised is who should be in the group.
func (h *hypothesis) revised(stay, join float64) []int {
	var out []int
	join = max(join, h.T()/2)
	for i, t := range h.each {
		if h.in[i] && t >= stay || !h.in[i] && t >= join {
			out = append(out, i)
		}
	}
	return out
}

func significant(hs []*hypothesis, limit float64, p Params) []*hypothesis {
	hs = slices.DeleteFunc(hs, func(h *hypothesis) bool { return h.T() < limit })
	slices.SortStableFunc(hs, func(a, b *hypothesis) int { return cmp.Compare(b.T(), a.T()) })
	return hs
}

// distinct drops the hypotheses that are another view of one with a higher
// burnout.
func distinct(hs []*hypothesis, patch float64, p Params) []*hypothesis {
	var kept []*hypothesis
	for _, h := range hs {
		if !slices.ContainsFunc(kept, func(k *hypothesis) bool { return sameGroup(k, h, patch, p.Same) }) {
			kept = append(kept, h)
		}
	}
	return kept
}

// sameGroup reports whether g and h are much the same images, or one is a part
// of the other by the same patches.
func sameGroup(g, h *hypothesis, patch, same float64) bool {
	both, carry, shared := 0, 0, 0
	for k, i := range h.images {
		if !g.in[i] {
			continue
		}
		both++
		at, _ := slices.BinarySearch(g.images, i)
		for x, t := range h.burnout[k] {
			if float64(t) >= patch {
				carry++
				if float64(g.burnout[at][x]) >= patch {
					shared++
				}
			}
		}
	}
	if float64(both) >= same*float64(len(g.images)+len(h.images)-both) {
		return true
	}
	return float64(both) >= same*float64(min(len(g.images), len(h.images))) && carry > 0 && float64(shared) >= same*float64(carry)
}

// family is what a hypothesis amounts to.
func (v *view) family(h *hypothesis, p Params) Family {
	var f Family
	var zs, alone, areas, gains []float64
	border := 0
	for k, i := range h.images {
		m := Member{Image: int(i)}
		best, gain, touches := math.Inf(-1), 0.0, false
		for x, t := range h.burnout[k] {
			if float64(t) < v.patch {
				continue
			}
			if len(m.Patches) == 0 || t > h.burnout[k][m.Representative] {
				m.Representative = x
			}
			m.Patches = append(m.Patches, x)
			best = max(best, float64(h.alone[k][x]))
			if now := float64(v.scores[i][x]); now > 0 {
				gain = max(gain, float64(h.alone[k][x])-math.Log(now))
			}
			touches = touches || atBorder(x, p.H, p.W)
		}
		if len(m.Patches) == 0 {
			continue
		}
		f.Members = append(f.Members, m)
		zs, alone = append(zs, v.z(v.images[i])), append(alone, v.z(best))
		gains = append(gains, gain)
		areas = append(areas, h.spread(k))
		if touches {
			border++
		}
	}
	f.Evidence = Evidence{
		Burnout: h.T(), Z: median(zs), Alone: median(alone), Area: median(areas), Gain: median(gains),
		Border: float64(border) / float64(len(f.Members)), Share: float64(len(f.Members)) / float64(v.N),
	}
	return f
}

// spread is the share of the picture over which the burnout of member k is at
// least half of what it is at most: neither the network's view of more than a
// patch nor how much the group burns out widens it.
func (h *hypothesis) spread(k int) float64 {
	n, half := 0, h.each[h.images[k]]/2
	for _, t := range h.burnout[k] {
		if float64(t) >= half {
			n++
		}
	}
	return float64(n) / float64(len(h.burnout[k]))
}

func atBorder(x, h, w int) bool {
	if h*w == 0 {
		return false
	}
	row, col := x/w, x%w
	return row == 0 || col == 0 || row == h-1 || col == w-1
}

// Images lists the members' images.
func (f *Family) Images() []int {
	var images []int
	for _, m := range f.Members {
		images = append(images, m.Image)
	}
	return images
}

// Removed lists, by image, the patches of the families that filtered selects
// by index.
func Removed(families []Family, filtered func(k int) bool) map[int][]int {
	removed := make(map[int][]int)
	for k, f := range families {
		if !filtered(k) {
			continue
		}
		for _, m := range f.Members {
			all := slices.Concat(removed[m.Image], m.Patches)
			slices.Sort(all)
			removed[m.Image] = slices.Compact(all)
		}
	}
	return removed
}

func median(v []float64) float64 {
	if len(v) == 0 {
		return 0
	}
	return stats.Median(v)
}
