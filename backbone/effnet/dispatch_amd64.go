//go:build !noasm

package effnet

import "codegraph/internal/cpu"

// active is the kernel of the instructions that matrix products use, too.
var active = choose(cpu.Name())

func choose(name string) kernel {
	switch name {
	case cpu.AMX, cpu.AVX512:
		return vectors(name, 16, depthwise3AVX512, depthwise5AVX512, biasReLU6AVX512, addBiasAVX512, addBiasResidualAVX512)
	case cpu.AVX2:
		return vectors(name, 8, depthwise3AVX2, depthwise5AVX2, biasReLU6AVX2, addBiasAVX2, addBiasResidualAVX2)
	}
	return portable
}

type depthwiseFunc = func(n int, dst, bias, weight *float32, rows *[5]*float32)

// vectors is a kernel of assembly for channels that are a multiple of lanes.
// Others are left to the portable one.
func vectors(name string, lanes int, depthwise3, depthwise5 depthwiseFunc, relu func(n int, dst, src, bias *float32), add func(n int, dst, bias *float32), residual func(n int, dst, in, bias *float32)) kernel {
	odd := func(c int) bool { return c == 0 || c%lanes != 0 }
	return kernel{
		name: name,
		depthwise: func(dst, bias, weight []float32, rows [][]float32, stride int) {
			c, k := len(bias), len(rows)
			if odd(c) || k != 3 && k != 5 {
				depthwisePortable(dst, bias, weight, rows, stride)
				return
			}
			one, at := depthwise3, new([5]*float32)
			if k == 5 {
				one = depthwise5
			}
			for x := 0; len(dst) >= c; x++ {
				for i, row := range rows {
					at[i] = &row[x*stride*c:][:k*c][0]
				}
				one(c, &dst[0], &bias[0], &weight[:k*k*c][0], at)
				dst = dst[c:]
			}
		},
		biasReLU6: func(dst, src, bias []float32) {
			if c := len(bias); odd(c) {
				biasReLU6Portable(dst, src, bias)
			} else {
				relu(c, &dst[:c][0], &src[:c][0], &bias[0])
			}
		},
		addBias: func(dst, bias []float32) {
			if c := len(bias); odd(c) {
				addBiasPortable(dst, bias)
			} else {
				add(c, &dst[:c][0], &bias[0])
			}
		},
		addBiasResidual: func(dst, in, bias []float32) {
			if c := len(bias); odd(c) {
				addBiasResidualPortable(dst, in, bias)
			} else {
				residual(c, &dst[:c][0], &in[:c][0], &bias[0])
			}
		},
	}
}
