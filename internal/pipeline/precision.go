package pipeline

import "codegraph/internal/kernel"

// Precision says in what numbers a patch's nearest patches are looked for; it
// is for whoever opens a network to choose its numbers alike. The distances
// themselves are always computed in single precision, and identical patches
// are always at distance 0.
type Precision string

const (
	// PrecisionAuto is PrecisionFast on processors with instructions for it
	// and PrecisionExact on others.
	PrecisionAuto Precision = "auto"
	// PrecisionExact looks in single precision: distances agree with those
	// in double precision to 1e-5.
	PrecisionExact Precision = "exact"
	// PrecisionFast looks among tokens rounded to 8 or 16 bits and measures
	// what may be nearest within rounding. It can pick a patch that is a
	// little farther away than the nearest.
	PrecisionFast Precision = "fast"
)

// Effective is what p means on this machine; the zero value is PrecisionAuto.
func (p Precision) Effective() Precision {
	switch {
	case p != PrecisionAuto && p != "":
		return p
	case kernel.CoarsePays():
		return PrecisionFast
	default:
		return PrecisionExact
	}
}
