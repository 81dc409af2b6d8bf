package family

import (
	"cmp"
	"context"
	"math"
	"slices"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/stats"
)

// Params are the constants of the search for families.
type Params struct {
	Neighbours float64 // share of the other images a score averages over
	Level      float64 // chance of a false group in a batch, by the theory
	StandOut   float64 // σ by which the images of a defect rise without each other
	Local      float64 // largest share of the picture that a local defect covers
	Same       float64 // Jaccard index from which on two groups are the same
	H, W       int     // the grid
	Threads    int
	NewTable   func() (*mutual.Table, error) // of t's size, for scratch; nil: in memory
	// Spilled says that there is no room for a second table: deflated distances
	// are made from plain ones whenever they are read, the same to the bit.
	Spilled  bool
	SpillDir string // of what that takes; "": the system's
}

// DefaultParams returns the constants.
func DefaultParams() Params {
	return Params{Neighbours: 0.3, Level: 0.05, StandOut: 1, Local: 0.1, Same: 0.5}
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
	Limit    float64 // the least T that chance hardly makes
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
	// Groups are all that are not an accident, by table, plain first.
	Groups [2][]Family
}

// Find looks for the families of a batch. scores are a_B(x), [N][P], of t. The ranks of
// t are others afterwards.
func Find(ctx context.Context, t *mutual.Ranked, scores [][]float32, p Params) (*Finding, error) {
	f := new(Finding)
	var err error
	if f.Groups[0], err = groups(ctx, plainRanking(t), scores, p); err != nil {
		return nil, err
	}
	flat, err := p.deflated(ctx, t.Table)
	if err != nil {
		return nil, err
	}
	defer flat.Close()
	if err := t.Sort(ctx, flat.reader, p.Threads); err != nil {
		return nil, err
	}
	if f.Groups[1], err = groups(ctx, &ranking{t, flat.reader}, nil, p); err != nil {
		return nil, err
	}
	for k := range f.Groups[1] {
		f.Groups[1][k].Evidence.Deflated = true
	}
	f.Families = decide(f.Groups, t.N, p)
	return f, nil
}

// deflated are the deflated distances of a table.
type deflated interface {
	reader() mutual.Reader // of rows, for one goroutine
	Close() error
}

// deflated makes them, or what makes them whenever they are read.
func (p Params) deflated(ctx context.Context, t *mutual.Table) (deflated, error) {
	if p.Spilled {
		return newDeflation(ctx, t, p.SpillDir, p.Local, p.Threads)
	}
	newTable := p.NewTable
	if newTable == nil {
		newTable = func() (*mutual.Table, error) { return mutual.NewTable(t.N, t.P), nil }
	}
	flat, err := newTable()
	if err != nil {
		return nil, err
	}
	if err := Deflate(ctx, flat, t, p.Local, p.Threads); err != nil {
		flat.Close()
		return nil, err
	}
	return deflatedTable{flat}, nil
}

// deflatedTable is a table of deflated distances.
type deflatedTable struct{ *mutual.Table }

func (t deflatedTable) reader() mutual.Reader { return t.Table }

// groups returns the groups of a table that are not an accident, highest burnout
// first. scores are those of the table, if they are known.
func groups(ctx context.Context, r *ranking, scores [][]float32, p Params) ([]Family, error) {
	v, err := newView(ctx, r, scores, p)
	if err != nil {
		return nil, err
	}
	proposed, err := v.propose(ctx, p)
	if err != nil {
		return nil, err
	}
	hs, err := v.examine(ctx, proposed)
	if err != nil {
		return nil, err
	}
	for range rounds {
		hs = distinct(hs, v.patch, p)
		if err := v.measure(ctx, hs, true); err != nil {
			return nil, err
		}
		more, err := v.examine(ctx, v.revisions(hs, p))
		if err != nil {
			return nil, err
		}
		hs = byBurnout(slices.Concat(hs, more))
	}
	hs = distinct(hs, v.patch, p)
	out := make([]Family, len(hs))
	return out, parallel.ForEach(ctx, len(hs), p.Threads, func() func(k int) {
		c := v.cursor()
		return func(k int) { out[k] = v.family(c, hs[k], p) }
	})
}

