package verdict

import (
	"math"
	"slices"
)

// The values that the model's parameters are averaged over, in standard units
// but for the shares.
var (
	skews  = []float64{0, 0.2, 0.35, 0.5}
	gaps   = []float64{0, 1.5, 3}
	excess = []float64{0.7, 2, 5}
	shares = []float64{0, 0.02, 0.04, 0.07, 0.12, 0.18, 0.25, 0.33, 0.42, 0.5, 0.6, 0.7, 0.8, 0.9}
)

const (
	// perScale is the number of locations in a scale.
	perScale = 2
	// mistaken is the share of a person's answers that are not right.
	mistaken = 0.02
	// maxBins bounds the scores that the likelihood is computed of: of more
	// images groups of neighbours are taken together.
	maxBins = 256
	// curvePoints is the number of scores that probabilities are kept of, from
	// sinh curveFrom to sinh curveTo units above the median.
	curvePoints        = 200
	curveFrom, curveTo = -3.5, 6.5
	// negligible is the weight of a cell, as a share of the largest, that does
	// not count.
	negligible = 1e-4
)

// model is a two-groups model of scores: see the package documentation.
type model struct {
	origin, unit float64
	places       []place
	priors       []float64 // of shares, logarithms
	observed     []observation
	cells        []cell
	most         float64 // the largest weight of a cell, a logarithm
	doubt        float64 // that a family is a defect
}

// place is a location and scale of good scores and the logarithm of its prior.
type place struct{ location, scale, prior float64 }

// observation is a score that weight images have.
type observation struct {
	score, weight float64
	known         Known
	member        Member
}

// normal is a distribution of good scores.
type normal struct{ location, scale, skew float64 }

// cell is one choice of the parameters but for the share of defective images.
type cell struct {
	normal
	gap, excess float64
	weights     []float64 // of shares: logarithms, then probabilities
}

func newModel(n *Null, batch []Image, p Params) *model {
	m := &model{origin: n.median, unit: n.unit, priors: sharePriors(p), doubt: p.Doubt, most: math.Inf(-1)}
	if n.anchored() {
		m.aroundKnown(n)
		return m
	}
	m.anywhere(n, batch, p)
	return m
}

// sharePriors are the logarithms of the shares' probabilities beforehand.
func sharePriors(p Params) []float64 {
	out := make([]float64, len(shares))
	var sum float64
	for k := 1; k < len(shares); k++ {
		lo, hi := (shares[k-1]+shares[k])/2, 1.0
		if k == 1 {
			lo = 0
		}
		if k+1 < len(shares) {
			hi = (shares[k] + shares[k+1]) / 2
		}
		out[k] = math.Pow(1-lo, p.Rare+1) - math.Pow(1-hi, p.Rare+1)
		sum += out[k]
	}
	out[0] = p.Clean / (1 - p.Clean) * sum
	for k := range out {
		out[k] = math.Log(out[k])
	}
	return out
}

// aroundKnown lists locations and scales near those of known good images:
// chance moves them by a few standard errors.
func (m *model) aroundKnown(n *Null) {
	const locations, scales = 9, 7
	chance := 1 / math.Sqrt(float64(n.images))
	low, high := n.median-3*chance*n.unit, n.median+3*chance*n.unit
	narrow, wide := 1-chance, 1+4*chance
	for k := range locations {
		for j := range scales {
			m.places = append(m.places, place{
				location: low + (high-low)*float64(k)/(locations-1),
				scale:    n.unit * narrow * math.Pow(wide/narrow, float64(j)/(scales-1)),
			})
		}
	}
}

