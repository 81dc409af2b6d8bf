package kernel

import "math"

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

// Coarse is the format that looks for nearest rows of c columns fastest. Few
// columns need fine steps: their rounding errors do not average out.
func Coarse(c int) Format {
	if c < 128 || c > maxSquare/(maxByte*maxByte) {
		return Int16
	}
	return Int8
}

// CoarsePays reports whether this machine searches integers faster than
// numbers in single precision.
func CoarsePays() bool { return active.ints.name != portableInts.name }

// Frame is what sets of rows share that are searched for each other's nearest.
type Frame struct {
	c      int
	format Format
	centre []float32 // subtracted from every row: distances stay
	step   float32   // the unit of integers
}

// NewFrame makes a frame for rows like the row-major [n][c] tokens sample. Its
// centre is their mean: the closer it is to the rows of a search, the finer
// that tells them apart. Its step suits rows up to twice as long as the
// longest of the sample, once centred; longer ones are compared in float32.
func NewFrame(sample []float32, n, c int, format Format) *Frame {
	f := &Frame{c: c, format: format, centre: mean(sample, n, c), step: 1}
	var longest, largest float64
	for i := range n {
		var sum float64
		for l, v := range sample[i*c : (i+1)*c] {
			d := float64(v - f.centre[l])
			sum += d * d
			largest = max(largest, math.Abs(d))
		}
		longest = max(longest, math.Sqrt(sum))
	}
	switch {
	case format == Float32 || longest == 0:
	case format == Int16:
		f.step = float32(2 * longest / math.Sqrt(maxSquare))
	case format == Int8:
		f.step = float32(largest / maxByte)
	}
	return f
}

// Plain is the frame of rows of c columns as they are.
func Plain(c int) *Frame { return &Frame{c: c} }

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
