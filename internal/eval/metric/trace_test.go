package metric

import (
	"math"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestTrace(t *testing.T) {
	t.Parallel()
	c, err := Trace([]float64{0.9, 0.8, 0.8, 0.1}, []bool{true, true, false, false}, 0)
	if err != nil {
		t.Fatal(err)
	}
	if want := []Point{{0.9, 1, 0}, {0.8, 2, 1}, {0.1, 2, 2}}; !slices.Equal(c.Points, want) {
		t.Errorf("points are %v, want %v", c.Points, want)
	}
	p := c.Points[1]
	if c.Recall(p) != 1 || c.FPR(p) != 0.5 || c.Precision(p) != 2.0/3 {
		t.Errorf("recall %g, false positive rate %g, precision %g, want 1, 1/2, 2/3", c.Recall(p), c.FPR(p), c.Precision(p))
	}
	if _, err := Trace([]float64{1}, nil, 0); err == nil {
		t.Error("one score without a label has a curve")
	}
}

func TestTraceOneClass(t *testing.T) {
	t.Parallel()
	c, err := Trace([]float32{1, 2, 3}, []bool{true, true, true}, 0.3)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Points) != 3 || !math.IsNaN(c.FPR(c.Points[0])) {
		t.Errorf("points are %v with a false positive rate of %g", c.Points, c.FPR(c.Points[0]))
	}
}

// area is the AUROC of a curve that leaves nothing out.
func area(c *Curve) float64 {
	sum, last := 0.0, Point{}
	for _, p := range c.Points {
		sum += (c.FPR(p) - c.FPR(last)) * (c.Recall(p) + c.Recall(last)) / 2
		last = p
	}
	return sum
}

// TestTraceOfPixels: the curve is that of the same scores in a slice, its
// area is AUROC, and what is left out lies close to what is kept.
func TestTraceOfPixels(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		images := drawImages(t)
		var scores []float32
		var labels []bool
		for _, im := range images {
			scores = append(scores, im.Scores...)
			if im.Mask == nil {
				im.Mask = make(mask, len(im.Scores))
			}
			labels = append(labels, im.Mask...)
		}
		want, err := Trace(scores, labels, 0)
		if err != nil {
			t.Fatal(err)
		}
		f, got, _ := addAll(t, images).Trace(0)
		if !slices.Equal(got.Points, want.Points) || got.Positive != want.Positive || got.Negative != want.Negative {
			t.Fatalf("the curve of pixels is %v, that of a slice %v", got, want)
		}
		if !math.IsNaN(f.AUROC) && math.Abs(area(got)-f.AUROC) > 1e-12 {
			t.Fatalf("the area is %g, AUROC %g", area(got), f.AUROC)
		}
		_, thin, _ := addAll(t, images).Trace(0.2)
		checkThin(t, got, thin)
	})
}

func checkThin(t *rapid.T, full, thin *Curve) {
	if len(full.Points) > 0 && thin.Points[len(thin.Points)-1] != full.Points[len(full.Points)-1] {
		t.Fatalf("the last point is %v, want %v", thin.Points[len(thin.Points)-1], full.Points[len(full.Points)-1])
	}
	kept := 0
	for _, p := range full.Points {
		if kept < len(thin.Points) && thin.Points[kept] == p {
			kept++
		} else if thin.far(thin.Points[kept-1], p) {
			t.Fatalf("%v is left out, the last point kept is %v", p, thin.Points[kept-1])
		}
	}
	if kept != len(thin.Points) {
		t.Fatalf("%v has points that %v has not", thin.Points, full.Points)
	}
}
