package token

import "codegraph/backbone"

// Resample brings m to an h × w grid: area averages when it shrinks (as
// adaptive average pooling), bilinear interpolation between patch centres
// when it grows. The result aliases m if the grid is m's own.
func Resample(m backbone.Map, h, w int) backbone.Map {
	if m.H == h && m.W == w {
		return m
	}
	ty, tx := taps(m.H, h), taps(m.W, w)
	out := backbone.Map{H: h, W: w, C: m.C, Data: make([]float32, h*w*m.C)}
	for y := range h {
		for x := range w {
			dst := out.Data[(y*w+x)*m.C:][:m.C]
			for _, v := range ty[y] {
				for _, u := range tx[x] {
					weight := v.weight * u.weight
					for c, f := range m.Data[(v.at*m.W+u.at)*m.C:][:m.C] {
						dst[c] += weight * f
					}
				}
			}
		}
	}
	return out
}

type tap struct {
	at     int
	weight float32
}

// taps lists, for each of the out places, the sources of in and their
// weights.
func taps(in, out int) [][]tap {
	all := make([][]tap, out)
	for o := range all {
		if out <= in {
			lo, hi := o*in/out, ((o+1)*in+out-1)/out
			for i := lo; i < hi; i++ {
				all[o] = append(all[o], tap{i, 1 / float32(hi-lo)})
			}
			continue
		}
		at := max(0, (float64(o)+0.5)*float64(in)/float64(out)-0.5)
		i := int(at)
		f := float32(at - float64(i))
		all[o] = []tap{{i, 1 - f}, {min(i+1, in-1), f}}
	}
	return all
}
