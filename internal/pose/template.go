package pose

import (
	"context"
	"errors"
	"math"
	"sync"
)

// Template is what the poses of images are estimated from that come after a
// batch was turned alike.
type Template struct {
	Profile []float32 // of the edges by the distance from the middle, [Side]
	Mean    []float32 // of the edges as turned, [Side][Side]
	Weights []float32 // of the coefficients, [circles][waves]
	Re, Im  []float32 // the sum of the batch as turned, [circles][waves]

	once        sync.Once
	rings, mean *target // of Profile and Mean
}

// EmptyTemplate has the parts of a template, without its values.
func EmptyTemplate() *Template {
	n := circles * waves
	return &Template{Profile: make([]float32, Side), Mean: make([]float32, Side*Side), Weights: make([]float32, n), Re: make([]float32, n), Im: make([]float32, n)}
}

// Parts are all values of the template.
func (t *Template) Parts() [][]float32 { return [][]float32{t.Profile, t.Mean, t.Weights, t.Re, t.Im} }

// NewTemplate makes a template of n ≥ 1 images that were turned by angles.
func NewTemplate(ctx context.Context, n, threads int, grey Grey, angles []float64) (*Template, error) {
	if n < 1 || len(angles) != n {
		return nil, errors.New("a template needs images and their angles")
	}
	degrees := make([]int, n)
	for i, a := range angles {
		degrees[i] = (int(math.Round(a*around/(2*math.Pi)))%around + around) % around
	}
	s := newSketches(n, threads, grey)
	if err := s.findProfile(ctx); err != nil {
		return nil, err
	}
	if err := s.read(ctx); err != nil {
		return nil, err
	}
	for range rereadings {
		if err := s.reread(ctx, degrees); err != nil {
			return nil, err
		}
	}
	sum := s.sum(degrees)
	return &Template{Profile: s.profile, Mean: s.mean.v, Weights: s.weights, Re: sum.re, Im: sum.im}, nil
}

// Angle estimates by how much a picture (see Grey) has to be turned to lie like those
// of the template.
func (t *Template) Angle(grey []float32) float64 {
	t.once.Do(func() { t.rings, t.mean = profile(t.Profile).rings().target(), field{Side, t.Mean}.target() })
	f := field{Side, grey}.smooth()
	c, degrees := f.middleOf(t.rings), 0
	for k := range 1 + rereadings {
		if k > 0 {
			c = f.middle(t.mean, c, degrees)
		}
		s := f.spectrum(c)
		s.weigh(t.Weights)
		degrees, _ = s.best(spectrum{t.Re, t.Im})
	}
	return radians(degrees)
}

func inRadians(degrees []int) []float64 {
	angles := make([]float64, len(degrees))
	for i, d := range degrees {
		angles[i] = radians(d)
	}
	return angles
}

// radians are in (−π, π].
func radians(degrees int) float64 {
	if degrees > around/2 {
		degrees -= around
	}
	return 2 * math.Pi * float64(degrees) / around
}
