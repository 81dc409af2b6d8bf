package evt

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"gonum.org/v1/gonum/stat"
	"pgregory.net/rapid"
)

// distances draws the ω lowest of n distances of the Beta(α, 1) model.
func distances(rng *rand.Rand, n, omega int, alpha float64) []float64 {
	d := make([]float64, n)
	for i := range d {
		d[i] = 3 * math.Pow(rng.Float64(), 1/alpha)
	}
	slices.Sort(d)
	return d[:omega]
}

func TestSpacings(t *testing.T) {
	t.Parallel()
	u := Spacings(nil, []float64{1, 2, 8})
	if len(u) != 2 || math.Abs(u[0]-math.Ln2) > 1e-15 || math.Abs(u[1]-2*math.Log(4)) > 1e-15 {
		t.Errorf("spacings %v", u)
	}
	for _, d := range [][]float64{nil, {1}, {0, 1}, {2, 2, 2}, {1, math.Inf(1)}} {
		if u := Spacings(nil, d); u != nil {
			t.Errorf("spacings of %v are %v, want none", d, u)
		}
	}
}

// TestSpacingsSum: Σu is the sum in Hill's estimate.
func TestSpacingsSum(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		d := rapid.SliceOfN(rapid.Float64Range(0.1, 10), 3, 40).Draw(t, "d")
		slices.Sort(d)
		if d[0] == d[len(d)-1] {
			return
		}
		var want float64
		for _, x := range d {
			want += math.Log(d[len(d)-1] / x)
		}
		if got := float64(len(d)-1) / Hill(Spacings(nil, d)).Alpha; math.Abs(got-want) > 1e-9*want {
			t.Errorf("Σu = %v, want %v", got, want)
		}
		for i, l := range logRatios(nil, Spacings(nil, d)) {
			if want := math.Log(d[len(d)-1] / d[i]); math.Abs(l-want) > 1e-9 {
				t.Errorf("log ratio %d is %v, want %v", i+1, l, want)
			}
		}
	})
}

// TestHill: mean and standard deviation over simulated patches are the stated
// ones.
func TestHill(t *testing.T) {
	t.Parallel()
	const omega, draws = 12, 20000
	n := omega - 1.0
	for _, alpha := range []float64{2, 9, 40} {
		rng := rand.New(rand.NewPCG(1, uint64(alpha)))
		var hill, errs []float64
		for range draws {
			e := Hill(Spacings(nil, distances(rng, 30, omega, alpha)))
			hill, errs = append(hill, e.Alpha), append(errs, e.StdErr)
		}
		if r := stat.Mean(hill, nil) / alpha * (n - 1) / n; math.Abs(r-1) > 0.01 {
			t.Errorf("α = %v: %v times the mean it should have", alpha, r)
		}
		if r := stat.StdDev(hill, nil) / stat.Mean(errs, nil); math.Abs(r-1) > 0.03 {
			t.Errorf("α = %v: the scatter is %v times the standard error", alpha, r)
		}
	}
}

// TestPool: the median of groups recovers α though a third of them are
// something else, and its standard error is that of independent groups.
func TestPool(t *testing.T) {
	t.Parallel()
	const alpha, omega, groups = 11.0, 16, 150
	rng := rand.New(rand.NewPCG(4, 4))
	var alphas, errs []float64
	for range 400 {
		means := make([]float64, groups)
		for k := range means {
			u := Spacings(nil, distances(rng, 40, omega, alpha))
			means[k] = stat.Mean(u, nil)
		}
		e := Pool(means, omega-1, 1)
		alphas, errs = append(alphas, e.Alpha), append(errs, e.StdErr)
	}
	if m := stat.Mean(alphas, nil); math.Abs(m/alpha-1) > 0.01 {
		t.Errorf("mean %v, want %v", m, alpha)
	}
	if r := stat.StdDev(alphas, nil) / stat.Mean(errs, nil); math.Abs(r-1) > 0.15 {
		t.Errorf("the scatter is %v times the standard error", r)
	}
	for _, e := range []Estimate{Pool(nil, 3, 1), Pool([]float64{0, 0}, 3, 1), Pool([]float64{math.Inf(1)}, 3, 1)} {
		if !math.IsNaN(e.Alpha) {
			t.Errorf("α = %v of nothing", e.Alpha)
		}
	}
	if e := Pool([]float64{1, 1}, 3, 1); !math.IsInf(e.StdErr, 1) {
		t.Errorf("standard error %v of two groups", e.StdErr)
	}
}

