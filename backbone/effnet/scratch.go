package effnet

import (
	"sync"

	"codegraph/backbone"
)

// scratch is the working memory of one Forward call. Its buffers grow to the
// largest size seen and are reused.
type scratch struct {
	act     [2][]float32 // activations, in turn
	product []float32    // output of a matrix product
	window  []float32    // zero-bordered input of a depthwise convolution
	middle  []float32    // its output
	patches []float32    // unfolded input of the stem
	rows    [][]float32  // rows of window, in order
}

var scratchPool = sync.Pool{New: func() any { return new(scratch) }}

// activation returns a map of undefined content that stays valid until the
// second next call: block i reads one buffer and writes the other.
func (s *scratch) activation(i, h, w, c int) backbone.Map {
	a := resize(&s.act[i%2], h*w*c)
	return backbone.Map{H: h, W: w, C: c, Data: a}
}

// resize makes *s a slice of n elements of undefined content and returns it.
func resize[T any](s *[]T, n int) []T {
	if cap(*s) < n {
		*s = make([]T, n)
	}
	*s = (*s)[:n]
	return *s
}
