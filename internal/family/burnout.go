package family

import (
	"context"
	"math"
	"slices"

	"codegraph/internal/mutual"
	"codegraph/internal/parallel"
	"codegraph/internal/stats"
)

const (
	// Burnout compares a high quantile of the distances to the group with a low
	// one of the distances to all others.
	insideQuantile, outsideQuantile = 0.9, 0.05
	// peak is the number of patches that stand for an image: its highest.
	peak = 3
	// blocks of hypotheses are measured together: their burnout takes the
	// memory of a part of the table.
	atOnce = 32
)

// null is what a table says of its own batch.
type null struct {
	alpha  []float64 // tail index, by image: Hill, median over its patches
	images []float64 // ln of the image scores
	centre float64   // their median
	scale  float64   // and its distance to their lower quartile, as a σ
}

// newNull reads the null off the rows of a table and its scores.
func newNull(ctx context.Context, r *ranking, scores [][]float32, k, threads int) (*null, error) {
	n := &null{alpha: make([]float64, r.N), images: make([]float64, r.N)}
	omega := max(2, k)
	err := parallel.ForEach(ctx, r.N, threads, func() func(i int) {
		c := r.cursor()
		logs, each := make([]float64, 0, omega), make([]float64, 0, r.P)
		return func(i int) {
			each = each[:0]
			for x := range r.P {
				c.seek(i, x)
				if a := c.hill(logs[:0], i, omega); a > 0 {
					each = append(each, a)
				}
			}
			if len(each) > 0 {
				n.alpha[i] = stats.Median(each)
			}
			n.images[i] = math.Log(float64(slices.Max(scores[i])))
		}
	})
	if err != nil {
		return nil, err
	}
	q := stats.Quantiles(n.images, 0.25, 0.5)
	n.centre, n.scale = q[1], (q[1]-q[0])/lowerQuartile
	return n, nil
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

// z is a score in units of the null.
func (n *null) z(lnScore float64) float64 {
	if n.scale <= 0 {
		return 0
	}
	return (lnScore - n.centre) / n.scale
}

// hypothesis is a group under examination on one table.
type hypothesis struct {
	images []uint16 // ascending
	in     []bool
	// burnout is T(x) of the members, [n][P], and alone the ln a(x) that they
	// would have without each other where T(x) is significant.
	burnout, alone [][]float32
	// each is the burnout of every image: the mean of its highest. That of an
	// image outside is what it would be if it belonged to the group.
	each []float64
}

func newHypothesis(n, p int, images []int) *hypothesis {
	h := &hypothesis{in: make([]bool, n), each: make([]float64, n)}
	for _, i := range images {
		h.in[i] = true
		h.images = append(h.images, uint16(i))
		h.burnout, h.alone = append(h.burnout, make([]float32, p)), append(h.alone, make([]float32, p))
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
	scores  [][]float32
	share   float64 // of the others, a score averages over
	patch   float64 // burnout from which on a patch carries its group
	threads int
}

func newView(ctx context.Context, r *ranking, scores [][]float32, p Params) (*view, error) {
	n, err := newNull(ctx, r, scores, mutual.Neighbours(r.N, p.Neighbours), p.Threads)
	if err != nil {
		return nil, err
	}
	patch := math.Log(float64(r.P) / p.Level)
	return &view{ranking: r, null: n, scores: scores, share: p.Neighbours, threads: p.Threads, patch: patch}, nil
}

// measure fills in the hypotheses, for their members or for all images. It goes
// through the images once: what it takes to rank a row is shared by all.
func (v *view) measure(ctx context.Context, hs []*hypothesis, all bool) error {
	return parallel.ForEach(ctx, v.N, v.threads, func() func(i int) {
		c, outside := v.cursor(), make([]float32, v.P)
		var here []*reading
		return func(i int) {
			here = here[:0]
			for _, h := range hs {
				k, in := slices.BinarySearch(h.images, uint16(i))
				if !in && !all {
					continue
				}
				r := &reading{hypothesis: h, t: outside}
				if in {
					r.t, r.alone = h.burnout[k], h.alone[k]
				} else {
					r.t = make([]float32, v.P)
				}
				here = append(here, r)
			}
			if len(here) == 0 {
				return
			}
			for x := range v.P {
				v.read(c, here, i, x)
			}
			for _, r := range here {
				r.each[i] = topMean(r.t, peak)
			}
		}
	})
}

// reading is a hypothesis at one image.
type reading struct {
	*hypothesis
	t, alone []float32 // [P]; alone is nil outside
}

// read measures patch x of image i.
func (v *view) read(c *cursor, here []*reading, i, x int) {
	c.seek(i, x)
	loaded := false
	for _, r := range here {
		others := len(r.images)
		if r.in[i] {
			others--
		}
		jump, found := c.jump(r.hypothesis, i, others)
		if jump <= 0 {
			continue
		}
		t := v.alpha[i] * float64(found) * jump
		r.t[x] = float32(t)
		if r.alone == nil || t < v.patch {
			continue
		}
		if !loaded {
			c.load(i, x)
			loaded = true
		}
		r.alone[x] = float32(math.Log(float64(c.lowest(r.images, mutual.Neighbours(v.N-others, v.share)))))
	}
}

// jump is the ln of how much farther from the patch of image i the nearest of
// the other images are than those of the group, others in number; 0 if they
// are not. Copies, at distance 0, and images at none do not count.
func (c *cursor) jump(h *hypothesis, i, others int) (jump float64, found int) {
	outsiders := c.N - 1 - others
	inside, outside := 0, int(outsideQuantile*float64(outsiders-1))+1
	far := float32(math.Inf(1))
	if outsiders < 1 {
		return 0, 0
	}
	started := false
	for _, j := range c.order {
		v := c.row[j]
		if int(j) == i || !(v >= 0 && v <= math.MaxFloat32) {
			continue
		}
		if v == 0 {
			if h.in[j] {
				others--
			}
			continue
		}
		if !started {
			started = true
			if inside = int(math.Ceil(insideQuantile * float64(others))); inside < 1 {
				return 0, 0
			}
		}
		if h.in[j] {
			if inside--; inside == 0 {
				far = v
			}
			continue
		}
		if outside--; outside == 0 {
			if inside > 0 {
				return 0, 0
			}
			return ln(v) - ln(far), others
		}
	}
	return 0, 0
}

// topMean is the mean of the k highest values.
func topMean(v []float32, k int) float64 {
	top := make([]float32, 0, k+1)
	for _, x := range v {
		if len(top) == k && x <= top[0] {
			continue
		}
		at, _ := slices.BinarySearch(top, x)
		top = slices.Insert(top, at, x)
		if len(top) > k {
			top = top[1:]
		}
	}
	sum := 0.0
	for _, x := range top {
		sum += float64(x)
	}
	return sum / float64(max(1, len(top)))
}
