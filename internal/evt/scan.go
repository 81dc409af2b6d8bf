package evt

import (
	"fmt"
	"math"

	"gonum.org/v1/gonum/interp"
	"gonum.org/v1/gonum/mathext"
)

// RankP is the p-value of rank i, 1 ≤ i < ω: the chance that the i-th nearest
// of a normal patch is that near, ratio = d⁽ⁱ⁾/d⁽ω⁾.
func RankP(ratio, alpha float64, i, omega int) float64 {
	return mathext.RegIncBeta(float64(i), float64(omega-i), clamp(math.Pow(ratio, alpha)))
}

// RankPAbove reports whether RankP is known to be above p without working it out:
// the chance that i or more of ω − 1 are that near is no less than that of i.
// lnChoose is ln (ω−1 over i).
func RankPAbove(p, ratio, alpha float64, i, omega int, lnChoose float64) bool {
	if !(ratio > 0 && ratio < 1 && p > 0) {
		return false
	}
	lnNear := alpha * math.Log(ratio)
	exactly := lnChoose + float64(i)*lnNear + float64(omega-1-i)*math.Log1p(-math.Exp(lnNear))
	const rounding = 1e-6
	return exactly > math.Log(p)+rounding
}

// Quantile is the ratio d⁽ⁱ⁾/d⁽ω⁾ that a normal patch stays below with chance p.
func Quantile(p, alpha float64, i, omega int) float64 {
	return math.Pow(uniformQuantile(p, i, omega-1), 1/alpha)
}

// ExpectedGrowth is E τ⁽ⁱ⁾ = 1/(αi).
func ExpectedGrowth(alpha float64, i int) float64 { return 1 / (alpha * float64(i)) }

// Expected is exp(E ln(d⁽ⁱ⁾/d⁽ω⁾)) for i = 1 … ω, the last 1:
// E ln(d⁽ω⁾/d⁽ⁱ⁾) = (1/α) Σ_{i≤k<ω} 1/k.
func Expected(alpha float64, omega int) []float64 {
	out, sum := make([]float64, omega), 0.0
	for i := omega; i >= 1; i-- {
		if i < omega {
			sum += 1 / float64(i)
		}
		out[i-1] = math.Exp(-sum / alpha)
	}
	return out
}

func clamp(x float64) float64 { return min(max(x, 0), 1) }

// uniformQuantile is the p-quantile of the i-th of n uniform numbers,
// Beta(i, n+1−i), found by bisection of its logarithm: p may be tiny.
func uniformQuantile(p float64, i, n int) float64 {
	lo, hi := math.Log(p)/float64(i)-math.Log(float64(n))-2, 0.0
	if p >= 1 {
		return 1
	}
	for range 80 {
		mid := (lo + hi) / 2
		if mathext.RegIncBeta(float64(i), float64(n+1-i), math.Exp(mid)) < p {
			lo = mid
		} else {
			hi = mid
		}
	}
	return math.Exp(hi)
}

// Scan turns the least of the p-values of the ranks below ω into one of the
// patch. It is safe for concurrent use.
type Scan struct {
	curve interp.FritschButland // ln p over ln of the least p-value
	low   float64               // start of the curve
}

const (
	scanLowest = -69.0 // ln 10⁻³⁰; below, the ratio of p to the least is kept
	scanPoints = 48
)

// NewScan prepares the test for a reference rank ω of 2 or more.
func NewScan(omega int) (*Scan, error) {
	if omega < 2 {
		return nil, fmt.Errorf("the reference rank ω is %d; there is nothing to scan below 2", omega)
	}
	s := &Scan{low: scanLowest}
	x, y := make([]float64, scanPoints), make([]float64, scanPoints)
	for k := range x {
		// Quadratic: dense near 0, where the curve bends.
		at := 1 - float64(k)/(scanPoints-1)
		x[k] = scanLowest * at * at
		y[k] = math.Log(crossing(math.Exp(x[k]), omega-1))
	}
	y[scanPoints-1] = 0
	if err := s.curve.Fit(x, y); err != nil {
		return nil, fmt.Errorf("scan below rank %d: %w", omega, err)
	}
	return s, nil
}

// P is the chance that a normal patch has a rank with a p-value of least or
// less.
func (s *Scan) P(least float64) float64 {
	if least <= 0 {
		return 0
	}
	at := math.Log(least)
	if at < s.low {
		return math.Exp(s.curve.Predict(s.low) + at - s.low)
	}
	return math.Exp(min(0, s.curve.Predict(min(at, 0))))
}

// negligible is the relative error of crossing, about.
const negligible = 1e-9

// crossing is the chance that the i-th of n uniform numbers is below the
// t-quantile of its distribution for any i.
//
// It goes through these boundaries in ascending order and keeps the chances of
// k numbers below the boundary without a crossing so far, k < i. What crosses
// for the first time is added up: there is nothing to cancel.
func crossing(t float64, n int) float64 {
	chance := make([]float64, n+1)
	next := make([]float64, n+1)
	chance[0] = 1
	var total, before float64
	for i := 1; i <= n; i++ {
		at := uniformQuantile(t, i, n)
		step := clamp((at - before) / (1 - before))
		clear(next)
		for k := range i {
			if chance[k] <= negligible*total/float64(n) {
				continue
			}
			// k of n are below the last boundary; i or more would cross.
			total += chance[k] * mathext.RegIncBeta(float64(i-k), float64(n-i+1), step)
			binomial(next[k:i], chance[k], n-k, step)
		}
		chance, next = next, chance
		before = at
	}
	return min(total, 1)
}

// binomial adds weight times the chances of 0, 1, … successes of n at p to
// dst.
func binomial(dst []float64, weight float64, n int, p float64) {
	if p >= 1 {
		return // all n succeed, which is more than dst holds
	}
	term := weight * math.Exp(float64(n)*math.Log1p(-p))
	for j := range dst {
		dst[j] += term
		term *= float64(n-j) / float64(j+1) * p / (1 - p)
	}
}
