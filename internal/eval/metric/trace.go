package metric

import "math"

// Point is what a threshold gives: TP true and FP false labels score at least
// it.
type Point struct {
	Threshold float64
	TP, FP    int
}

// Curve is the ROC and the precision-recall curve of scores, in counts, from
// the highest threshold down to the lowest score. A point is left out where
// neither recall nor false positive rate nor precision is Step away from the
// point before it.
type Curve struct {
	Positive, Negative int // labels in all
	Step               float64
	Points             []Point
}

// Recall is the share of the true labels that score at least p's threshold;
// NaN without any.
func (c *Curve) Recall(p Point) float64 { return ratio(p.TP, c.Positive) }

// FPR is the share of the false labels that score at least p's threshold; NaN
// without any.
func (c *Curve) FPR(p Point) float64 { return ratio(p.FP, c.Negative) }

// Precision is the share of true labels among those that score at least p's
// threshold.
func (c *Curve) Precision(p Point) float64 { return ratio(p.TP, p.TP+p.FP) }

func ratio(a, b int) float64 {
	if b == 0 {
		return math.NaN()
	}
	return float64(a) / float64(b)
}

// add takes the next point; the last of all is kept.
func (c *Curve) add(p Point) {
	last := p.TP == c.Positive && p.FP == c.Negative
	if n := len(c.Points); last || n == 0 || c.far(c.Points[n-1], p) {
		c.Points = append(c.Points, p)
	}
}

func (c *Curve) far(p, q Point) bool {
	moved := func(a, b float64) bool { return math.Abs(a-b) >= c.Step } // false for NaN
	return moved(c.Recall(p), c.Recall(q)) || moved(c.FPR(p), c.FPR(q)) || moved(c.Precision(p), c.Precision(q))
}

// Trace returns the curve of scores with points at least step apart; all
// distinct scores for 0.
func Trace[S Score](scores []S, labels []bool, step float64) (*Curve, error) {
	trace := &Curve{Step: step}
	_, err := walk(scores, labels, trace)
	return trace, err
}

// Trace computes the figures as Figures does and, in the same pass, the curve
// that they are of, with points at least step apart.
func (p *Pixels) Trace(step float64) (Figures, *Curve, error) {
	trace := &Curve{Step: step}
	f, err := p.figures(trace)
	return f, trace, err
}
