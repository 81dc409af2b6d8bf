//go:build !noasm

package dense

import (
	"golang.org/x/sys/cpu"

	"codegraph/internal/kernel"
)

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

func availableWords() []wordImpl {
	if name := kernel.Name(); (name == "avx512" || name == "amx") && cpu.X86.HasAVX512VNNI && cpu.X86.HasAVX512BW {
		return []wordImpl{{"avx512", true, tileWordsVNNI, magnitudeAVX512, roundAVX512}, portableWords}
	}
	return []wordImpl{portableWords}
}
