//go:build !noasm

package dense

import "golang.org/x/sys/cpu"

func available() []impl {
	var all []impl
	x := cpu.X86
	if x.HasAVX512F && x.HasAVX512DQ && x.HasAVX512VL && x.HasFMA {
		all = append(all, impl{"avx512", 12, 32, 16, tileAVX512, maxAVX512, expSumAVX512, geluAVX512, sigmoidAVX512})
	}
	if x.HasAVX2 && x.HasFMA {
		all = append(all, impl{"avx2", 6, 16, 8, tileAVX2, maxAVX2, expSumAVX2, geluAVX2, sigmoidAVX2})
	}
	return append(all, portable)
}
