//go:build !noasm

package knn

import "codegraph/internal/cpu"

func implementation(name string) impl {
	switch name {
	case cpu.AMX:
		return avx512(name, amx)
	case cpu.AVX512:
		if cpu.HasVNNI() {
			return avx512(name, vnni)
		}
		return avx512(name, portableInts)
	case cpu.AVX2:
		return impl{
			name: name, mr: 6, nr: 16, lanes: 8, cache: 128 << 10,
			tile: tileAVX2, search: searchAVX2, reduce: reduceAVX2, sqdist: sqdistAVX2,
			peak: peakAVX2, peakFlop: 12 * 2 * 8,
			ints: portableInts,
		}
	}
	return portable
}

// avx512 is the implementation with a search over integers of its own.
func avx512(name string, ints integers) impl {
	return impl{
		name: name, mr: 12, nr: 32, lanes: 16, cache: 512 << 10,
		tile: tileAVX512, search: searchAVX512, reduce: reduceAVX512, sqdist: sqdistAVX512, sqdistPairs: sqdistPairsAVX512,
		peak: peakAVX512, peakFlop: 24 * 2 * 16,
		ints: ints,
	}
}

var vnni = integers{
	name:        "vnni",
	searchBytes: searchBytesVNNI, searchPairs: searchPairsVNNI,
	rowTops: rowTopsAVX512, colTops: colTopsAVX512,
	rowAbove: rowAboveAVX512, colAbove: colAboveAVX512, scoresAbove: scoresAboveAVX512,
	peakBytes: peakBytesVNNI, bytesOps: 24 * 2 * 64,
	peakPairs: peakPairsVNNI, pairsOps: 24 * 2 * 32,
}

// amx is vnni with tiles for bytes.
var amx = func() integers {
	i := vnni
	i.name, i.sweepBytes = "amx", sweepBytesAMX
	i.peakBytes, i.bytesOps = peakBytesAMX, 4*2*16*16*64
	return i
}()
