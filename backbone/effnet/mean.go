package effnet

import "codegraph/backbone"

// mean averages each position of m over the side × side positions around it, of
// those that there are. With a side of 1 it is m itself.
func mean(m backbone.Map, side int) backbone.Map {
	if side == 1 {
		return m
	}
	rows, out := m, m
	rows.Data, out.Data = make([]float32, len(m.Data)), make([]float32, len(m.Data))
	for y := range m.H {
		at := y * m.W * m.C
		meanAlong(rows.Data[at:], m.Data[at:], m.W, m.C, m.C, side)
	}
	for x := range m.W {
		meanAlong(out.Data[x*m.C:], rows.Data[x*m.C:], m.H, m.W*m.C, m.C, side)
	}
	return out
}

// meanAlong averages, for each of n vectors of c values that are stride apart, the
// side vectors about it.
func meanAlong(dst, src []float32, n, stride, c, side int) {
	for i := range n {
		from, to := max(0, i-side/2), min(n-1, i+side/2)
		share := 1 / float32(to-from+1)
		out := dst[i*stride:][:c]
		for j := from; j <= to; j++ {
			for k, v := range src[j*stride:][:c] {
				out[k] += share * v
			}
		}
	}
}
