package pose

import (
	"context"
	"math"
)

const (
	// least is the share of the disagreement that turning must remove to be
	// worthwhile, and angle how far half of the parts must be turned. Batches
	// of parts in a fixture gain below 0.02, textures below 0.05, parts that
	// lie at any angle 0.3 and more.
	least = 0.1
	angle = 10 * math.Pi / 180
)

// Poses are how the images of a batch have to be turned to lie alike.
type Poses struct {
	Angles []float64 // [N], radians in (−π, π], clockwise as the image is seen
	// Before and After are the mean agreements, cosines, of a sample of the images
	// with their mean image, as they lie and as turned.
	Before, After float64
}

// Gain is the share of the disagreement that turning removes.
func (p *Poses) Gain() float64 {
	if p.Before >= 1 {
		return 0
	}
	return (p.After - p.Before) / (1 - p.Before)
}

// Worthwhile reports whether the parts lie at so different angles, and agree
// so much better when turned, that they should be.
func (p *Poses) Worthwhile() bool {
	return mostTurned(p.Angles) && p.Gain() >= least
}

// mostTurned reports whether more than half of the parts are turned by more than angle.
func mostTurned(angles []float64) bool {
	turned := 0
	for _, a := range angles {
		if math.Abs(a) > angle {
			turned++
		}
	}
	return 2*turned > len(angles)
}

// Estimate finds the poses of n images. The result does not depend on the
// number of threads. For fewer than two images there is nothing to turn.
func Estimate(ctx context.Context, n, threads int, grey Grey, view View) (*Poses, error) {
	if n < 2 {
		return &Poses{Angles: make([]float64, n)}, nil
	}
	degrees, err := newSketches(n, threads, grey).turns(ctx)
	if err != nil {
		return nil, err
	}
	p := &Poses{Angles: inRadians(degrees)}
	return p, p.orient(ctx, threads, view)
}

func average(v []float64) float64 {
	var sum float64
	for _, x := range v {
		sum += x
	}
	return sum / float64(len(v))
}
