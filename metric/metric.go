package metric

import (
	"errors"
	"fmt"
	"math"
	"slices"
)

// ErrOneClass is returned where only one class is present: the figure is not
// defined.
var ErrOneClass = errors.New("metric: all labels are the same")

// Score is a type of scores: pixels are kept as float32.
type Score interface{ ~float32 | ~float64 }

// step is a distinct threshold: how many true and false labels have a score
// of at least it.
type step[S Score] struct {
	threshold S
	tp, fp    int
}

// steps walks down the thresholds. The input is not modified.
func steps[S Score](scores []S, labels []bool) ([]step[S], error) {
	if len(scores) != len(labels) {
		return nil, fmt.Errorf("metric: %d scores for %d labels", len(scores), len(labels))
	}
	var positive, negative []S
	for i, s := range scores {
		switch {
		case math.IsNaN(float64(s)):
			return nil, fmt.Errorf("metric: score %d is not a number", i)
		case labels[i]:
			positive = append(positive, s)
		default:
			negative = append(negative, s)
		}
	}
	if len(positive) == 0 || len(negative) == 0 {
		return nil, ErrOneClass
	}
	slices.Sort(positive)
	slices.Sort(negative)
	var all []step[S]
	p, n := len(positive), len(negative)
	for p > 0 || n > 0 {
		var t S
		if n == 0 || p > 0 && positive[p-1] >= negative[n-1] {
			t = positive[p-1]
		} else {
			t = negative[n-1]
		}
		for p > 0 && positive[p-1] == t {
			p--
		}
		for n > 0 && negative[n-1] == t {
			n--
		}
		all = append(all, step[S]{t, len(positive) - p, len(negative) - n})
	}
	return all, nil
}

// AUROC is the probability that a random true label scores above a random
// false one, ties counted half.
func AUROC[S Score](scores []S, labels []bool) (float64, error) {
	all, err := steps(scores, labels)
	if err != nil {
		return 0, err
	}
	var area float64
	var last step[S]
	for _, s := range all {
		area += float64(s.fp-last.fp) * float64(s.tp+last.tp) / 2
		last = s
	}
	return area / float64(last.tp) / float64(last.fp), nil
}

// AP is the average precision.
func AP[S Score](scores []S, labels []bool) (float64, error) {
	all, err := steps(scores, labels)
	if err != nil {
		return 0, err
	}
	var sum float64
	last := 0
	for _, s := range all {
		sum += float64(s.tp-last) * float64(s.tp) / float64(s.tp+s.fp)
		last = s.tp
	}
	return sum / float64(last), nil
}

// F1Max is the highest F1 over all thresholds and the threshold it is
// reached at: anomalous is what scores at least it.
func F1Max[S Score](scores []S, labels []bool) (f1 float64, threshold S, err error) {
	all, err := steps(scores, labels)
	if err != nil {
		return 0, 0, err
	}
	positive := all[len(all)-1].tp
	for _, s := range all {
		if f := 2 * float64(s.tp) / float64(s.tp+s.fp+positive); f > f1 {
			f1, threshold = f, s.threshold
		}
	}
	return f1, threshold, nil
}
