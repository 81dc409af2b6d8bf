package effnet

import (
	"codegraph/backbone"
	"codegraph/internal/gemm"
)

// stem is the first layer, a 3×3 convolution with stride 2 and ReLU6, as a
// product of unfolded patches and the weights.
type stem struct {
	out    int
	weight *gemm.Packed // [27][out]
	bias   []float32
}

const stemDepth = 3 * 3 * 3 // values in a patch

func newStem(c conv) stem {
	return stem{len(c.bias), packed(c.weight, stemDepth, len(c.bias)), c.bias}
}

// forward writes the activations of x, [3][h][w], to dst.
func (st *stem) forward(dst backbone.Map, x []float32, h, w int, s *scratch) {
	step := bandRows(dst.W)
	for y0 := 0; y0 < dst.H; y0 += step {
		rows := min(step, dst.H-y0)
		patches := resize(&s.patches, rows*dst.W*stemDepth)
		for r := range rows {
			unfold(patches[r*dst.W*stemDepth:][:dst.W*stemDepth], x, h, w, y0+r)
		}
		band := dst.Data[y0*dst.W*dst.C:][:rows*dst.W*dst.C]
		multiply(band, patches, rows*dst.W, st.weight)
		biasReLU6(band, band, st.bias)
	}
}

// unfold writes the patches of output row y, in the order y, x, channel.
func unfold(dst, x []float32, h, w, y int) {
	top, left := 2*y-padBefore(h, 3, 2), padBefore(w, 3, 2)
	for ky := range 3 {
		for c := range 3 {
			var row []float32 // stays nil above and below the image
			if iy := top + ky; iy >= 0 && iy < h {
				row = x[(c*h+iy)*w:][:w]
			}
			for kx := range 3 {
				ix := kx - left
				for i := ky*9 + kx*3 + c; i < len(dst); i += stemDepth {
					var v float32
					if uint(ix) < uint(len(row)) {
						v = row[ix]
					}
					dst[i] = v
					ix += 2
				}
			}
		}
	}
}
