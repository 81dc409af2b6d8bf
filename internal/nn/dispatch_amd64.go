//go:build !noasm

package nn

import "codegraph/internal/cpu"

func implementation(name string) impl {
	switch name {
	case cpu.AMX, cpu.AVX512:
		return impl{name, 16, maxAVX512, expSumAVX512, geluAVX512, sigmoidAVX512}
	case cpu.AVX2:
		return impl{name, 8, maxAVX2, expSumAVX2, geluAVX2, sigmoidAVX2}
	}
	return portable
}
