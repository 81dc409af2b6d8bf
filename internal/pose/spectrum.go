package pose

import (
	"math"

	"gonum.org/v1/gonum/dsp/fourier"
)

const (
	// around is the number of angles on a circle: poses are whole degrees.
	around = 360
	// circles and waves are those of a spectrum; circles lie from inner to outer, in
	// shares of half of the side.
	circles, waves = 48, 90
	inner, outer   = 0.1, 0.8
	// floor is the least mean square of a coefficient, as a share of the greatest:
	// what hardly varies is noise.
	floor = 1e-3
)

// spectrum holds the Fourier coefficients 1 to waves of the circles about the middle
// of a part, [circles][waves]; real and imaginary parts are apart.
type spectrum struct{ re, im []float32 }

func newSpectrum() spectrum {
	return spectrum{make([]float32, circles*waves), make([]float32, circles*waves)}
}

// spectrum reads the circles of a picture about c.
func (f field) spectrum(c point) spectrum {
	s, fft := newSpectrum(), fourier.NewFFT(around)
	ring, coefficients := make([]float64, around), make([]complex128, around/2+1)
	for k := range circles {
		r := (inner + (outer-inner)*float64(k)/(circles-1)) * Side / 2
		for t := range ring {
			sin, cos := math.Sincos(2 * math.Pi * float64(t) / around)
			ring[t] = float64(f.bilinear(c.x+r*cos, c.y+r*sin))
		}
		fft.Coefficients(coefficients, ring)
		for w := range waves {
			v := coefficients[w+1]
			s.re[k*waves+w], s.im[k*waves+w] = float32(real(v)), float32(imag(v))
		}
	}
	return s
}

// bilinear is the value at (x, y), of the edge beyond it.
func (f field) bilinear(x, y float64) float32 {
	most := float64(f.side - 1)
	x, y = min(max(x, 0), most), min(max(y, 0), most)
	k, l := min(int(x), f.side-2), min(int(y), f.side-2)
	a, b := float32(x-float64(k)), float32(y-float64(l))
	at := l*f.side + k
	return (1-b)*((1-a)*f.v[at]+a*f.v[at+1]) + b*((1-a)*f.v[at+f.side]+a*f.v[at+f.side+1])
}

// weights makes the coefficients of a batch count alike, [circles][waves].
func weights(all []spectrum) []float32 {
	power := make([]float64, circles*waves)
	var most float64
	for k := range power {
		for _, s := range all {
			re, im := float64(s.re[k]), float64(s.im[k])
			power[k] += re*re + im*im
		}
		most = max(most, power[k])
	}
	w := make([]float32, len(power))
	for k, p := range power {
		if most > 0 {
			w[k] = float32(1 / math.Sqrt(p+floor*most))
		}
	}
	return w
}

// weigh applies weights, then makes the spectrum of unit length.
func (s spectrum) weigh(w []float32) {
	var sum float64
	for k := range w {
		s.re[k] *= w[k]
		s.im[k] *= w[k]
		sum += float64(s.re[k])*float64(s.re[k]) + float64(s.im[k])*float64(s.im[k])
	}
	if sum == 0 {
		return
	}
	scale := float32(1 / math.Sqrt(sum))
	for k := range s.re {
		s.re[k] *= scale
		s.im[k] *= scale
	}
}

// turn multiplies by what turning by whole degrees does.
func (s spectrum) turn(degrees int) spectrum {
	out := newSpectrum()
	for w := range waves {
		sin, cos := math.Sincos(-2 * math.Pi * float64((w+1)*degrees%around) / around)
		c, d := float32(cos), float32(sin)
		for k := w; k < len(s.re); k += waves {
			out.re[k] = s.re[k]*c - s.im[k]*d
			out.im[k] = s.re[k]*d + s.im[k]*c
		}
	}
	return out
}

// add adds sign · o.
func (s spectrum) add(o spectrum, sign float32) {
	for k := range s.re {
		s.re[k] += sign * o.re[k]
		s.im[k] += sign * o.im[k]
	}
}

func (s spectrum) length() float64 {
	var sum float64
	for k := range s.re {
		sum += float64(s.re[k])*float64(s.re[k]) + float64(s.im[k])*float64(s.im[k])
	}
	return math.Sqrt(sum)
}

// best returns by how many degrees s, of unit length, has to be turned to correlate
// best with t, and that correlation, a cosine.
func (s spectrum) best(t spectrum) (degrees int, cosine float64) {
	cross := make([]complex128, around/2+1)
	for w := range waves {
		var re, im float32
		for k := w; k < len(s.re); k += waves {
			re += s.re[k]*t.re[k] + s.im[k]*t.im[k]
			im += s.re[k]*t.im[k] - s.im[k]*t.re[k]
		}
		cross[w+1] = complex(float64(re)/2, float64(im)/2)
	}
	at := fourier.NewFFT(around).Sequence(nil, cross)
	for a, v := range at {
		if v > at[degrees] {
			degrees = a
		}
	}
	if l := t.length(); l > 0 {
		cosine = at[degrees] / l
	}
	return degrees, cosine
}
