package family

import (
	"cmp"
	"context"
	"math"
	"math/bits"
	"slices"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/stats"
)

// atOnce is how many groups a revision proposes at most: their burnout takes the
// memory of a part of the table.
const atOnce = 32

// null is what a table says of its own batch.
type null struct {
	images []float64 // ln of the image scores
	centre float64   // their median
	scale  float64   // and its distance to their lower quartile, as a σ
}

// survey is what is read off the rows of a table, each of which is sorted once for
// it.
type survey struct {
	scores [][]float32 // mean of the K lowest distances, [N][P]
	alpha  []float64   // tail index, by image: Hill, median over its patches
	growth [][]growth  // where distances grow most, by image
}

// newSurvey reads the rows of a table. scores are those that are known, or nil.
func newSurvey(ctx context.Context, r *ranking, scores [][]float32, k, threads int) (*survey, error) {
	s := &survey{scores: scores, alpha: make([]float64, r.N), growth: make([][]growth, r.N)}
	if scores == nil {
		s.scores = make([][]float32, r.N)
	}
	omega := max(2, k)
	err := parallel.ForEach(ctx, r.N, threads, func() func(i int) {
		c := r.cursor()
		logs, each, row := make([]float64, 0, omega), make([]float64, 0, r.P), make([]uint16, 0, r.N)
		return func(i int) {
			each = each[:0]
			if scores == nil {
				s.scores[i] = make([]float32, r.P)
			}
			for x := range r.P {
				c.seek(i, x)
				if scores == nil {
					s.scores[i][x] = c.mean(k)
				}
				if a := c.hill(logs[:0], i, omega); a > 0 {
					each = append(each, a)
				}
				row = c.others(row[:0], i, (c.N-1)/2+1)
				if g := largestGrowth(c.row, row, fewest-1); g.followers > 0 {
					g.patch = int32(x)
					s.growth[i] = append(s.growth[i], g)
				}
			}
			if len(each) > 0 {
				s.alpha[i] = stats.Median(each)
			}
			slices.SortFunc(s.growth[i], func(a, b growth) int {
				return cmp.Or(cmp.Compare(b.strength, a.strength), cmp.Compare(a.patch, b.patch))
			})
		}
	})
	return s, err
}

// newNull is that of all images.
func newNull(s *survey) *null {
	n := &null{images: make([]float64, len(s.scores))}
	for i, scores := range s.scores {
		n.images[i] = math.Log(float64(slices.Max(scores)))
	}
	return n.without(make([]bool, len(s.scores)))
}

// centre is the median and σ by the lower quartile: the upper half of the
// images may be defective.
func centre(scores []float64) (median, sigma float64) {
	if len(scores) == 0 {
		return 0, 0
	}
	q := stats.Quantiles(scores, 0.25, 0.5)
	return q[1], (q[1] - q[0]) / lowerQuartile
}

// lowerQuartile is where the lower quartile of the normal distribution lies, in
// σ below its median.
const lowerQuartile = 0.6744897501960817

// hill is Hill's estimate of α from the lowest omega distances of the row, 0 if
// there are not so many or they are all the same.
func (c *cursor) hill(logs []float64, i, omega int) float64 {
	for _, j := range c.order {
		if int(j) != i && measurable(c.row[j]) {
			if logs = append(logs, ln(c.row[j])); len(logs) == omega {
				break
			}
		}
	}
	if len(logs) < omega {
		return 0
	}
	sum := 0.0
	for _, l := range logs[:omega-1] {
		sum += logs[omega-1] - l
	}
	if sum <= 0 {
		return 0
	}
	return float64(omega-1) / sum
}

// without is the null of the images that are not in a group.
func (n *null) without(in []bool) *null {
	rest := make([]float64, 0, len(in))
	for i, s := range n.images {
		if !in[i] && !math.IsInf(s, -1) {
			rest = append(rest, s)
		}
	}
	out := *n
	out.centre, out.scale = centre(rest)
	return &out
}

// z is a score in units of the null.
func (n *null) z(lnScore float64) float64 {
	if n.scale <= 0 || math.IsInf(lnScore, 0) {
		return 0
	}
	return (lnScore - n.centre) / n.scale
}

