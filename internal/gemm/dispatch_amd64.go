//go:build !noasm

package gemm

import "codegraph/internal/cpu"

func implementation(name string) impl {
	switch name {
	case cpu.AMX, cpu.AVX512:
		return impl{name, 12, 32, tileAVX512}
	case cpu.AVX2:
		return impl{name, 6, 16, tileAVX2}
	}
	return portable
}

// quantImpls lists what this machine has, fastest first.
func quantImpls() (all []quantImpl) {
	name := cpu.Name()
	if cpu.HasBF16Tiles() && (name == cpu.AMX || cpu.Emulated()) {
		all = append(all, quantImpl{name: cpu.AMX, fast: true, blocks: tilesBF16AMX, bf16: bf16AVX512})
	}
	if (name == cpu.AVX512 || name == cpu.AMX) && cpu.HasVNNI() {
		all = append(all, quantImpl{name: cpu.AVX512, fast: true, tile: tileQuantVNNI, magnitude: magnitudeAVX512, round: roundAVX512})
	}
	return append(all, portableQuant, portableBF16)
}
