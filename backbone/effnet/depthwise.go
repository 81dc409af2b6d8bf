package effnet

// kernel is one implementation of what a network does beside matrix products.
// All give the same bytes.
type kernel struct {
	name string
	// depthwise computes one row, [W][C], of a convolution with bias and ReLU6
	// and this stride: bias is [C], weight [k·k][C], each of the k rows of input
	// [(W−1)·stride + k][C].
	depthwise func(dst, bias, weight []float32, rows [][]float32, stride int)
	// On one position of C channels each: relu6(src + bias), dst + bias,
	// dst + in + bias.
	biasReLU6       func(dst, src, bias []float32)
	addBias         func(dst, bias []float32)
	addBiasResidual func(dst, in, bias []float32)
}

var portable = kernel{"portable", depthwisePortable, biasReLU6Portable, addBiasPortable, addBiasResidualPortable}

// depthwise computes one output row, [W][C], of a depthwise convolution with
// bias and ReLU6 from the kernel's rows of zero-bordered input.
func depthwise(dst []float32, rows [][]float32, b *mbconv) {
	active.depthwise(dst, b.depthBias, b.depth, rows, b.Stride)
}

// depthwisePortable has its inner loops run over channels.
func depthwisePortable(dst, bias, weight []float32, rows [][]float32, stride int) {
	c, k := len(bias), len(rows)
	for x := 0; len(dst) >= c; x++ {
		acc := dst[:c]
		copy(acc, bias)
		for ky, row := range rows {
			src, w := row[x*stride*c:][:k*c], weight[ky*k*c:][:k*c]
			switch k {
			case 3:
				taps3(acc, src, w)
			case 5:
				taps5(acc, src, w)
			default:
				taps(acc, src, w)
			}
		}
		clampReLU6(acc)
		dst = dst[c:]
	}
}

func biasReLU6Portable(dst, src, bias []float32) {
	dst, src = dst[:len(bias)], src[:len(bias)]
	for i, b := range bias {
		dst[i] = relu6(src[i] + b)
	}
}

func addBiasPortable(dst, bias []float32) {
	dst = dst[:len(bias)]
	for i, b := range bias {
		dst[i] += b
	}
}

func addBiasResidualPortable(dst, in, bias []float32) {
	dst, in = dst[:len(bias)], in[:len(bias)]
	for i, b := range bias {
		dst[i] += b + in[i]
	}
}

// taps adds Σ x[i]·w[i] to acc, where x and w are [k][len(acc)].
func taps(acc, x, w []float32) {
	for len(x) >= len(acc) && len(x) > 0 {
		x0, w0 := x[:len(acc)], w[:len(acc)]
		for i := range acc {
			acc[i] += x0[i] * w0[i]
		}
		x, w = x[len(acc):], w[len(acc):]
	}
}

// taps3 is taps for k = 3.
func taps3(acc, x, w []float32) {
	n := len(acc)
	x0, x1, x2 := x[:n], x[n:][:n], x[2*n:][:n]
	w0, w1, w2 := w[:n], w[n:][:n], w[2*n:][:n]
	for i := range acc {
		acc[i] += x0[i]*w0[i] + x1[i]*w1[i] + x2[i]*w2[i]
	}
}

// taps5 is taps for k = 5.
func taps5(acc, x, w []float32) {
	n := len(acc)
	x0, x1, x2, x3, x4 := x[:n], x[n:][:n], x[2*n:][:n], x[3*n:][:n], x[4*n:][:n]
	w0, w1, w2, w3, w4 := w[:n], w[n:][:n], w[2*n:][:n], w[3*n:][:n], w[4*n:][:n]
	for i := range acc {
		acc[i] += x0[i]*w0[i] + x1[i]*w1[i] + x2[i]*w2[i] + x3[i]*w3[i] + x4[i]*w4[i]
	}
}
