package effnet

// outSize returns the number of output positions of a convolution with SAME
// padding along a side of n positions.
func outSize(n, stride int) int { return (n + stride - 1) / stride }

// padBefore returns the zeros before the first of n positions: half of
// (o−1)·s + k − n, rounded down.
func padBefore(n, kernel, stride int) int {
	return max((outSize(n, stride)-1)*stride+kernel-n, 0) / 2
}
