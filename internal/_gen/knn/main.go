// Command gen writes the amd64 assembly of package knn.
package main

import . "github.com/mmcloughlin/avo/build"

func main() {
	ConstraintExpr("!noasm")
	avx512()
	integers()
	amx()
	avx2()
	peak("peakAVX512", 24, ZMM)
	peak("peakAVX2", 12, YMM)
	Generate()
}

// Predicates of VCMPPS.
const (
	equal    = 0x00 // EQ_OQ: false when a side is NaN
	notEqual = 0x04 // NEQ_UQ: true when a side is NaN
	greater  = 0x1e // GT_OQ: false when a side is NaN
)

// Predicate of VPCMPD.
const lessEqual = 2

const (
	mr512, nr512 = 12, 32
	mr2, nr2     = 6, 16
)

// The signatures that all versions share; package knn says what they mean.
const (
	searchSignature = "func(k int, a, b, rowMax *float32, rowIdx *int32, colMax *float32, colIdx *int32, row, block int32)"
	reduceSignature = "func(n int, rowMax *float32, rowIdx, col *int32)"
)
