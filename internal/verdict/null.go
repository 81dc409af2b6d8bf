package verdict

import (
	"cmp"
	"math"
	"slices"

	"codegraph/internal/stats"
)

// Null is what the scores of good images are taken to be, and how probable it
// is of each score that a defective image has it.
type Null struct {
	Location, Scale float64 // of good scores, expected
	Share           float64 // of defective images, expected
	Normal          int     // images taken for good

	median float64 // of the images it was fitted to
	unit   float64 // a first guess of the scale
	least  float64
	known  int     // good images
	images int     // that median and unit are of
	curve  []point // ascending by score
}

// point says of a score how probable it is that a good image scores as high,
// and that an image of this score is defective: one of the batch, one of a defect
// family, and a further one, whose score tells something of the parameters, too.
type point struct{ score, p, bad, member, further float64 }

// of is the probability that an image of the batch is defective.
func (q point) of(m Member) float64 {
	if m >= OfDefect {
		return q.member
	}
	return q.bad
}

// newNull fits the null to a batch; nil if its lower part does not vary.
func newNull(batch []Image, p Params) *Null {
	n := new(Null)
	var good []float64
	for _, im := range batch {
		if im.known() == Good {
			good = append(good, im.Score)
		}
	}
	all := independent(batch)
	n.known = len(good)
	if n.anchored() {
		all = good
	}
	n.images = len(all)
	n.median, n.least = stats.Median(all), slices.Min(all)
	low := stats.Quantile(all, lowerSigma)
	if n.unit = n.median - low; !(n.unit > 0) {
		return nil
	}
	m := newModel(n, batch, p)
	m.observe(batch)
	m.average(n)
	n.Normal = int(math.Round((1 - n.Share) * float64(len(batch))))
	return n
}

// lowerSigma is the share of a normal distribution below −1 standard deviation.
const lowerSigma = 0.1587

// anchored says that enough images are known to be good for the null to be
// theirs, whatever the share of defective ones among the others.
func (n *Null) anchored() bool { return n.known >= Fewest }

// P returns the probability that a good image scores as high.
func (n *Null) P(score float64) float64 { return n.at(score).p }

// Bad returns the probability that an image of the batch of this score is
// defective.
func (n *Null) Bad(score float64) float64 { return n.at(score).bad }

// at interpolates the curve.
func (n *Null) at(score float64) point {
	k, _ := slices.BinarySearchFunc(n.curve, score, func(p point, s float64) int {
		if p.score < s {
			return -1
		}
		return 1
	})
	switch {
	case k == 0:
		return n.curve[0]
	case k == len(n.curve):
		return n.curve[k-1]
	}
	a, b := n.curve[k-1], n.curve[k]
	f := (score - a.score) / (b.score - a.score)
	return point{score, a.p + f*(b.p-a.p), a.bad + f*(b.bad-a.bad), a.member + f*(b.member-a.member), a.further + f*(b.further-a.further)}
}

// Critical returns the score that a good image reaches with probability p.
func (n *Null) Critical(p float64) float64 {
	return n.cross(func(q point) bool { return q.p <= p })
}

// reaches returns the least score from which on an image is defective with at
// least this probability; +Inf for none.
func (n *Null) reaches(bad float64) float64 {
	return n.cross(func(q point) bool { return q.bad >= bad })
}

// fails returns the limit to fail: the score from which on an image of the
// batch is good with at most this probability, or, where that is above all
// scores, the one from which on a further image is. Members of defect families are
// more probably defective than others of their score: they lower it, down to the
// first image that is good with more.
func (n *Null) fails(batch []Image, fdr float64) float64 {
	limit := n.reaches(1 - fdr)
	some := slices.DeleteFunc(slices.Clone(batch), func(im Image) bool { return im.known() != Unknown })
	slices.SortFunc(some, func(a, b Image) int { return cmp.Compare(b.Score, a.Score) })
	for _, im := range some {
		if 1-n.at(im.Score).of(im.Member) > fdr {
			break
		}
		limit = min(limit, im.Score)
	}
	further := n.cross(func(q point) bool { return q.further >= 1-fdr })
	for _, im := range batch {
		if im.known() != Bad && im.Score < limit {
			further = max(further, math.Nextafter(im.Score, math.Inf(1)))
		}
	}
	return min(limit, further)
}

// cross returns the score of the first point that is over, to the accuracy of
// the curve, or +Inf.
func (n *Null) cross(over func(point) bool) float64 {
	k := slices.IndexFunc(n.curve, over)
	if k < 0 {
		return math.Inf(1)
	}
	if k == 0 {
		return n.curve[0].score
	}
	lo, hi := n.curve[k-1].score, n.curve[k].score
	for range 40 {
		if mid := (lo + hi) / 2; over(n.at(mid)) {
			hi = mid
		} else {
			lo = mid
		}
	}
	return hi
}

// omits returns the limit below which the expected share of defective images
// is at most rate among those of which nothing is known, or which are known to
// be defective; −Inf for none. It lies between two images.
func (n *Null) omits(batch []Image, rate, own float64) float64 {
	var some []Image
	for _, im := range batch {
		if im.known() == Bad || im.known() == Unknown && im.Member == OfNone {
			some = append(some, im)
		}
	}
	if len(some) == 0 { // references only: an image that comes later passes by its own probability
		return math.Nextafter(n.reaches(rate), math.Inf(-1))
	}
	slices.SortFunc(some, func(a, b Image) int { return cmp.Compare(a.Score, b.Score) })
	limit, sum := math.Inf(-1), 0.0
	for k, im := range some {
		bad := n.Bad(im.Score)
		if bad > own {
			break
		}
		if im.known() == Bad {
			bad = 1
		}
		if sum += bad; sum > rate*float64(k+1) {
			continue
		}
		if limit = im.Score; k+1 < len(some) {
			limit = min((im.Score+some[k+1].Score)/2, n.reaches(own))
		}
	}
	return max(limit, math.Inf(-1))
}
