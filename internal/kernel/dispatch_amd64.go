//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

func available() []impl {
	var all []impl
	x := cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX512DQ && x.HasFMA {
		ints := portableInts
		if x.HasAVX512VNNI {
			ints = vnni
		}
		all = append(all, impl{
			name: "avx512", mr: 12, nr: 32, lanes: 16, cache: 512 << 10,
			tile: tileAVX512, search: searchAVX512, reduce: reduceAVX512, sqdist: sqdistAVX512, sqdistNext: sqdistNextAVX512,
			peak: peakAVX512, peakFlop: 24 * 2 * 16,
			ints: ints,
		})
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

var vnni = integers{
	name:        "vnni",
	searchBytes: searchBytesVNNI, searchPairs: searchPairsVNNI,
	rowTops: rowTopsAVX512, colTops: colTopsAVX512,
	rowAbove: rowAboveAVX512, colAbove: colAboveAVX512,
	peakBytes: peakBytesVNNI, bytesOps: 24 * 2 * 64,
	peakPairs: peakPairsVNNI, pairsOps: 24 * 2 * 32,
}