// hypothesis is a group under examination on one table.
type hypothesis struct {
	images  []uint16 // ascending
	in      []bool
	member  []uint8     // 1 for in
	burnout [][]float32 // T(x) of the members, [n][P]
	// each is the burnout of every image: the mean of its highest. That of an
	// image outside is what it would be if it belonged to the group.
	each []float64
	// members and others tell which of each are measured.
	members, others bool
}

func newHypothesis(n, p int, images []int) *hypothesis {
	h := &hypothesis{in: make([]bool, n), member: make([]uint8, n), each: make([]float64, n)}
	for _, i := range images {
		h.in[i], h.member[i] = true, 1
		h.images = append(h.images, uint16(i))
		h.burnout = append(h.burnout, make([]float32, p))
	}
	return h
}

// T is the burnout of the group: the median over its members.
func (h *hypothesis) T() float64 {
	members := make([]float64, len(h.images))
	for k, i := range h.images {
		members[k] = h.each[i]
	}
	return stats.Median(members)
}

// view is one of the two tables with what it says of the batch.
type view struct {
	*ranking
	*null
	*survey
	share   float64 // of the others, a score averages over
	level   float64
	patch   float64 // burnout from which on a patch carries its group
	threads int
	// examined are the groups that were, by key; nil those that are an accident.
	examined map[string]*hypothesis
}

// largest is the size of the largest group that is looked for: about half of
// the batch, as most images are normal.
func (v *view) largest() int { return 1 + (v.N-1)/2 }

// limit is what the burnout of a group of n images must reach to be no
// accident. The burnout of each image is the best of all its patches at all
// ranks; one patch of all proposed the group, and half of the other images
// reach as much by themselves, or else one does that is the best of all.
func (v *view) limit(n int) float64 {
	ranks := float64(v.N) / 2
	single := surprise(math.Log(float64(v.N) * float64(v.P) * ranks / v.level))
	half := (n - 1) / 2
	if half < 1 {
		return single
	}
	subsets, _ := math.Lgamma(float64(n))
	a, _ := math.Lgamma(float64(half + 1))
	b, _ := math.Lgamma(float64(n - half))
	groups := math.Log(float64(v.N)*float64(v.P)/v.level) + subsets - a - b
	return min(single, surprise(math.Log(float64(v.P)*ranks)+groups/float64(half)))
}

// surprise is what the sum of two independent Exp(1) exceeds with chance
// e⁻ˡ.
func surprise(l float64) float64 {
	s := l
	for range 20 {
		s = l + math.Log(1+s)
	}
	return s
}

// newView reads a table. scores are those that are known, or nil.
func newView(ctx context.Context, r *ranking, scores [][]float32, p Params) (*view, error) {
	s, err := newSurvey(ctx, r, scores, mutual.Neighbours(r.N, p.Neighbours), p.Threads)
	if err != nil {
		return nil, err
	}
	patch := surprise(math.Log(float64(r.P) * float64(r.N) / 2 / p.Level))
	return &view{ranking: r, survey: s, null: newNull(s), share: p.Neighbours, level: p.Level, threads: p.Threads, patch: patch, examined: make(map[string]*hypothesis)}, nil
}

// measure fills in the hypotheses, for their members or for all images, where
// that is not done yet. It goes through the images once: what it takes to rank a
// row is shared by all.
func (v *view) measure(ctx context.Context, hs []*hypothesis, all bool) error {
	err := parallel.ForEach(ctx, v.N, v.threads, func() func(i int) {
		c := v.cursor()
		var here []reading
		return func(i int) {
			here = here[:0]
			for _, h := range hs {
				k, in := slices.BinarySearch(h.images, uint16(i))
				if in && h.members || !in && (h.others || !all) {
					continue
				}
				r := reading{hypothesis: h, others: len(h.images)}
				if in {
					r.t = h.burnout[k]
					r.others--
				}
				here = append(here, r)
			}
			if len(here) == 0 {
				return
			}
			for x := range v.P {
				c.seek(i, x)
				c.list()
				for k := range here {
					here[k].add(x, float32(c.evidence(&here[k], v.alpha[i])))
				}
			}
			for _, r := range here {
				r.each[i] = float64(r.most)
			}
		}
	})
	if err != nil {
		return err
	}
	for _, h := range hs {
		h.members, h.others = true, h.others || all
	}
	return nil
}

