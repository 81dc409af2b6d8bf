package synth

import (
	"image"
	"math"
	"math/rand/v2"
)

// surface is what the camera finds at one point.
type surface struct {
	height float64    // above the ground, in units
	albedo [3]float64 // linear light, 0 to 1
	spec   float64    // strength of the highlight
	gloss  float64    // its sharpness
	metal  float64    // how far the highlight has the colour of the albedo
	brush  vec        // unit direction of brush marks; zero: none
	shade  float64    // share of the light that is blocked
}

// scene is one photographed part: at fills in the surface at a point of the image,
// which is zero before, and tells whether the point belongs to the defect.
type scene interface {
	at(p vec, light vec, s *surface) (defect bool)
}

const unitsWide = 320 // of every image

// camera holds what varies between two exposures of the same part.
type camera struct {
	light      [3]float64 // direction to the lamp, unit length
	half       [3]float64 // between lamp and camera
	exposure   [3]float64 // per channel: brightness and white balance
	ambient    float64
	vignette   float64
	centre     vec // of the vignette
	slope      vec // of the lamp's brightness across the image
	blur       float64
	shot, read float64 // sensor noise, in grey levels
	rng        *rand.Rand
}

func newCamera(rng *rand.Rand) *camera {
	c := &camera{rng: rng}
	azimuth := -2.2 + 0.22*rng.NormFloat64()
	elevation := span(rng, 0.86, 1.02)
	sa, ca := math.Sincos(azimuth)
	se, ce := math.Sincos(elevation)
	c.light = [3]float64{ce * ca, ce * sa, se}
	n := math.Sqrt(2 + 2*se)
	c.half = [3]float64{ce * ca / n, ce * sa / n, (1 + se) / n}
	bright := span(rng, 0.92, 1.08)
	for i := range c.exposure {
		c.exposure[i] = bright * (1 + 0.008*rng.NormFloat64())
	}
	c.ambient = span(rng, 0.30, 0.36)
	c.vignette = span(rng, 0.10, 0.17)
	c.centre = vec{160 + 8*rng.NormFloat64(), 160 + 8*rng.NormFloat64()}
	c.slope = vec{0.025 * rng.NormFloat64(), 0.025 * rng.NormFloat64()}
	c.blur = span(rng, 0.45, 0.7)
	c.shot, c.read = 0.085, span(rng, 0.8, 1.2)
	return c
}

// reflect is the light that a surface with slopes dx, dy sends to the camera.
func (c *camera) reflect(s *surface, dx, dy float64) [3]float64 {
	inv := 1 / math.Sqrt(dx*dx+dy*dy+1)
	nx, ny, nz := -dx*inv, -dy*inv, inv
	lit := 1 - s.shade
	diffuse := max(0, nx*c.light[0]+ny*c.light[1]+nz*c.light[2]) * lit
	// Brushed metal stretches the highlight across the marks (Kajiya 1989).
	spread := 1 - (nx*c.half[0] + ny*c.half[1] + nz*c.half[2])
	if s.brush != (vec{}) {
		th := s.brush.x*c.half[0] + s.brush.y*c.half[1]
		spread = 0.35*spread + 0.8*th*th
	}
	high := s.spec * math.Exp(-s.gloss*spread) * lit
	sky := c.ambient * (0.75 + 0.25*nz) * (1 - 0.6*s.shade)
	var out [3]float64
	for i, a := range s.albedo {
		out[i] = a*(sky+diffuse) + high*mix(1, a*1.8, s.metal)
	}
	return out
}

// tone maps linear light to a grey level, with a shoulder instead of
// clipping.
func tone(v float64) float64 {
	v = max(v, 0) * 1.05
	v = v * (1 + v/9) / (1 + v*0.55)
	g := math.Pow(min(v, 1.2), 1/2.2)
	return 255 * (0.015 + 0.96*mix(g, fade(min(g, 1)), 0.5))
}

var toneTable = func() (t [2049]float64) {
	for i := range t {
		t[i] = tone(4 * float64(i*i) / (2048 * 2048))
	}
	return t
}()

func toneFast(v float64) float64 {
	x := math.Sqrt(min(max(v, 0), 3.99)/4) * 2048
	i := int(x)
	return mix(toneTable[i], toneTable[i+1], x-float64(i))
}

// oversample is the side of the block of samples that a pixel averages.
const oversample = 2

// exposeRows renders the scene into linear light, [size*size] per channel,
// and the share of each pixel that is defective. keep is asked once a row.
func (c *camera) exposeRows(sc scene, size int, keep func() error) (light [][3]float32, cover []float32, err error) {
	light = make([][3]float32, size*size)
	cover = make([]float32, size*size)
	n := size * oversample
	pitch := float64(unitsWide) / float64(n)
	toward := vec{c.light[0], c.light[1]}
	row, next := make([]surface, n+1), make([]surface, n+1)
	bad, nextBad := make([]bool, n+1), make([]bool, n+1)
	trace := func(y int, row []surface, bad []bool) {
		for x := range row {
			row[x] = surface{}
			bad[x] = sc.at(vec{(float64(x) + 0.5) * pitch, (float64(y) + 0.5) * pitch}, toward, &row[x])
		}
	}
	trace(0, next, nextBad)
	for y := range n {
		if err := keep(); err != nil {
			return nil, nil, err
		}
		row, next, bad, nextBad = next, row, nextBad, bad
		trace(y+1, next, nextBad)
		for x := range n {
			s := &row[x]
			out := c.reflect(s, (row[x+1].height-s.height)/pitch, (next[x].height-s.height)/pitch)
			i := y/oversample*size + x/oversample
			for k := range out {
				light[i][k] += float32(out[k]) / (oversample * oversample)
			}
			if bad[x] {
				cover[i] += 1.0 / (oversample * oversample)
			}
		}
	}
	return light, cover, nil
}

// develop turns linear light into an image: lens, exposure, sensor.
func (c *camera) develop(light [][3]float32, size int) *image.RGBA {
	img := image.NewRGBA(image.Rect(0, 0, size, size))
	blurred := blur(light, size, c.blur)
	scale := float64(unitsWide) / float64(size)
	for y := range size {
		for x := range size {
			q := vec{(float64(x) + 0.5) * scale, (float64(y) + 0.5) * scale}.sub(c.centre).mul(1.0 / 160)
			fall := 1 - c.vignette*q.dot(q)/2 + c.slope.dot(q)
			px := img.Pix[img.PixOffset(x, y):]
			for k, v := range blurred[y*size+x] {
				g := toneFast(float64(v) * fall * c.exposure[k])
				g += c.rng.NormFloat64() * math.Sqrt(c.read*c.read+c.shot*c.shot*g)
				px[k] = uint8(max(0, min(255, math.Round(g))))
			}
			px[3] = 255
		}
	}
	return img
}

// blur is a separable three-tap filter with the variance of a Gaussian of
// the given sigma in pixels (below 1).
func blur(light [][3]float32, size int, sigma float64) [][3]float32 {
	side := float32(sigma * sigma / 2)
	pass := func(src [][3]float32, stride, other int) [][3]float32 {
		dst := make([][3]float32, len(src))
		for j := range size {
			for i := range size {
				at := j*other + i*stride
				lo, hi := j*other+max(i-1, 0)*stride, j*other+min(i+1, size-1)*stride
				for k := range 3 {
					dst[at][k] = (1-2*side)*src[at][k] + side*(src[lo][k]+src[hi][k])
				}
			}
		}
		return dst
	}
	return pass(pass(light, 1, size), size, 1)
}
