package stats

import (
	"cmp"
	"slices"
)

// BenjaminiHochberg returns the adjusted p-value (q-value) of each of p, the
// p-values of len(p) hypotheses: q₍ₖ₎ = min over j ≥ k of p₍ⱼ₎·n/j, at most 1.
// Rejecting the hypotheses whose q is no more than a rate holds the expected
// share of false ones among them to that rate (Benjamini and Hochberg 1995),
// for independent and for positively dependent tests (Benjamini and Yekutieli
// 2001, PRDS). Equal p-values have equal q-values; there must be no NaN.
func BenjaminiHochberg(p []float64) []float64 {
	order := make([]int, len(p))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(p[b], p[a]) })
	q := make([]float64, len(p))
	least, n := 1.0, float64(len(p))
	for k, i := range order {
		least = min(least, p[i]*(n/(n-float64(k))))
		q[i] = least
	}
	return q
}
