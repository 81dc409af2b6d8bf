package knn

import (
	"math"
	"slices"
)

// Format is how the rows of a search are represented while their nearest are
// looked for. Distances are always computed from the rows themselves.
type Format int

const (
	Float32 Format = iota // as they are
	Int16                 // in steps, two to a word
	Int8                  // in coarser steps, four to a word
)

func (f Format) String() string { return [...]string{"float32", "int16", "int8"}[f] }

// perWord is how many columns a 32-bit word holds.
func (f Format) perWord() int { return [...]int{1, 2, 4}[f] }

// QuantisedSearchPays reports whether this machine searches integers faster than
// numbers in single precision.
func QuantisedSearchPays() bool { return active.ints.name != portableInts.name }

// Quantizer is what sets of rows share that are searched for each other's nearest.
type Quantizer struct {
	c      int
	format Format
	centre []float32 // subtracted from every row: distances stay
	step   float32   // the unit of integers
}

// NewQuantizer makes a quantizer for rows like the row-major [n][c] tokens of one image
// or more. Its centre is the mean of the first image's: the closer it is to the
// rows of a search, the finer that tells them apart. Steps suit rows as long as
// the samples, once centred; others may be measured against all.
func NewQuantizer(format Format, n, c int, samples ...[]float32) *Quantizer {
	f := &Quantizer{c: c, format: format, centre: mean(samples[0], n, c), step: 1}
	if format != Float32 {
		f.fit(samples)
	}
	return f
}

// fit chooses the step.
func (f *Quantizer) fit(samples [][]float32) {
	var longest, largest float64
	for _, sample := range samples {
		for row := range slices.Chunk(sample, f.c) {
			var sum float64
			for l, v := range row {
				d := float64(v - f.centre[l])
				sum += d * d
				largest = max(largest, math.Abs(d))
			}
			longest = max(longest, math.Sqrt(sum))
		}
	}
	switch {
	case longest == 0:
	case f.format == Int16:
		f.step = float32(2 * longest / math.Sqrt(maxSquare))
	default:
		f.step = float32(largest / maxByte)
	}
}

// ChooseQuantizer makes a quantizer for rows like the row-major [n][c] tokens a and b of
// two images, of the format that searches for the nearest fastest.
func ChooseQuantizer(a, b []float32, n, c int) *Quantizer {
	// Few columns need fine steps: their rounding errors do not average out.
	const least, most = 128, maxSquare / (maxByte * maxByte)
	if c >= least && c <= most {
		f := NewQuantizer(Int8, n, c, a, b)
		var x, y Rows
		x.Set(a, n, nil, f)
		y.Set(b, n, nil, f)
		if crowding(&x, &y) <= 0.25 {
			return f
		}
	}
	return NewQuantizer(Int16, n, c, a, b)
}

// Format is that of the quantizer's rows.
func (f *Quantizer) Format() Format { return f.format }

// Plain is the quantizer of rows of c columns as they are.
func Plain(c int) *Quantizer { return &Quantizer{c: c} }

const (
	maxByte = 127
	// maxSquare bounds the squared length of a row in steps, so that a score
	// is greater than -1<<30.
	maxSquare = 1 << 29
)

func mean(data []float32, n, c int) []float32 {
	sums := make([]float64, c)
	for i := range n {
		for l, v := range data[i*c : (i+1)*c] {
			sums[l] += float64(v)
		}
	}
	mean := make([]float32, c)
	for l, sum := range sums {
		mean[l] = float32(sum / float64(n))
	}
	return mean
}
