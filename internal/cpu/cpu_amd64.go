//go:build !noasm

package cpu

import "golang.org/x/sys/cpu"

func sets() (all []string) {
	x := cpu.X86
	if x.HasAVX512F && x.HasAVX512BW && x.HasAVX512VL && x.HasAVX512DQ && x.HasFMA {
		if x.HasAVX512VNNI && (emulated || x.HasAMXTile && x.HasAMXInt8 && permitTiles()) {
			all = append(all, AMX)
		}
		all = append(all, AVX512)
	}
	if x.HasAVX2 && x.HasFMA {
		all = append(all, AVX2)
	}
	return all
}

// HasVNNI says whether AVX-512 multiplies integers of 8 and 16 bits.
func HasVNNI() bool { return cpu.X86.HasAVX512VNNI }

// HasBF16Tiles says whether tiles multiply numbers in bfloat16, too.
func HasBF16Tiles() bool { return emulated || cpu.X86.HasAMXBF16 }