// reading is a hypothesis at one image.
type reading struct {
	*hypothesis
	others int       // of the group
	t      []float32 // [P], of a member
	most   float32
}

func (r *reading) add(x int, t float32) {
	r.most = max(r.most, t)
	if r.t != nil {
		r.t[x] = t
	}
}

// least is what is of interest only if it is more: for the burnout of an image only the
// highest of its patches counts, for that of a member each does.
func (r *reading) least() float64 {
	if r.t != nil {
		return 0
	}
	return float64(r.most)
}

// evidence is how surprising it would be, as −ln of a chance, that the images
// nearest to the patch of image i belong to the group, others in number beside
// i, and that its distances grow so much after them:
//
//	max −ln P(K ≥ k) + α·r·τ⁽ʳ⁾ over r where the group prevails
//
// where k of the r nearest belong to the group, K is hypergeometric and
// τ⁽ʳ⁾ = ln(d⁽ʳ⁺¹⁾/d⁽ʳ⁾). Copies, at distance 0, and images at none do not count. It is
// no less than h.least().
func (c *cursor) evidence(h *reading, alpha float64) float64 {
	n, others := c.N-1-len(c.copies), h.others
	for _, j := range c.copies {
		if h.in[j] {
			others--
		}
	}
	most := h.least()
	// The loops take most of the time of a search: 64 images are looked up without a
	// branch, and then only those are visited that are not of the group and come after
	// one that is. There lead is 2kn − r(n + others): above 0, k/r is nearer to 1 than to
	// others/n, what chance makes of it, and the group prevails. misses are the r − k
	// nearer images of others, and so many of them make sure that it never will again.
	k, before, step, enough := 0, uint64(0), n+others, others*(n-others)
	for first := 0; first < len(c.near); first += 64 {
		some := c.near[first:min(first+64, len(c.near))]
		in := marked(h.member, some)
		after := (in<<1 | before) &^ in & (1<<len(some) - 1)
		for ; after != 0; after &= after - 1 {
			b := bits.TrailingZeros64(after)
			r, k := first+b, k+bits.OnesCount64(in&(1<<b-1))
			if lead := 2*k*n - r*step; lead > 0 {
				most = c.surpass(most, alpha*float64(r), n, others, r, k)
			}
		}
		k, before = k+bits.OnesCount64(in), in>>63
		if misses := first + len(some) - k; misses*step >= enough {
			break
		}
	}
	return most
}

// marked has bit b set where member is 1 of the b-th of some images.
func marked(member []uint8, some []uint16) (bits uint64) {
	for b := len(some) - 1; b >= 0; b-- {
		bits = bits<<1 | uint64(member[some[b]])
	}
	return bits
}

// surpass is the larger of most and weight·τ⁽ʳ⁾ − ln P(K ≥ k) of the number K of marked
// among r drawn of n, marked of which are.
func (c *cursor) surpass(most, weight float64, n, marked, r, k int) float64 {
	choose := func(n, k int) float64 { return c.lnFact[n] - c.lnFact[k] - c.lnFact[n-k] }
	all := choose(n, r)
	first := choose(marked, k) + choose(n-marked, r-k) - all
	// P(K ≥ k) is no less than P(K = k), and τ = ln(far/near) no more than far/near − 1.
	near, far := c.row[c.near[r-1]], c.row[c.near[r]]
	if weight*(float64(far)/float64(near)-1)*(1+1e-9)-first <= most {
		return most
	}
	growth := weight * (ln(far) - ln(near))
	if growth-first <= most {
		return most
	}
	sum := 1.0
	for j := k + 1; j <= min(marked, r); j++ {
		term := choose(marked, j) + choose(n-marked, r-j) - all - first
		if term < -30 {
			break
		}
		sum += math.Exp(term)
	}
	return max(most, -first-math.Log(sum)+growth)
}
