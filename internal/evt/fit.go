package evt

import (
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/stat/distuv"
)

// logRatios writes ln(d⁽ω⁾/d⁽ⁱ⁾), 1 ≤ i < ω, to dst: a sample of Exp(α) under
// the model, in descending order. u are the spacings of the same distances.
func logRatios(dst, u []float64) []float64 {
	dst = append(dst[:0], u...)
	var sum float64
	for i := len(u); i >= 1; i-- {
		sum += u[i-1] / float64(i)
		dst[i-1] = sum
	}
	return dst
}

// andersonDarling is the statistic A² of positive numbers against an
// exponential distribution whose mean is theirs: 0 for a perfect fit.
func andersonDarling(sample []float64) float64 {
	v := slices.Sorted(slices.Values(sample))
	n, mean := float64(len(v)), floats.Sum(v)/float64(len(v))
	var sum float64
	for i, x := range v {
		// ln F(x) + ln(1 − F of the same place from the other end)
		below := math.Log(-math.Expm1(-max(x/mean, tiny)))
		above := -v[len(v)-1-i] / mean
		sum += float64(2*i+1) * (below + above)
	}
	return -n - sum/n
}

// tiny keeps equal distances, which a model of continuous ones does not have,
// from making a statistic infinite.
const tiny = 1e-6

// Null is the distribution of a statistic under the model, simulated.
type Null struct{ sorted []float64 }

// P is the p-value of a statistic whose high values contradict the model.
func (n *Null) P(statistic float64) float64 {
	below, _ := slices.BinarySearch(n.sorted, statistic)
	return float64(1+len(n.sorted)-below) / float64(1+len(n.sorted))
}

func simulate(draws int, rng *rand.Rand, statistic func(*rand.Rand) float64) *Null {
	null := &Null{make([]float64, draws)}
	for k := range null.sorted {
		null.sorted[k] = statistic(rng)
	}
	slices.Sort(null.sorted)
	return null
}

const (
	patchDraws = 9999
	batchDraws = 999
	// maxSpacings bounds the sample of a batch, for time's sake.
	maxSpacings = 4000
)

// PatchFit tests whether the logarithms of the distances of a patch are
// exponential: whether the distances follow a power law.
type PatchFit struct{ null *Null }

// newPatchFit prepares the test for ω = n+1 distances, n ≥ 2.
func newPatchFit(n int, seed uint64) *PatchFit {
	u := make([]float64, n)
	rng := rand.New(rand.NewPCG(seed, uint64(n)))
	return &PatchFit{simulate(patchDraws, rng, func(rng *rand.Rand) float64 {
		return andersonDarling(exponential(u, rng))
	})}
}

// P is the p-value of the log ratios of a patch.
func (f *PatchFit) P(logs []float64) float64 { return f.null.P(andersonDarling(logs)) }

func exponential(dst []float64, rng *rand.Rand) []float64 {
	for i := range dst {
		dst[i] = rng.ExpFloat64()
	}
	return dst
}

// BatchFit says how well the patches of a batch agree with the model.
type BatchFit struct {
	Patches int // looked at
	// Rejected is the share of the patches that PatchFit rejects at 5 %: about
	// 0.05 where the model holds.
	Rejected float64
	// P is the p-value of a sample of Sampled patches that are nearly
	// independent.
	P       float64
	Sampled int
	// Distance is the largest difference between the distribution of log
	// ratios over the mean of their patch and that under the model (Kolmogorov
	// and Smirnov).
	Distance float64
	// Profile is, at each rank i < ω, the mean of u⁽ⁱ⁾/ū: 1 under the model.
	// Below 1 at low ranks: the nearest images are too alike in distance.
	Profile []float64
}

// poor is the share of rejected patches from which on a batch does not follow
// the model: twice the nominal one (our choice).
const poor = 0.1

// Holds says whether the model describes the batch well enough for p-values to
// mean what they say.
func (f *BatchFit) Holds() bool { return f.Sampled > 0 && f.Rejected <= poor }

// NewBatchFit tests the spacings of many patches, n of each. sample lists the
// patches that count as independent. With n < 2 there is nothing to test.
func NewBatchFit(patches [][]float64, sample []int, n int, seed uint64) *BatchFit {
	f := &BatchFit{Patches: len(patches), P: 1, Profile: make([]float64, n)}
	if len(patches) == 0 || n < 2 {
		return f
	}
	test := newPatchFit(n, seed)
	var scaled, logs []float64
	for _, u := range patches {
		logs = logRatios(logs, u)
		if test.P(logs) <= 0.05 {
			f.Rejected++
		}
		mean := floats.Sum(u) / float64(n) // of the log ratios as well
		for i, x := range u {
			f.Profile[i] += x / mean / float64(len(patches))
			scaled = append(scaled, logs[i]/mean)
		}
	}
	f.Rejected /= float64(len(patches))
	f.Distance = kolmogorov(scaled, n)
	f.sample(patches, sample, n, seed)
	return f
}

// sample tests the patches listed, as many as time allows, together.
func (f *BatchFit) sample(patches [][]float64, list []int, n int, seed uint64) {
	f.Sampled = min(len(list), max(1, maxSpacings/n))
	if f.Sampled == 0 {
		return
	}
	chosen := make([][]float64, f.Sampled)
	for k := range chosen {
		chosen[k] = logRatios(nil, patches[list[k*len(list)/f.Sampled]])
	}
	f.P = pooledNull(f.Sampled, n, seed).P(pooled(chosen))
}

// pooledNull is the distribution of pooled for so many patches of n log ratios.
func pooledNull(patches, n int, seed uint64) *Null {
	drawn := make([][]float64, patches)
	for k := range drawn {
		drawn[k] = make([]float64, n)
	}
	return simulate(batchDraws, rand.New(rand.NewPCG(seed, 1)), func(rng *rand.Rand) float64 {
		for _, u := range drawn {
			exponential(u, rng)
		}
		return pooled(drawn)
	})
}

// pooled is the statistic of the log ratios of all patches, each over its mean.
func pooled(patches [][]float64) float64 {
	var all []float64
	for _, logs := range patches {
		mean := floats.Sum(logs) / float64(len(logs))
		for _, x := range logs {
			all = append(all, x/mean)
		}
	}
	return andersonDarling(all)
}

// kolmogorov is the distance of log ratios over the mean of their patch, n of
// each, from what those are under the model: n·Beta(1, n−1).
func kolmogorov(scaled []float64, n int) float64 {
	slices.Sort(scaled)
	var most float64
	for k, x := range scaled {
		cdf := scaledCDF(x, n)
		most = max(most, cdf-float64(k)/float64(len(scaled)), float64(k+1)/float64(len(scaled))-cdf)
	}
	return most
}

// scaledCDF is the distribution of one of n ≥ 2 exponential numbers over their
// mean: n·Beta(1, n−1), near Exp(1) for many.
func scaledCDF(x float64, n int) float64 {
	if x >= float64(n) {
		return 1
	}
	return distuv.Beta{Alpha: 1, Beta: float64(n - 1)}.CDF(max(0, x/float64(n)))
}
