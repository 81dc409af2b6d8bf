package effnet

// depthwise computes one output row, [W][C], of a depthwise convolution with
// bias and ReLU6 from the kernel's rows of zero-bordered input. The inner
// loops run over channels.
func depthwise(dst []float32, rows [][]float32, b *mbconv) {
	c, k := b.mid, b.Kernel
	for x, at := 0, 0; at < len(dst); x, at = x+1, at+c {
		acc := dst[at : at+c]
		copy(acc, b.depthBias)
		for ky, row := range rows {
			src := row[x*b.Stride*c:][:k*c]
			weight := b.depth[ky*k*c:][:k*c]
			switch k {
			case 3:
				taps3(acc, src, weight)
			case 5:
				taps5(acc, src, weight)
			default:
				taps(acc, src, weight)
			}
		}
		clampReLU6(acc)
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
