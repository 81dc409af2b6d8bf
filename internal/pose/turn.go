package pose

import (
	"context"
	"math"
	"slices"

	"codegraph/internal/parallel"
)

const (
	// starts is the number of images that others are turned to at first.
	starts = 8
	// averaged is the number of images that a mean is of, at most.
	averaged = 200
	// rereadings is how often middles are found anew once angles are known.
	rereadings = 2
	// climbRounds is the number of rounds after which angles stay.
	climbRounds = 15
)

// Grey returns a picture of image i of Side × Side grey values, in any unit. It is
// called concurrently.
type Grey func(i int) []float32

// sketches are the pictures of a batch as their angles are estimated from them.
type sketches struct {
	threads int
	grey    Grey
	middles []point
	profile profile
	weights []float32
	spectra []spectrum // weighted
	mean    field      // of the edges as turned
}

func newSketches(n, threads int, grey Grey) *sketches {
	return &sketches{threads: max(1, threads), grey: grey, middles: make([]point, n), spectra: make([]spectrum, n)}
}

func (s *sketches) smoothed(i int) field { return field{Side, s.grey(i)}.smooth() }

// some lists the images that a mean is of.
func (s *sketches) some() []int {
	some := make([]int, min(len(s.spectra), averaged))
	for k := range some {
		some[k] = k * len(s.spectra) / len(some)
	}
	return some
}

// findProfile finds the profile: that about the middles that it gives.
func (s *sketches) findProfile(ctx context.Context) error {
	some := s.some()
	pictures, profiles := make([]pyramid, len(some)), make([]profile, len(some))
	err := s.each(ctx, len(some), func(k int) {
		pictures[k] = newPyramid(s.smoothed(some[k]).edges())
		profiles[k] = pictures[k][0].profile(middle)
	})
	for range profileRounds {
		if err != nil {
			return err
		}
		s.profile = meanProfile(profiles)
		rings := s.profile.rings().target()
		err = s.each(ctx, len(some), func(k int) {
			profiles[k] = pictures[k][0].profile(middle.plus(pictures[k].shift(rings)))
		})
	}
	s.profile = meanProfile(profiles)
	return err
}

// read finds the middle of each image, where its edges go best with the profile, and
// reads the circles about it.
func (s *sketches) read(ctx context.Context) error {
	rings := s.profile.rings().target()
	return s.spectraOf(ctx, func(i int, f field) point { return f.middleOf(rings) })
}

// middleOf is where the edges of a smoothed picture go best with rings.
func (f field) middleOf(rings *target) point {
	edges := newPyramid(f.edges())
	return middle.plus(edges.shift(rings))
}

// reread finds the middles anew, where the edges as turned go best with their mean.
func (s *sketches) reread(ctx context.Context, degrees []int) error {
	some := s.some()
	frames := make([]field, len(some))
	err := s.each(ctx, len(some), func(k int) {
		i := some[k]
		frames[k] = s.smoothed(i).edges().turned(s.middles[i], degrees[i])
	})
	if err != nil {
		return err
	}
	s.mean = newField(Side)
	for _, f := range frames {
		for k, v := range f.v {
			s.mean.v[k] += v / float32(len(frames))
		}
	}
	target := s.mean.target()
	return s.spectraOf(ctx, func(i int, f field) point { return f.middle(target, s.middles[i], degrees[i]) })
}

// middle betters the middle c of a smoothed picture, to be turned by degrees.
func (f field) middle(mean *target, c point, degrees int) point {
	edges := newPyramid(f.edges().turned(c, degrees))
	return c.plus(edges.shift(mean).turned(-degrees))
}

// spectraOf reads the circles of each image about the middle that is found in it.
func (s *sketches) spectraOf(ctx context.Context, find func(i int, smoothed field) point) error {
	if err := s.each(ctx, len(s.spectra), func(i int) {
		f := s.smoothed(i)
		s.middles[i] = find(i, f)
		s.spectra[i] = f.spectrum(s.middles[i])
	}); err != nil {
		return err
	}
	s.weights = weights(s.spectra)
	return s.each(ctx, len(s.spectra), func(i int) { s.spectra[i].weigh(s.weights) })
}

func (s *sketches) each(ctx context.Context, n int, do func(i int)) error {
	return parallel.Do(ctx, n, s.threads, func(i int) error { do(i); return nil }, nil)
}

func meanProfile(all []profile) profile {
	mean := make(profile, Side)
	for r := range mean {
		var sum float64
		for _, p := range all {
			sum += float64(p[r])
		}
		mean[r] = float32(sum / float64(len(all)))
	}
	return mean
}

// turns finds the angles of all, in degrees.
func (s *sketches) turns(ctx context.Context) (best []int, err error) {
	if err = s.findProfile(ctx); err == nil {
		err = s.read(ctx)
	}
	most, n := math.Inf(-1), len(s.spectra)
	for k := 0; k < min(starts, n) && err == nil; k++ {
		degrees := make([]int, n)
		first := s.spectra[k*n/min(starts, n)]
		if err = s.each(ctx, n, func(i int) { degrees[i], _ = s.spectra[i].best(first) }); err != nil {
			break
		}
		var cosine float64
		if cosine, err = s.climb(ctx, degrees); cosine > most {
			best, most = degrees, cosine
		}
	}
	if err == nil {
		keepMost(best)
	}
	for k := 0; k < rereadings && err == nil && mostTurned(inRadians(best)); k++ {
		if err = s.reread(ctx, best); err == nil {
			_, err = s.climb(ctx, best)
		}
	}
	if err != nil {
		return nil, err
	}
	keepMost(best)
	return best, nil
}

// climb turns each image to the sum of the others until none moves. It returns the
// mean cosine with that sum.
func (s *sketches) climb(ctx context.Context, degrees []int) (cosine float64, err error) {
	n := len(s.spectra)
	next, cosines := make([]int, n), make([]float64, n)
	for range climbRounds {
		sum := s.sum(degrees)
		err = s.each(ctx, n, func(i int) {
			others := newSpectrum()
			others.add(sum, 1)
			others.add(s.spectra[i].turn(degrees[i]), -1)
			next[i], cosines[i] = s.spectra[i].best(others)
		})
		if err != nil || slices.Equal(next, degrees) {
			break
		}
		copy(degrees, next)
	}
	return average(cosines), err
}

// sum adds all spectra as turned.
func (s *sketches) sum(degrees []int) spectrum {
	sum := newSpectrum()
	for i, a := range degrees {
		sum.add(s.spectra[i].turn(a), 1)
	}
	return sum
}

// keepMost turns all together so that as many as can be lie as they are: within
// angle of it.
func keepMost(degrees []int) {
	var count [around]int
	for _, a := range degrees {
		count[a]++
	}
	const reach = around * angle / (2 * math.Pi)
	best, most := 0, -1
	for a := range around {
		n := 0
		for d := -int(reach); d <= int(reach); d++ {
			n += count[(a+d+around)%around]
		}
		if n > most || n == most && count[a] > count[best] {
			best, most = a, n
		}
	}
	for i := range degrees {
		degrees[i] = (degrees[i] - best + around) % around
	}
}
