package metric

import (
	"errors"
	"fmt"
	"math"
)

// Pixels takes the score maps and masks of a set of images one by one and
// computes the figures of all their pixels together. The zero value is empty.
//
// It is not safe for concurrent use.
type Pixels struct {
	images, regions    int
	positive, negative int
	first, last        uint32 // keys of the highest and the lowest score
	runs               []run
	keys, spare        []uint32 // work space of Add
	code               []byte
}

// Figures are what [Pixels.Figures] computes. One that is not defined is NaN.
type Figures struct {
	AUROC     float64
	AP        float64
	F1Max     float64
	Threshold float32 // F1Max is reached by what scores at least this
	PRO       float64 // per-region overlap, up to a false positive rate of 0.3
	MuScPRO   float64 // the variant of MuSc's evaluation code
}

// Add takes one image of w × h pixels: pixel (x, y) scores scores[y·w + x],
// and mask tells whether it is a defect. A nil mask is that of an image
// without a defect. Neither is kept. After an error the image is left out.
func (p *Pixels) Add(scores []float32, mask []bool, w, h int) error {
	if err := checkSize(len(scores), w, h); err != nil {
		return fmt.Errorf("image %d: %w", p.images, err)
	}
	for i, s := range scores {
		if s != s {
			return fmt.Errorf("image %d: the score of pixel (%d, %d) is not a number", p.images, i%w, i/w)
		}
	}
	var labels []int32
	var areas []int
	if mask != nil {
		if err := checkSize(len(mask), w, h); err != nil {
			return fmt.Errorf("image %d: mask: %w", p.images, err)
		}
		labels, areas = components(mask, w)
	}
	p.take(scores, labels, areas)
	return nil
}

// take keeps the scores of every region, and of what belongs to none, as a
// run.
func (p *Pixels) take(scores []float32, labels []int32, areas []int) {
	if cap(p.keys) < len(scores) {
		p.keys, p.spare = make([]uint32, len(scores)), make([]uint32, len(scores))
	}
	p.keys, p.spare = p.keys[:len(scores)], p.spare[:len(scores)]
	outside := p.group(scores, labels, areas)
	p.keep(0, outside, 0)
	end := outside
	for _, area := range areas {
		p.keep(end, end+area, area)
		end += area
	}
	p.images++
	p.regions += len(areas)
	p.positive += len(scores) - outside
	p.negative += outside
}

// group puts the keys of what belongs to no region first, how many they are
// it returns, and then those of region after region.
func (p *Pixels) group(scores []float32, labels []int32, areas []int) (outside int) {
	if len(areas) == 0 {
		for i, s := range scores {
			p.keys[i] = keyOf(s)
		}
		return len(scores)
	}
	next := make([]int, len(areas)) // where the next key of a region goes
	start := len(scores)
	for k := len(areas) - 1; k >= 0; k-- {
		start -= areas[k]
		next[k] = start
	}
	for i, s := range scores {
		if k := labels[i]; k > 0 {
			p.keys[next[k-1]] = keyOf(s)
			next[k-1]++
		} else {
			p.keys[outside] = keyOf(s)
			outside++
		}
	}
	return outside
}

// keep makes a run of the keys from start to end.
func (p *Pixels) keep(start, end, area int) {
	if start == end {
		return
	}
	keys := sortKeys(p.keys[start:end], p.spare[start:end])
	if len(p.runs) == 0 {
		p.first, p.last = keys[0], keys[0]
	}
	p.first, p.last = min(p.first, keys[0]), max(p.last, keys[len(keys)-1])
	var r run
	r, p.code = newRun(keys, area, p.code)
	p.runs = append(p.runs, r)
}

// Figures computes the figures of the images added so far. If some are not
// defined, the error joins why (ErrOneClass for want of a class), and the
// others stand.
func (p *Pixels) Figures() (Figures, error) { return p.figures(nil) }

func (p *Pixels) figures(trace *Curve) (Figures, error) {
	c := curve[float32]{positive: p.positive, trace: trace}
	if trace != nil {
		trace.Positive, trace.Negative = p.positive, p.negative
	}
	o := overlap{regions: p.regions, negative: p.negative}
	var area proArea
	musc := newMuscPRO(scoreOf(p.last), scoreOf(p.first))
	merge(p.runs, func(s step) {
		musc.reach(s.score, &o)
		c.lower(s.score, s.tp, s.fp)
		o.lower(s)
		area.to(o.point())
	})
	var f Figures
	var errs [5]error
	f.AUROC, errs[0] = c.auroc()
	f.AP, errs[1] = c.ap()
	f.F1Max, f.Threshold, errs[2] = c.f1Max()
	f.PRO, errs[3] = area.value(), o.defined()
	if f.MuScPRO, errs[4] = musc.value(); o.defined() != nil {
		errs[4] = o.defined()
	}
	for i, figure := range []*float64{&f.AUROC, &f.AP, &f.F1Max, &f.PRO, &f.MuScPRO} {
		if errs[i] != nil {
			*figure = math.NaN()
			errs[i] = fmt.Errorf("%s is not defined: %w", figureNames[i], errs[i])
		}
	}
	return f, errors.Join(errs[:]...)
}

var figureNames = [...]string{"AUROC", "AP", "F1Max", "PRO", "MuSc's PRO"}

// Join adds the images of q, which keeps them: sets that share images need
// not sort their scores again.
func (p *Pixels) Join(q *Pixels) {
	if len(q.runs) == 0 {
		return
	}
	if len(p.runs) == 0 {
		p.first, p.last = q.first, q.last
	}
	p.first, p.last = min(p.first, q.first), max(p.last, q.last)
	p.images, p.regions = p.images+q.images, p.regions+q.regions
	p.positive, p.negative = p.positive+q.positive, p.negative+q.negative
	p.runs = append(p.runs, q.runs...)
}