// anywhere lists locations from the lowest score to the median, as any share of
// the batch may be defective, and scales of which none is more probable than
// that of a maximum of noisy patches (Params.Scatter).
func (m *model) anywhere(n *Null, batch []Image, p Params) {
	heights := newHeights(batch)
	chance := 1 / math.Sqrt(float64(n.images))
	low, high := n.least, n.median+1.5*chance*n.unit
	const step = 1.35
	for scale := n.unit * (1 + 3*chance); scale > n.unit*narrowest; scale /= step {
		count := max(3, 1+int(math.Ceil(perScale*(high-low)/scale)))
		for k := range count {
			at := place{location: low + (high-low)*float64(k)/float64(count-1), scale: scale}
			at.prior = -math.Log(float64(count)) + heights.prior(at, p)
			m.places = append(m.places, at)
		}
	}
}

// observe weighs the cells by the likelihood of a batch.
func (m *model) observe(batch []Image) {
	var unknown []float64
	for _, im := range batch {
		if im.known() != Unknown || im.recurs() {
			m.observed = append(m.observed, observation{im.Score, 1, im.known(), im.Member})
		} else {
			unknown = append(unknown, im.Score)
		}
	}
	slices.Sort(unknown)
	m.observed = append(m.observed, binned(unknown)...)
	for _, at := range m.places {
		for _, skew := range skews {
			m.observeNull(at, skew)
		}
	}
	m.normalise()
}

// binned groups ascending scores.
func binned(scores []float64) (bins []observation) {
	count := min(len(scores), maxBins)
	for k := range count {
		group := scores[k*len(scores)/count : (k+1)*len(scores)/count]
		o := observation{weight: float64(len(group))}
		for _, s := range group {
			o.score += s / o.weight
		}
		bins = append(bins, o)
	}
	return bins
}

// observeNull weighs the cells of one distribution of good scores. A cell whose weight
// would be negligible were each score as probable as its more probable group has it is
// left out.
func (m *model) observeNull(at place, skew float64) {
	z, ratio := make([]float64, len(m.observed)), make([]float64, len(m.observed))
	prior := slices.Max(m.priors)
	good := at.prior
	for k, o := range m.observed {
		var density float64
		z[k], density = standardise((o.score-at.location)/at.scale, skew)
		good += o.weight * (density - math.Log(at.scale))
	}
	for _, excess := range excess {
		logExcess := math.Log(excess)
		for _, gap := range gaps {
			bound := good + prior
			for k, o := range m.observed {
				ratio[k] = logRatio(z[k], gap, excess, logExcess)
				bound += o.weight * max(0, ratio[k])
			}
			if bound < m.most+math.Log(negligible) {
				continue
			}
			for k := range ratio {
				ratio[k] = math.Exp(ratio[k])
			}
			c := cell{normal{at.location, at.scale, skew}, gap, excess, make([]float64, len(shares))}
			for k, share := range shares {
				c.weights[k] = good + m.priors[k] + m.likelihood(ratio, share)
			}
			m.most = max(m.most, slices.Max(c.weights))
			m.cells = append(m.cells, c)
		}
	}
}

// standardise makes a standard normal variable of a good image's standard
// score, and returns the logarithm of the density with it.
func standardise(t, skew float64) (z, logDensity float64) {
	z = t
	if skew > 0 {
		u := math.Log(max(1+skew*t, 1e-3))
		z, logDensity = u/skew, -u
	}
	return z, logDensity - z*z/2
}

// logRatio is the logarithm of the density of a defective image at z over that of a good
// one: a defect adds the gap and an exponential variable of mean excess to the
// standard normal one. logExcess is the logarithm of excess.
func logRatio(z, gap, excess, logExcess float64) float64 {
	t := z - gap
	log := 1/(2*excess*excess) - t/excess + logNormal(t-1/excess) - logExcess + z*z/2 + halfLog2Pi
	return min(max(log, -40), 40)
}

var halfLog2Pi = math.Log(2*math.Pi) / 2

// logNormal is ln Φ.
func logNormal(x float64) float64 {
	if x > -30 {
		return math.Log(math.Erfc(-x/math.Sqrt2) / 2)
	}
	return -x*x/2 - math.Log(-x) - halfLog2Pi
}

