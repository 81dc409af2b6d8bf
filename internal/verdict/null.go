package verdict

import (
	"math"
	"math/rand/v2"
	"slices"
	"sync"

	"gonum.org/v1/gonum/stat/distuv"
)

// Null is what the scores of normal images are taken to be: location + scale ×
// a standard variable of the shape of Params.
type Null struct {
	Location, Scale float64
	// Normal is how many of the images it was fitted to are taken for normal.
	Normal int

	statistics []float64 // of normal images under the model, ascending
	later      func() []float64
}

// P returns the probability that a normal image scores as high as score. It is
// not below 1/(draws + 1): of so few draws nothing smaller can be said.
func (n *Null) P(score float64) float64 {
	t := (score - n.Location) / n.Scale
	below, _ := slices.BinarySearch(n.statistics, t)
	return float64(len(n.statistics)-below+1) / float64(len(n.statistics)+1)
}

// Later is the null for images that it was not fitted to.
func (n *Null) Later() *Null {
	if n == nil {
		return nil
	}
	l := *n
	l.statistics = n.later()
	return &l
}

// Fit fits the null to the lower part of the scores and simulates what
// normal images do to it. It returns nil if that part does not vary.
func Fit(scores []float64, p Params) *Null {
	sorted := slices.Sorted(slices.Values(scores))
	n := p.fit(sorted)
	if !(n.Scale > 0) {
		return nil
	}
	n.statistics = p.statistics(len(scores), false)
	n.later = func() []float64 { return p.statistics(len(scores), true) }
	return &n
}

// draws is about how many normal images are simulated.
const draws = 100_000

// simulated are what the last simulations gave: they depend on nothing but
// what they are found by.
var simulated = struct {
	sync.Mutex
	last []simulation // the most recent last
}{}

type simulation struct {
	params     Params
	images     int
	later      bool
	statistics []float64
}

// kept is how many simulations are remembered, of 0.8 MB each or a little more.
const kept = 16

// statistics returns what simulate gives.
func (p Params) statistics(n int, later bool) []float64 {
	p.FDR = 0 // does not matter
	simulated.Lock()
	defer simulated.Unlock()
	k := slices.IndexFunc(simulated.last, func(s simulation) bool { return s.params == p && s.images == n && s.later == later })
	if k < 0 {
		k = len(simulated.last)
		simulated.last = append(simulated.last, simulation{p, n, later, p.simulate(n, later)})
	}
	s := simulated.last[k]
	simulated.last = append(slices.Delete(simulated.last, k, k+1), s)
	simulated.last = simulated.last[max(0, len(simulated.last)-kept):]
	return s.statistics
}

// simulate returns (score − location) / scale of the images of batches of n
// normal ones, or of as many that come later, ascending. As the fit goes along with location and scale, they
// do not depend on the null's own.
func (p Params) simulate(n int, later bool) []float64 {
	rng := rand.New(rand.NewPCG(seed, uint64(n)))
	batches := max(40, draws/n)
	out := make([]float64, 0, batches*n)
	scores := make([]float64, n)
	for range batches {
		for i := range scores {
			scores[i] = p.standard(rng.NormFloat64())
		}
		slices.Sort(scores)
		fit := p.fit(scores)
		for _, s := range scores {
			if later {
				s = p.standard(rng.NormFloat64())
			}
			out = append(out, (s-fit.Location)/fit.Scale)
		}
	}
	slices.Sort(out)
	return out
}

// seed makes the simulation the same in every run.
const seed = 1

// rounds bounds the estimates of the number of normal images, which seldom
// take more than three.
const rounds = 8

// fit estimates location and scale from ascending scores. It begins with the
// lower half, as if all images were normal; those that lie too high to be so
// are then taken for defective, the fit is repeated for fewer normal images,
// of which more can be used, and so on.
func (p Params) fit(sorted []float64) Null {
	n := len(sorted)
	half := (n + 1) / 2
	fit := p.regress(sorted[:half], n)
	edge := p.quantile(p.Body)
	for range rounds {
		below, _ := slices.BinarySearch(sorted, math.Nextafter(fit.Location+fit.Scale*edge, math.Inf(1)))
		normal := min(fit.Normal, max(half, int(math.Ceil(float64(below)/p.Body))))
		next := p.regress(sorted[:max(half, int(p.Used*float64(normal)))], normal)
		same := next.Location == fit.Location && next.Scale == fit.Scale
		fit = next
		if same {
			break
		}
	}
	return fit
}

// regress fits a line through the lowest scores of so many normal images over
// the expected places of a standard sample (Blom's positions).
func (p Params) regress(lowest []float64, normal int) Null {
	var mx, my float64
	x := make([]float64, len(lowest))
	for i := range lowest {
		x[i] = p.quantile((float64(i) + 0.625) / (float64(normal) + 0.25))
		mx += x[i] / float64(len(lowest))
		my += lowest[i] / float64(len(lowest))
	}
	var sxx, sxy float64
	for i := range lowest {
		sxx += (x[i] - mx) * (x[i] - mx)
		sxy += (x[i] - mx) * (lowest[i] - my)
	}
	scale := sxy / sxx
	return Null{Location: my - scale*mx, Scale: scale, Normal: normal}
}

// quantile is that of the standard variable.
func (p Params) quantile(share float64) float64 { return p.standard(distuv.UnitNormal.Quantile(share)) }

// standard makes a standard variable of a standard normal one: of zero median
// and unit slope there.
func (p Params) standard(z float64) float64 {
	if p.Skew == 0 {
		return z
	}
	return math.Expm1(p.Skew*z) / p.Skew
}

// Critical returns the score that a normal image reaches with probability p.
func (n *Null) Critical(p float64) float64 {
	k := int(math.Ceil((1 - p) * float64(len(n.statistics)+1)))
	t := n.statistics[max(0, min(k, len(n.statistics)-1))]
	return n.Location + n.Scale*t
}
