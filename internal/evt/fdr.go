package evt

import "slices"

// BenjaminiHochberg returns the largest of the p-values that are rejected at
// the false-discovery rate q, −1 if none is. m is the number of hypotheses:
// p-values above q may be left out of p. It holds for independent and for
// positively dependent ones (Benjamini and Yekutieli 2001, PRDS).
func BenjaminiHochberg(p []float64, m int, q float64) float64 {
	sorted := slices.Sorted(slices.Values(p))
	for k, v := range slices.Backward(sorted) {
		if v <= float64(k+1)/float64(m)*q {
			return v
		}
	}
	return -1
}

// BenjaminiYekutieli is the same whatever the dependence: q is divided by
// Σ_{k≤m} 1/k.
func BenjaminiYekutieli(p []float64, m int, q float64) float64 {
	var harmonic float64
	for k := range m {
		harmonic += 1 / float64(k+1)
	}
	return BenjaminiHochberg(p, m, q/harmonic)
}