// likelihood is the logarithm of that of the observed scores, over that of as
// many good ones.
func (m *model) likelihood(ratio []float64, share float64) (sum float64) {
	product := 1.0
	for k, o := range m.observed {
		f := 1 - share + ratio[k]*share
		switch {
		case o.known == Good: // references are not images of the batch: they tell nothing of the share
			f = 1 - mistaken + ratio[k]*mistaken
		case o.known == Bad:
			f = mistaken*(1-share) + (1-mistaken)*ratio[k]*share
		case o.member >= OfDefect:
			f = m.member(ratio[k])
		}
		if o.weight != 1 {
			sum += o.weight * math.Log(f)
			continue
		}
		if product *= f; product > 1e200 || product < 1e-200 {
			sum += math.Log(product)
			product = 1
		}
	}
	return sum + math.Log(product)
}

// member is the likelihood of a member of a defect family, over that of a good image:
// it was not drawn from the batch, and tells nothing of its share.
func (m *model) member(ratio float64) float64 { return m.doubt + (1-m.doubt)*ratio }

// normalise makes probabilities of the cells' weights and drops cells that do
// not matter.
func (m *model) normalise() {
	least := m.most + math.Log(negligible)
	m.cells = slices.DeleteFunc(m.cells, func(c cell) bool { return !(slices.Max(c.weights) > least) })
	var sum float64
	for _, c := range m.cells {
		for k, w := range c.weights {
			c.weights[k] = math.Exp(w - m.most)
			sum += c.weights[k]
		}
	}
	for _, c := range m.cells {
		for k := range c.weights {
			c.weights[k] /= sum
		}
	}
}

// average fills in what the cells say together.
func (m *model) average(n *Null) {
	n.curve = make([]point, curvePoints)
	for k := range n.curve {
		n.curve[k].score = m.origin + m.unit*math.Sinh(curveFrom+(curveTo-curveFrom)*float64(k)/(curvePoints-1))
	}
	// seen holds what is known of an image of each score: of a defective one, and
	// of any, both over exp(most).
	seen := make([]struct{ most, bad, any float64 }, curvePoints)
	for k := range seen {
		seen[k].most = math.Inf(-1)
	}
	var of normal // that good holds the densities of
	good := make([]struct{ z, density, tail float64 }, curvePoints)
	for _, c := range m.cells {
		if c.normal != of { // no scale is 0
			of = c.normal
			for k, p := range n.curve {
				g := &good[k]
				g.z, g.density = standardise((p.score-c.location)/c.scale, c.skew)
				g.density -= math.Log(c.scale)
				g.tail = math.Erfc(g.z/math.Sqrt2) / 2
			}
		}
		weight, logExcess := 0.0, math.Log(c.excess)
		for k, w := range c.weights {
			weight += w
			n.Share += w * shares[k]
		}
		n.Location += weight * c.location
		n.Scale += weight * c.scale
		for k := range n.curve {
			p := &n.curve[k]
			z, density := good[k].z, good[k].density
			p.p += weight * good[k].tail
			o := &seen[k]
			if density > o.most {
				f := math.Exp(o.most - density)
				o.most, o.bad, o.any = density, o.bad*f, o.any*f
			}
			f, r := math.Exp(density-o.most), math.Exp(logRatio(z, c.gap, c.excess, logExcess))
			p.member += weight * (1 - m.doubt) * r / m.member(r)
			for k, w := range c.weights {
				share := shares[k]
				any := 1 - share + r*share
				p.bad += w * r * share / any
				o.bad += f * w * r * share
				o.any += f * w * any
			}
		}
	}
	for k := range n.curve {
		p := &n.curve[k]
		// Sums of weights round.
		p.p, p.bad, p.member, p.further = min(p.p, 1), min(p.bad, 1), min(p.member, 1), min(seen[k].bad/seen[k].any, 1)
		if k > 0 { // a higher score is not less suspicious
			before := n.curve[k-1]
			p.p, p.bad = min(before.p, p.p), max(before.bad, p.bad)
			p.member, p.further = max(before.member, p.member), max(before.further, p.further)
		}
	}
}