// fewest is the number of images of the smallest group: of two, one has only
// the other to agree with.
const fewest = 3

// rounds is how often groups are revised.
const rounds = 2

// examine measures groups and returns those that are not an accident, highest
// burnout first. Those that were examined before are not measured again.
func (v *view) examine(ctx context.Context, groups [][]int) ([]*hypothesis, error) {
	var all, fresh []*hypothesis
	for _, images := range groups {
		if len(images) < fewest || len(images) > v.largest() {
			continue
		}
		key := keyOf(v.N, images)
		h, known := v.examined[key]
		if !known {
			h = newHypothesis(v.N, v.P, images)
			fresh, v.examined[key] = append(fresh, h), h
		}
		all = append(all, h)
	}
	if err := v.measure(ctx, fresh, false); err != nil {
		return nil, err
	}
	for _, h := range fresh {
		if h.T() < v.limit(len(h.images)) {
			v.examined[keyOf(v.N, h.indices())] = nil
		}
	}
	all = slices.DeleteFunc(all, func(h *hypothesis) bool { return h == nil || v.examined[keyOf(v.N, h.indices())] == nil })
	return byBurnout(all), nil
}

// keyOf is a group of n images as the key of a map.
func keyOf(n int, images []int) string {
	s := newSet(n)
	for _, i := range images {
		s.add(i)
	}
	return s.key()
}

func byBurnout(hs []*hypothesis) []*hypothesis {
	slices.SortStableFunc(hs, func(a, b *hypothesis) int { return cmp.Compare(b.T(), a.T()) })
	return hs
}

// revisions lists what groups become when images join and leave, and the
// unions of two: the first ones, at most atOnce.
func (v *view) revisions(hs []*hypothesis, p Params) [][]int {
	var out [][]int
	add := func(images []int) {
		if len(out) < atOnce {
			out = append(out, images)
		}
	}
	for _, h := range hs {
		if images := h.revised(v.limit(len(h.images))); !slices.Equal(images, h.indices()) {
			add(images)
		}
	}
	for a, g := range hs {
		for _, h := range hs[:a] {
			add(union(g, h))
		}
	}
	return out
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

// revised is who should be in the group: the images whose own burnout with it
// is no less than half of what its must be, and those outside that reach as
// much as the group must.
func (h *hypothesis) revised(limit float64) []int {
	var out []int
	for i, t := range h.each {
		if h.in[i] && t >= limit/2 || t >= limit {
			out = append(out, i)
		}
	}
	return out
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
func (v *view) family(c *cursor, h *hypothesis, p Params) Family {
	var f Family
	var zs, alone, areas, gains []float64
	border := 0.0
	null, kept := v.without(h.in), mutual.Neighbours(v.N-len(h.images)+1, v.share)
	for k, i := range h.images {
		m := Member{Image: int(i)}
		best, gain, core, at := math.Inf(-1), 0.0, 0, 0
		half := float32(h.each[i] / 2)
		for x, t := range h.burnout[k] {
			if t > h.burnout[k][m.Representative] {
				m.Representative = x
			}
			if t >= half || float64(t) >= v.patch {
				m.Patches = append(m.Patches, x)
			}
			if t < half {
				continue
			}
			if core++; atBorder(x, p.H, p.W) {
				at++
			}
			without := 0.0 // where nothing burns out
			if t > 0 {
				c.load(m.Image, x)
				without = float64(float32(math.Log(float64(c.lowest(h.images, kept)))))
			}
			best = max(best, without)
			if now := float64(v.scores[i][x]); now > 0 {
				gain = max(gain, without-math.Log(now))
			}
		}
		f.Members = append(f.Members, m)
		zs, alone = append(zs, null.z(v.images[i])), append(alone, null.z(best))
		gains, areas = append(gains, gain), append(areas, float64(core)/float64(v.P))
		border += float64(at) / float64(core)
	}
	f.Evidence = Evidence{
		Limit:   v.limit(len(h.images)),
		Burnout: h.T(), Z: stats.Median(zs), Alone: stats.Median(alone), Area: stats.Median(areas), Gain: stats.Median(gains),
		Border: border / float64(len(f.Members)), Share: float64(len(f.Members)) / float64(v.N),
	}
	return f
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
