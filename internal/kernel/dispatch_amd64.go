//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

func available() []impl {
	var all []impl
	x := cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX512DQ && x.HasFMA {
		all = append(all, impl{
			name: "avx512", mr: 12, nr: 32, lanes: 16, cache: 512 << 10,
			tile: tileAVX512, search: searchAVX512, reduce: reduceAVX512, sqdist: sqdistAVX512,
			peak: peakAVX512, peakFlop: 24 * 2 * 16,
		})
	}
	if x.HasAVX2 && x.HasFMA {
		all = append(all, impl{
			name: "avx2", mr: 6, nr: 16, lanes: 8, cache: 128 << 10,
			tile: tileAVX2, search: searchAVX2, reduce: reduceAVX2, sqdist: sqdistAVX2,
			peak: peakAVX2, peakFlop: 12 * 2 * 8,
		})
	}
	return append(all, portable)
}
