package token

import (
	"math"

	"codegraph/backbone"
)

// layerNormEps is the eps of torch.nn.LayerNorm, as MuSc uses it.
const layerNormEps = 1e-5

// Normalize applies LayerNorm over all values of m, in place.
func Normalize(m backbone.Map) {
	var sum, sq float64
	for _, v := range m.Data {
		sum += float64(v)
	}
	n := float64(len(m.Data))
	mean := sum / n
	for _, v := range m.Data {
		d := float64(v) - mean
		sq += d * d
	}
	scale := 1 / math.Sqrt(sq/n+layerNormEps)
	for i, v := range m.Data {
		m.Data[i] = float32((float64(v) - mean) * scale)
	}
}

// aggregate writes the L2-normalised r × r neighbourhood means of m to dst,
// [H·W][C]; r is odd. A token of zeros stays zero.
func aggregate(dst []float32, m backbone.Map, r int) {
	if r == 1 {
		copy(dst, m.Data)
	} else {
		boxSum(dst, m, r)
	}
	for p := range m.H * m.W {
		unit(dst[p*m.C : (p+1)*m.C])
	}
}

// boxSum adds up the r × r neighbourhood of each patch. The division by r²
// is left out: the normalisation that follows cancels it.
func boxSum(dst []float32, m backbone.Map, r int) {
	rowSums := make([]float32, len(m.Data))
	row := m.W * m.C
	for y := range m.H {
		sumAlong(rowSums[y*row:], m.Data[y*row:], m.W, m.C, m.C, r)
	}
	for x := range m.W {
		sumAlong(dst[x*m.C:], rowSums[x*m.C:], m.H, row, m.C, r)
	}
}

// sumAlong adds up, for each of n vectors of c values that are stride apart,
// the r vectors around it.
func sumAlong(dst, src []float32, n, stride, c, r int) {
	for i := range n {
		out := dst[i*stride:][:c]
		from, to := max(0, i-r/2), min(n-1, i+r/2)
		copy(out, src[from*stride:][:c])
		for j := from + 1; j <= to; j += 2 {
			if j == to {
				addTo(out, src[j*stride:])
			} else {
				addTwo(out, src[j*stride:], src[(j+1)*stride:])
			}
		}
	}
}

func addTo(out, v []float32) {
	v = v[:len(out)]
	for k := range out {
		out[k] += v[k]
	}
}

// addTwo adds u, then v.
func addTwo(out, u, v []float32) {
	u, v = u[:len(out)], v[:len(out)]
	for k := range out {
		out[k] = out[k] + u[k] + v[k]
	}
}

// unit scales v to length 1.
func unit(v []float32) {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return
	}
	scale := 1 / math.Sqrt(sum)
	if scale > math.MaxFloat32 { // all values are denormal
		for i, x := range v {
			v[i] = float32(float64(x) * scale)
		}
		return
	}
	for i := range v {
		v[i] *= float32(scale)
	}
}
