//go:build !noasm

package effnet

import (
	"math"
	"testing"

	"pgregory.net/rapid"

	"codegraph/internal/cpu"
)

// TestKernelsGiveTheSameBytes holds the assembly against the portable code.
func TestKernelsGiveTheSameBytes(t *testing.T) {
	t.Parallel()
	for _, name := range cpu.Available() {
		k := choose(name)
		rapid.Check(t, func(t *rapid.T) {
			c := 8 * rapid.IntRange(1, 13).Draw(t, "channels/8")
			size := rapid.SampledFrom([]int{3, 5, 7}).Draw(t, "kernel")
			stride, width := rapid.IntRange(1, 2).Draw(t, "stride"), rapid.IntRange(1, 4).Draw(t, "width")
			rows := make([][]float32, size)
			for i := range rows {
				rows[i] = values(t, ((width-1)*stride+size)*c, 2, "row")
			}
			bias, weight, in := values(t, c, 2, "bias"), values(t, size*size*c, 1, "weight"), values(t, c, 3, "in")
			bias[0], in[0] = float32(math.Copysign(0, -1)), float32(math.Copysign(0, -1))
			same := func(what string, n int, of func(k kernel, dst []float32)) {
				got, want := make([]float32, n*c), make([]float32, n*c)
				copy(got, in)
				copy(want, in)
				of(k, got)
				of(portable, want)
				for i := range want {
					if math.Float32bits(got[i]) != math.Float32bits(want[i]) {
						t.Fatalf("%s: %s of value %d, of %d channels, is %g, want %g", name, what, i, c, got[i], want[i])
					}
				}
			}
			same("depthwise", width, func(k kernel, dst []float32) { k.depthwise(dst, bias, weight, rows, stride) })
			same("biasReLU6", 1, func(k kernel, dst []float32) { k.biasReLU6(dst, in, bias) })
			same("addBias", 1, func(k kernel, dst []float32) { k.addBias(dst, bias) })
			same("addBiasResidual", 1, func(k kernel, dst []float32) { k.addBiasResidual(dst, weight[:c], bias) })
		})
	}
}
