//go:build !noasm

package knn

import "golang.org/x/sys/cpu"

func available() []impl {
	var all []impl
	x := cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX512DQ && x.HasFMA {
		if x.HasAVX512VNNI && hasTiles() {
			all = append(all, avx512("amx", amx))
		}
		ints := portableInts
		if x.HasAVX512VNNI {
			ints = vnni
		}
		all = append(all, avx512("avx512", ints))
	}
	if x.HasAVX2 && x.HasFMA {
		all = append(all, impl{
			name: "avx2", mr: 6, nr: 16, lanes: 8, cache: 128 << 10,
			tile: tileAVX2, search: searchAVX2, reduce: reduceAVX2, sqdist: sqdistAVX2,
			peak: peakAVX2, peakFlop: 12 * 2 * 8,
			ints: portableInts,
		})
	}
	return append(all, portable)
}

// avx512 is the implementation with a search over integers of its own.
func avx512(name string, ints integers) impl {
	return impl{
		name: name, mr: 12, nr: 32, lanes: 16, cache: 512 << 10,
		tile: tileAVX512, search: searchAVX512, reduce: reduceAVX512, sqdist: sqdistAVX512, sqdistNext: sqdistNextAVX512,
		peak: peakAVX512, peakFlop: 24 * 2 * 16,
		ints: ints,
	}
}

var vnni = integers{
	name:        "vnni",
	searchBytes: searchBytesVNNI, searchPairs: searchPairsVNNI,
	rowTops: rowTopsAVX512, colTops: colTopsAVX512,
	rowAbove: rowAboveAVX512, colAbove: colAboveAVX512,
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

// emulated says that tiles are there because the process runs in emulation:
// for tests.
var emulated bool

func hasTiles() bool {
	return emulated || cpu.X86.HasAMXTile && cpu.X86.HasAMXInt8 && permitTiles()
}
