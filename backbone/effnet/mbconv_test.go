package effnet

import (
	"testing"

	"codegraph/backbone"

	"pgregory.net/rapid"
)

// values draws n numbers whose size keeps ReLU6 partly active.
func values(t *rapid.T, n int, scale float32, label string) []float32 {
	state := rapid.Uint64().Draw(t, label)
	v := make([]float32, n)
	for i := range v {
		state = state*6364136223846793005 + 1442695040888963407
		v[i] = (float32(state>>40)/(1<<23) - 1) * scale
	}
	return v
}

// directConv is a convolution with SAME padding, by definition: src is
// [h][w][ci], weight [k·k·ci][co] for groups = 1 and [k·k][ci] depthwise.
func directConv(src []float32, h, w, ci, co, k, s int, c conv, depthwise, clamp bool) ([]float32, int, int) {
	oh, ow := (h+s-1)/s, (w+s-1)/s
	top, left := max((oh-1)*s+k-h, 0)/2, max((ow-1)*s+k-w, 0)/2
	dst := make([]float32, oh*ow*co)
	for i := range dst {
		y, x, o := i/co/ow, i/co%ow, i%co
		sum := float64(c.bias[o])
		for ky := range k {
			for kx := range k {
				iy, ix := y*s+ky-top, x*s+kx-left
				if iy < 0 || iy >= h || ix < 0 || ix >= w {
					continue
				}
				if depthwise {
					sum += float64(src[(iy*w+ix)*ci+o]) * float64(c.weight[(ky*k+kx)*ci+o])
					continue
				}
				for in := range ci {
					sum += float64(src[(iy*w+ix)*ci+in]) * float64(c.weight[((ky*k+kx)*ci+in)*co+o])
				}
			}
		}
		if clamp {
			sum = min(max(sum, 0), 6)
		}
		dst[i] = float32(sum)
	}
	return dst, oh, ow
}

func TestMBConvMatchesDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		spec := blockSpec{
			Kernel: rapid.SampledFrom([]int{1, 3, 5, 7}).Draw(t, "kernel"),
			Stride: rapid.IntRange(1, 2).Draw(t, "stride"),
			Expand: rapid.IntRange(1, 3).Draw(t, "expand"),
			In:     rapid.IntRange(1, 9).Draw(t, "in"),
			Out:    rapid.IntRange(1, 9).Draw(t, "out"),
		}
		spec.Stride = min(spec.Stride, spec.Kernel)
		if spec.Stride == 1 && rapid.Bool().Draw(t, "residual") {
			spec.Out, spec.Residual = spec.In, true
		}
		h, w := rapid.IntRange(1, 24).Draw(t, "h"), rapid.IntRange(1, 24).Draw(t, "w")
		mid, k := spec.In*spec.Expand, spec.Kernel
		x := values(t, h*w*spec.In, 2, "x")
		draw := func(rows, cols int, label string) conv {
			return conv{values(t, rows*cols, 1, label), values(t, cols, 2, label+" bias")}
		}
		var expand conv
		if spec.Expand > 1 {
			expand = draw(spec.In, mid, "expand")
		}
		depth, project := draw(k*k, mid, "depthwise"), draw(mid, spec.Out, "project")

		want := x
		if spec.Expand > 1 {
			want, _, _ = directConv(want, h, w, spec.In, mid, 1, 1, expand, false, true)
		}
		want, oh, ow := directConv(want, h, w, mid, mid, k, spec.Stride, depth, true, true)
		want, _, _ = directConv(want, oh, ow, mid, spec.Out, 1, 1, project, false, false)
		if spec.Residual {
			for i := range want {
				want[i] += x[i]
			}
		}

		b := newMBConv(spec, expand, depth, project)
		got := backbone.Map{H: oh, W: ow, C: spec.Out, Data: make([]float32, oh*ow*spec.Out)}
		s := scratchPool.Get().(*scratch) // stale content must not matter
		defer scratchPool.Put(s)
		b.forward(got, backbone.Map{H: h, W: w, C: spec.In, Data: x}, s)
		for i := range want {
			if d := got.Data[i] - want[i]; d > 1e-3 || d < -1e-3 || d != d {
				t.Fatalf("value %d is %g, expected %g", i, got.Data[i], want[i])
			}
		}
	})
}

func TestStemMatchesDefinition(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h, w := rapid.IntRange(1, 40).Draw(t, "h"), rapid.IntRange(1, 40).Draw(t, "w")
		co := rapid.IntRange(1, 9).Draw(t, "out")
		c := conv{values(t, stemDepth*co, 1, "weight"), values(t, co, 2, "bias")}
		x := values(t, 3*h*w, 1, "x")
		interleaved := make([]float32, len(x))
		for i, v := range x {
			interleaved[i%(h*w)*3+i/(h*w)] = v
		}
		want, oh, ow := directConv(interleaved, h, w, 3, co, 3, 2, c, false, true)
		st := newStem(c)
		got := backbone.Map{H: oh, W: ow, C: co, Data: make([]float32, oh*ow*co)}
		st.forward(got, x, h, w, new(scratch))
		for i := range want {
			if d := got.Data[i] - want[i]; d > 1e-4 || d < -1e-4 || d != d {
				t.Fatalf("value %d is %g, expected %g", i, got.Data[i], want[i])
			}
		}
	})
}

func TestReLU6(t *testing.T) {
	for _, tc := range [][2]float32{{-3, 0}, {-1e-30, 0}, {0, 0}, {1e-40, 1e-40}, {2.5, 2.5}, {6, 6}, {6.0000005, 6}, {1e30, 6}} {
		if got := relu6(tc[0]); got != tc[1] {
			t.Errorf("relu6(%g) = %g, expected %g", tc[0], got, tc[1])
		}
	}
}

func TestSamePadding(t *testing.T) {
	for _, tc := range []struct{ n, kernel, stride, out, before int }{
		{224, 3, 2, 112, 0}, // even: one zero, behind
		{225, 3, 2, 113, 1},
		{224, 5, 2, 112, 1},
		{225, 5, 2, 113, 2},
		{14, 5, 1, 14, 2},
		{14, 3, 1, 14, 1},
		{1, 3, 2, 1, 1},
	} {
		if got := outSize(tc.n, tc.stride); got != tc.out {
			t.Errorf("outSize(%d, %d) = %d, expected %d", tc.n, tc.stride, got, tc.out)
		}
		if got := padBefore(tc.n, tc.kernel, tc.stride); got != tc.before {
			t.Errorf("padBefore(%d, %d, %d) = %d, expected %d", tc.n, tc.kernel, tc.stride, got, tc.before)
		}
	}
}
