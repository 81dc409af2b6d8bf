package effnet

import "math"

// relu6 returns min(max(v, 0), 6). It works on the bits, whose order among
// non-negative numbers is that of the numbers, because that compiles to
// code without branches. NaN becomes 0 or 6.
func relu6(v float32) float32 {
	const six = 0x40c00000 // bits of 6
	return math.Float32frombits(uint32(min(max(int32(math.Float32bits(v)), 0), six)))
}

// biasReLU6 stores relu6(src + bias) in dst, both [n][len(bias)]; they may
// be the same.
func biasReLU6(dst, src, bias []float32) {
	c := len(bias)
	for len(src) >= c {
		active.biasReLU6(dst[:c], src[:c], bias)
		dst, src = dst[c:], src[c:]
	}
}

// clampReLU6 applies relu6 in place.
func clampReLU6(x []float32) {
	for i, v := range x {
		x[i] = relu6(v)
	}
}

// addBias adds bias to each row of dst, [n][len(bias)].
func addBias(dst, bias []float32) {
	c := len(bias)
	for len(dst) >= c {
		active.addBias(dst[:c], bias)
		dst = dst[c:]
	}
}

// addBiasResidual adds bias and the block's input to dst, [n][len(bias)].
func addBiasResidual(dst, in, bias []float32) {
	c := len(bias)
	for len(dst) >= c {
		active.addBiasResidual(dst[:c], in[:c], bias)
		dst, in = dst[c:], in[c:]
	}
}
