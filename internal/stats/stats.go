package stats

import (
	"math"
	"slices"
)

// Normal scales the median absolute deviation of normally distributed numbers
// to their standard deviation: 1/Φ⁻¹(3/4).
const Normal = 1.4826022185056018

// Quantile is the q-quantile of v, 0 ≤ q ≤ 1: the values, sorted, stand at 0,
// 1/(n−1), …, 1, and between them it is linear (type 7 of Hyndman and Fan
// 1996, the default of numpy and R). It is 0 for no values.
func Quantile[T float32 | float64](v []T, q float64) float64 {
	return Quantiles(v, q)[0]
}

// Quantiles is Quantile for each of qs.
func Quantiles[T float32 | float64](v []T, qs ...float64) []float64 {
	out := make([]float64, len(qs))
	if len(v) == 0 {
		return out
	}
	sorted := slices.Clone(v)
	slices.Sort(sorted)
	for k, q := range qs {
		out[k] = sortedQuantile(sorted, len(sorted), q)
	}
	return out
}

// sortedQuantile is the q-quantile of n values of which top are the highest,
// ascending, and as many as the quantile needs.
func sortedQuantile[T float32 | float64](top []T, n int, q float64) float64 {
	lo, part := position(n, q)
	hi := min(lo+1, n-1)
	below, above := float64(top[lo-(n-len(top))]), float64(top[hi-(n-len(top))])
	return below + part*(above-below)
}

// position is where the q-quantile of n ascending values lies: at the value of
// that index and a part of the way to the next.
func position(n int, q float64) (index int, part float64) {
	at := q * float64(n-1)
	index = int(at)
	return index, at - float64(index)
}

// Median is the middle value, the mean of the middle two of an even number.
func Median[T float32 | float64](v []T) float64 { return Quantile(v, 0.5) }

// MAD is the median absolute deviation from center; Normal times it estimates
// a standard deviation of which up to half of the values can spoil nothing.
func MAD(v []float64, center float64) float64 {
	off := make([]float64, len(v))
	for k, x := range v {
		off[k] = math.Abs(x - center)
	}
	return Median(off)
}
