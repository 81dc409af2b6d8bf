package metric

import (
	"errors"
	"fmt"
	"math"
)

// proLimit is the false positive rate up to which PRO is integrated.
const proLimit = 0.3

// overlap is the mean share of the regions, and the share of the pixels
// outside, that score at least the threshold.
type overlap struct {
	regions, negative int // in all
	shares            sum
	fp                int
}

func (o *overlap) lower(s step) {
	if s.tp > 0 {
		o.shares.add(s.share)
	}
	o.fp += s.fp
}

func (o *overlap) point() point {
	return point{float64(o.fp) / float64(o.negative), o.shares.value() / float64(o.regions)}
}

// defined says whether there is anything to take a share of.
func (o *overlap) defined() error {
	if o.regions == 0 || o.negative == 0 {
		return ErrOneClass
	}
	return nil
}

// point is a point of the PRO curve.
type point struct{ fpr, pro float64 }

// under is the area under the straight line from p to q.
func under(p, q point) float64 { return (q.fpr - p.fpr) * (p.pro + q.pro) / 2 }

// proArea integrates the PRO curve from (0, 0) to proLimit.
type proArea struct {
	last point
	area sum
}

func (a *proArea) to(p point) {
	if a.last.fpr >= proLimit {
		return
	}
	if p.fpr > proLimit {
		part := (proLimit - a.last.fpr) / (p.fpr - a.last.fpr)
		p = point{proLimit, a.last.pro + part*(p.pro-a.last.pro)}
	}
	if p.fpr > a.last.fpr {
		a.area.add(under(a.last, p))
	}
	a.last = p
}

func (a *proArea) value() float64 { return a.area.value() / proLimit }

// muscSteps is the number of thresholds of MuSc's variant of PRO.
const muscSteps = 200

// muscPRO is PRO as MuSc's evaluation code has it, see the package's doc.
type muscPRO struct {
	thresholds []float64 // ascending, those not reached yet
	points     []point
	err        error
}

// newMuscPRO lays the thresholds as numpy.arange does in double precision:
// rounding may make them one more than muscSteps.
func newMuscPRO(lowest, highest float32) *muscPRO {
	low, high := float64(lowest), float64(highest)
	delta := (high - low) / muscSteps
	switch {
	case math.IsInf(high-low, 0) || math.IsNaN(high-low):
		return &muscPRO{err: errors.New("scores are infinite, there are no even thresholds between them")}
	case low == high:
		return &muscPRO{err: fmt.Errorf("all scores are %g, there are no thresholds between them", low)}
	}
	m := &muscPRO{thresholds: make([]float64, int(math.Ceil((high-low)/delta)))}
	delta = (low + delta) - low
	for i := range m.thresholds {
		m.thresholds[i] = low + float64(float64(i)*delta) // no fused product
	}
	return m
}

// reach is told the next score before o counts it: what o counts exceeds all
// thresholds from it up to the last score.
func (m *muscPRO) reach(score float32, o *overlap) {
	for n := len(m.thresholds); n > 0 && m.thresholds[n-1] >= float64(score); n-- {
		m.thresholds = m.thresholds[:n-1]
		m.points = append(m.points, o.point())
	}
}

// value integrates over the points below proLimit, whose false positive rates
// are stretched to [0, 1].
func (m *muscPRO) value() (float64, error) {
	if m.err != nil {
		return 0, m.err
	}
	var area sum
	n := 0
	for ; n < len(m.points) && m.points[n].fpr < proLimit; n++ {
		if n > 0 {
			area.add(under(m.points[n-1], m.points[n]))
		}
	}
	if n == 0 || m.points[n-1].fpr == m.points[0].fpr {
		return 0, fmt.Errorf("no two thresholds have different false positive rates below %g", proLimit)
	}
	return area.value() / (m.points[n-1].fpr - m.points[0].fpr), nil
}
