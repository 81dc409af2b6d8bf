//go:build !noasm

package dense

import (
	"golang.org/x/sys/cpu"

	"codegraph/internal/knn"
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
	var all []wordImpl
	name := knn.Name()
	if emulated || name == "amx" && cpu.X86.HasAMXBF16 {
		all = append(all, wordImpl{name: "amx", fast: true, blocks: tilesBF16AMX, brain: brainAVX512})
	}
	if (name == "avx512" || name == "amx") && cpu.X86.HasAVX512VNNI && cpu.X86.HasAVX512BW {
		all = append(all, wordImpl{name: "avx512", fast: true, tile: tileWordsVNNI, magnitude: magnitudeAVX512, round: roundAVX512})
	}
	return append(all, portableWords, portableBrain)
}

// emulated says that tiles are there because the process runs in emulation:
// for tests.
var emulated bool
