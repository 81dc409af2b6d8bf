package metric

// curve sums the figures up while the threshold falls from the highest score
// to the lowest.
type curve[S Score] struct {
	positive  int // true labels in all
	tp, fp    int // labels at or above the threshold
	area      sum // under the ROC curve, in pairs
	precision sum // one for each true label
	f1        float64
	threshold S      // of f1
	trace     *Curve // takes the points; nil: nothing does
}

// lower moves the threshold down to the next distinct score, which tp true
// and fp false labels have.
func (c *curve[S]) lower(threshold S, tp, fp int) {
	if fp > 0 {
		c.area.add(float64(fp) * (float64(c.tp) + float64(tp)/2))
	}
	c.tp += tp
	c.fp += fp
	if c.trace != nil {
		c.trace.add(Point{float64(threshold), c.tp, c.fp})
	}
	if tp == 0 {
		return // recall stays, precision falls
	}
	c.precision.add(float64(tp) * float64(c.tp) / float64(c.tp+c.fp))
	if f := 2 * float64(c.tp) / float64(c.tp+c.fp+c.positive); f > c.f1 {
		c.f1, c.threshold = f, threshold
	}
}

// auroc needs labels of both kinds.
func (c *curve[S]) auroc() (float64, error) {
	if c.tp == 0 || c.fp == 0 {
		return 0, ErrOneClass
	}
	return c.area.value() / float64(c.tp) / float64(c.fp), nil
}

// ap needs a true label.
func (c *curve[S]) ap() (float64, error) {
	if c.tp == 0 {
		return 0, ErrOneClass
	}
	return c.precision.value() / float64(c.tp), nil
}

// f1Max needs a true label.
func (c *curve[S]) f1Max() (f1 float64, threshold S, err error) {
	if c.tp == 0 {
		return 0, 0, ErrOneClass
	}
	return c.f1, c.threshold, nil
}

// sum is a compensated sum of numbers that are not negative (Kahan 1965):
// its relative error does not grow with their number.
type sum struct{ high, low float64 }

func (s *sum) add(x float64) {
	x -= s.low
	next := s.high + x
	s.low = (next - s.high) - x
	s.high = next
}

func (s *sum) value() float64 { return s.high }