// uniform fails unless p-values below 0.01, 0.05 and 0.5 are as frequent as
// they should be, within five standard deviations.
func uniform(t *testing.T, what string, p []float64) {
	t.Helper()
	for _, at := range []float64{0.01, 0.05, 0.5} {
		n := 0.0
		for _, v := range p {
			if v <= at {
				n++
			}
		}
		if sd := math.Sqrt(at * (1 - at) / float64(len(p))); math.Abs(n/float64(len(p))-at) > 5*sd {
			t.Errorf("%s: %v of the p-values are below %v", what, n/float64(len(p)), at)
		}
	}
}

func TestPatchFitUniform(t *testing.T) {
	t.Parallel()
	for _, omega := range []int{4, 22} {
		test := newPatchFit(omega-1, 1)
		rng := rand.New(rand.NewPCG(2, uint64(omega)))
		var p []float64
		for range 8000 {
			p = append(p, test.P(logRatios(nil, Spacings(nil, distances(rng, 2*omega, omega, 17)))))
		}
		uniform(t, "fit of patches", p)
	}
}

// TestAndersonDarlingTable compares with the published critical values of A²
// for an exponential distribution of unknown scale (Stephens, in D'Agostino and
// Stephens 1986, table 4.14): A²·(1 + 0.6/n) exceeds 1.321 for one in twenty.
func TestAndersonDarlingTable(t *testing.T) {
	t.Parallel()
	const n = 21
	test := newPatchFit(n, 1)
	for critical, want := range map[float64]float64{1.062: 0.10, 1.321: 0.05, 1.959: 0.01} {
		if p := test.null.P(critical / (1 + 0.6/n)); math.Abs(p-want) > 0.25*want {
			t.Errorf("A² = %v: p = %v, want %v", critical, p, want)
		}
	}
}

func batch(rng *rand.Rand, patches, omega int, alpha float64) ([][]float64, []int) {
	all, sample := make([][]float64, patches), make([]int, patches)
	for k := range all {
		all[k] = Spacings(nil, distances(rng, 3*omega, omega, alpha))
		sample[k] = k
	}
	return all, sample
}

func TestBatchFit(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(3, 3))
	all, sample := batch(rng, 2000, 14, 8)
	f := NewBatchFit(all, sample[:40], 13, 1)
	if !f.Holds() || math.Abs(f.Rejected-0.05) > 0.02 || f.Distance > 0.02 || f.P < 0.001 || f.Sampled != 40 {
		t.Errorf("the model does not fit its own sample: %+v", f)
	}
	for i, m := range f.Profile {
		if math.Abs(m-1) > 0.15 {
			t.Errorf("rank %d: profile %v", i+1, m)
		}
	}
	for _, u := range all { // the nearest three are too far off
		for i := range 3 {
			u[i] *= 4
		}
	}
	f = NewBatchFit(all, sample[:40], 13, 1)
	if f.Holds() || f.P > 0.01 || f.Profile[0] < 1.5 {
		t.Errorf("what is not a sample of the model fits: %+v", f)
	}
	if f := NewBatchFit(nil, nil, 13, 1); f.Holds() {
		t.Error("nothing fits")
	}
}

func TestPooledUniform(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(9, 3))
	null := pooledNull(12, 8, 1)
	var p []float64
	for range 3000 {
		all, _ := batch(rng, 12, 9, 8)
		for k := range all {
			all[k] = logRatios(nil, all[k])
		}
		p = append(p, null.P(pooled(all)))
	}
	uniform(t, "fit of batches", p)
}

