//go:build !noasm

package knn

import (
	"unsafe"

	"codegraph/internal/cpu"
)

var neon = impl{
	name: cpu.NEON, mr: 8, nr: 12, lanes: neonLanes, cache: 256 << 10,
	tile: tileNEON, search: searchNEON, reduce: reduceNEON, sqdist: sqdistNEON,
	peak: peakNEON, peakFlop: 24 * 2 * neonLanes,
	ints: portableInts,
}

const neonLanes = 4

func implementation(name string) impl {
	if name == cpu.NEON {
		return neon
	}
	return portable
}

func reduceNEON(n int, rowMax *float32, rowIdx, col *int32) {
	maxima, blocks := unsafe.Slice(rowMax, n*neonLanes), unsafe.Slice(rowIdx, n*neonLanes)
	for p := range n {
		best, at := maxima[p*neonLanes], blocks[p*neonLanes]*neonLanes
		for l := 1; l < neonLanes; l++ {
			v, q := maxima[p*neonLanes+l], blocks[p*neonLanes+l]*neonLanes+int32(l)
			if v > best || v == best && q < at {
				best, at = v, q
			}
		}
		unsafe.Slice(col, n)[p] = at
	}
}
