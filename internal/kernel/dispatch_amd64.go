//go:build !noasm

package kernel

import "golang.org/x/sys/cpu"

func available() []impl {
	var all []impl
	x := cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX512DQ && x.HasFMA {
		all = append(all, impl{"avx512", 12, 32, 16, tileAVX512, searchAVX512, sqdistAVX512})
	}
	if x.HasAVX2 && x.HasFMA {
		all = append(all, impl{"avx2", 6, 16, 8, tileAVX2, searchAVX2, sqdistAVX2})
	}
	return append(all, portable)
}
