//go:build !noasm

package imageset

import "codegraph/internal/cpu"

func implementation(name string) weighing {
	if name == cpu.Portable {
		return portable
	}
	return weighing{
		alongRow: func(dst, src []uint8, p places) {
			alongRowAVX2(len(p.spans), &dst[0], &src[0], &p.spans[0].first, &p.weights[0])
		},
		acrossRows: func(dst, src []uint8, stride int, weights []int32) {
			even := len(dst) / 8 * 8
			if even > 0 {
				acrossRowsAVX2(even/4, &dst[0], &src[0], stride, len(weights), &weights[0])
			}
			acrossRowsPortable(dst[even:], src[even:], stride, weights)
		},
	}
}
