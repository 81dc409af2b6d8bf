package knn

import (
	"fmt"
	"slices"

	"codegraph/internal/cpu"
)

// impl is one implementation of the inner loops.
type impl struct {
	name   string
	mr, nr int // rows and columns of a tile
	lanes  int // columns that share one row maximum
	// tile stores the mr × nr product of two panels of depth k at dst.
	tile func(k int, a, b, dst *float32)
	// search folds the same product, plus what the panels hold behind depth
	// k, into maxima: rowMax and rowIdx [mr][lanes], where lane l of block v
	// is column v·lanes+l, and colMax and colIdx [nr]. row is the index of
	// the tile's first row, block the number of its first column block. Only
	// a greater value replaces an earlier one.
	search func(k int, a, b, rowMax *float32, rowIdx *int32, colMax *float32, colIdx *int32, row, block int32)
	// reduce finds for each of n rows the first column of its maximum.
	reduce func(n int, rowMax *float32, rowIdx, col *int32)
	// cache is how many bytes of left panels a search keeps coming back to:
	// with one right panel they should fit the second-level cache.
	cache int
	// sqdist is Σ (a−b)² over n elements, n a positive multiple of 16.
	sqdist func(n int, a, b *float32) float32
	// sqdistPairs stores sqdist of count pairs of rows of a and b at out, count a
	// positive multiple of 4; nil where there is none.
	sqdistPairs func(n int, a, b *float32, pairs *int32, count int, out *float32)
	// peak does peakFlop floating-point operations n times in registers: the
	// most that this implementation could reach.
	peak     func(n int)
	peakFlop int
	ints     integers
}

var active = implementation(cpu.Name())

// Peak runs the multiply-adds of the implementation in use n times over, in
// registers alone, and returns the number of operations: its speed is the limit
// of a search in format f. For integers it needs a machine on which
// QuantisedSearchPays.
func Peak(f Format, n int) (ops float64) {
	peak, each := active.peak, active.peakFlop
	switch f {
	case Int16:
		peak, each = active.ints.peakPairs, active.ints.pairsOps
	case Int8:
		peak, each = active.ints.peakBytes, active.ints.bytesOps
	}
	peak(n)
	return float64(n) * float64(each)
}

// Use selects the implementation for a set of instructions of package cpu and
// returns a function that restores the one before. It is for tests and benchmarks
// and must not run while other goroutines compute.
func Use(name string) (restore func(), err error) {
	if all := cpu.Available(); !slices.Contains(all, name) {
		return nil, fmt.Errorf("%q is not available here; have %v", name, all)
	}
	old := active
	active = implementation(name)
	return func() { active = old }, nil
}
