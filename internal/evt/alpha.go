package evt

import (
	"math"

	"codegraph/internal/stats"
	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/mathext"
)

// Estimate is an estimate of the tail index α.
type Estimate struct {
	Alpha  float64
	StdErr float64 // +Inf where there is too little to tell
	N      int     // spacings it is made of, or groups
}

// Spacings writes the normalised spacings u⁽ⁱ⁾ = i·ln(d⁽ⁱ⁺¹⁾/d⁽ⁱ⁾) of ascending
// distances to dst, one fewer than there are distances. It returns nil where
// they say nothing about α: fewer than two, a first of 0, no growth at all.
func Spacings(dst, d []float64) []float64 {
	if len(d) < 2 || !(d[0] > 0) || d[0] == d[len(d)-1] || math.IsInf(d[len(d)-1], 1) {
		return nil
	}
	dst = dst[:0]
	for i := 1; i < len(d); i++ {
		dst = append(dst, float64(i)*math.Log(d[i]/d[i-1]))
	}
	return dst
}

// Hill is Hill's estimate from n spacings, n/Σu (Hill 1975): the maximum
// likelihood given d⁽ω⁾. It is too large by a factor of n/(n−1) on average.
//
// 1/Σu has the mean α/(n−1) and a standard deviation of that mean over √(n−2);
// the standard error follows.
func Hill(u []float64) Estimate {
	n := len(u)
	e := Estimate{Alpha: math.NaN(), StdErr: math.Inf(1), N: n}
	if n == 0 {
		return e
	}
	e.Alpha = float64(n) / floats.Sum(u)
	if n > 2 {
		e.StdErr = e.Alpha / math.Sqrt(float64(n-2))
	}
	return e
}

// Pool estimates the α that many groups of spacings have in common by the
// median of their means, n spacings in each: half of the groups may be
// anything. The median of Gamma(n)/n instead of its mean is allowed for.
//
// The standard error comes from the scatter of the groups (the median absolute
// deviation), not from the model. overlap is how many groups count as one
// because they depend on each other, at least 1.
func Pool(means []float64, n int, overlap float64) Estimate {
	e := Estimate{Alpha: math.NaN(), StdErr: math.Inf(1), N: len(means)}
	if len(means) == 0 || n < 1 {
		return e
	}
	middle := stats.Median(means)
	if !(middle > 0) || math.IsInf(middle, 1) {
		return e
	}
	e.Alpha = gammaMedian(n) / float64(n) / middle
	if len(means) < 3 {
		return e
	}
	// √(π/2) is how much worse than a mean a median of normal numbers is.
	spread := stats.Normal * stats.MAD(means, middle) * math.Sqrt(math.Pi/2*max(1, overlap)/float64(len(means)))
	e.StdErr = e.Alpha * spread / middle
	return e
}

// gammaMedian is the median of Gamma(n, 1).
func gammaMedian(n int) float64 { return mathext.GammaIncRegInv(float64(n), 0.5) }
