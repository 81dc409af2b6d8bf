package metric

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrOneClass is returned where a class is missing that the figure needs:
// AP and F1Max need a true label, AUROC and PRO need true and false ones.
var ErrOneClass = errors.New("all labels are the same")

// Score is a type of scores: pixels are kept as float32.
type Score interface{ ~float32 | ~float64 }

// walk takes the threshold down through all scores; trace, if not nil, takes
// the points on the way. The input is not modified.
func walk[S Score](scores []S, labels []bool, trace *Curve) (*curve[S], error) {
	if len(scores) != len(labels) {
		return nil, fmt.Errorf("%d scores for %d labels", len(scores), len(labels))
	}
	var positive, negative []S
	for i, s := range scores {
		switch {
		case math.IsNaN(float64(s)):
			return nil, fmt.Errorf("score %d is not a number", i)
		case labels[i]:
			positive = append(positive, s)
		default:
			negative = append(negative, s)
		}
	}
	slices.Sort(positive)
	slices.Sort(negative)
	c := &curve[S]{positive: len(positive), trace: trace}
	if trace != nil {
		trace.Positive, trace.Negative = len(positive), len(negative)
	}
	p, n := len(positive), len(negative)
	for p > 0 || n > 0 {
		var t S
		if n == 0 || p > 0 && positive[p-1] >= negative[n-1] {
			t = positive[p-1]
		} else {
			t = negative[n-1]
		}
		p0, n0 := p, n
		for p > 0 && positive[p-1] == t {
			p--
		}
		for n > 0 && negative[n-1] == t {
			n--
		}
		c.lower(t, p0-p, n0-n)
	}
	return c, nil
}

// AUROC is the probability that a random true label scores above a random
// false one, ties counted half.
func AUROC[S Score](scores []S, labels []bool) (float64, error) {
	c, err := walk(scores, labels, nil)
	if err != nil {
		return 0, err
	}
	return c.auroc()
}

// AP is the average precision.
func AP[S Score](scores []S, labels []bool) (float64, error) {
	c, err := walk(scores, labels, nil)
	if err != nil {
		return 0, err
	}
	return c.ap()
}

// F1Max is the highest F1 over all thresholds and the threshold it is
// reached at: anomalous is what scores at least it.
func F1Max[S Score](scores []S, labels []bool) (f1 float64, threshold S, err error) {
	c, err := walk(scores, labels, nil)
	if err != nil {
		return 0, 0, err
	}
	return c.f1Max()
}