func TestRankP(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(5, 5))
	const omega, alpha = 15, 6.0
	p := make([][]float64, omega)
	for range 5000 {
		d := distances(rng, 40, omega, alpha)
		for i := 1; i < omega; i++ {
			p[i] = append(p[i], RankP(d[i-1]/d[omega-1], alpha, i, omega))
		}
	}
	for i := 1; i < omega; i++ {
		uniform(t, "ranks", p[i])
	}
}

// TestQuantile: it is the inverse of RankP, for tiny chances too.
func TestQuantile(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		omega := rapid.IntRange(2, 120).Draw(t, "omega")
		i := rapid.IntRange(1, omega-1).Draw(t, "i")
		alpha := rapid.Float64Range(0.5, 60).Draw(t, "alpha")
		p := math.Exp(rapid.Float64Range(-60, -0.01).Draw(t, "ln p"))
		if got := RankP(Quantile(p, alpha, i, omega), alpha, i, omega); math.Abs(math.Log(got/p)) > 1e-6 {
			t.Errorf("P(quantile(%v)) = %v", p, got)
		}
	})
}

func TestExpected(t *testing.T) {
	t.Parallel()
	rng := rand.New(rand.NewPCG(6, 6))
	const omega, alpha, draws = 9, 5.0, 20000
	sums := make([]float64, omega)
	for range draws {
		d := distances(rng, 20, omega, alpha)
		for i := range sums {
			sums[i] += math.Log(d[i]/d[omega-1]) / draws
		}
	}
	for i, e := range Expected(alpha, omega) {
		if math.Abs(math.Log(e)-sums[i]) > 0.01 {
			t.Errorf("rank %d: %v, want %v", i+1, math.Log(e), sums[i])
		}
	}
	if g := ExpectedGrowth(4, 5); g != 0.05 {
		t.Errorf("growth %v", g)
	}
}

func newScan(t testing.TB, omega int) *Scan {
	t.Helper()
	s, err := NewScan(omega)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestScanUniform(t *testing.T) {
	t.Parallel()
	for _, omega := range []int{2, 3, 8, 22, 60} {
		s := newScan(t, omega)
		rng := rand.New(rand.NewPCG(7, uint64(omega)))
		var p []float64
		for range 8000 {
			d := distances(rng, omega+5, omega, 12)
			least := 1.0
			for i := 1; i < omega; i++ {
				least = min(least, RankP(d[i-1]/d[omega-1], 12, i, omega))
			}
			p = append(p, s.P(least))
		}
		uniform(t, "scan", p)
	}
	if _, err := NewScan(1); err == nil {
		t.Error("ω = 1 is not refused")
	}
}

// TestScanBounds: P is between the least p-value and that times the number of
// ranks, and ascends.
func TestScanBounds(t *testing.T) {
	t.Parallel()
	s := newScan(t, 23)
	before := 0.0
	for x := -200.0; x <= 0; x += 0.37 {
		least := math.Exp(x)
		p := s.P(least)
		if p < least*(1-1e-6) || p > 22*least*(1+1e-6) || p < before || p > 1 {
			t.Fatalf("P(%v) = %v after %v", least, p, before)
		}
		before = p
	}
	if s.P(0) != 0 || s.P(1) != 1 {
		t.Errorf("P(0) = %v, P(1) = %v", s.P(0), s.P(1))
	}
}

// TestScanOfOneRank: with one rank there is nothing to correct.
func TestScanOfOneRank(t *testing.T) {
	t.Parallel()
	s := newScan(t, 2)
	for _, p := range []float64{1e-50, 1e-9, 0.02, 0.4} {
		if got := s.P(p); math.Abs(got/p-1) > 1e-6 {
			t.Errorf("P(%v) = %v", p, got)
		}
	}
}
