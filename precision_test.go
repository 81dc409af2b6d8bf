package codegraph_test

import (
	"context"
	"errors"
	"math"
	"testing"

	"codegraph"
	"codegraph/internal/cache"
)

// TestPrecision: both precisions give the same scores to 1e-3, with a cache
// that they share, and the result says which one it was.
func TestPrecision(t *testing.T) {
	t.Parallel()
	set, o := plates(12), stubbed()
	var err error
	if o.Cache, err = cache.Open(t.TempDir(), 0); err != nil {
		t.Fatal(err)
	}
	o.Precision = codegraph.PrecisionExact
	exact := detect(t, set, o)
	o.Precision = codegraph.PrecisionFast
	fast := detect(t, set, o)
	if exact.Options.Precision != codegraph.PrecisionExact || fast.Options.Precision != codegraph.PrecisionFast {
		t.Errorf("the results are said to be %s and %s", exact.Options.Precision, fast.Options.Precision)
	}
	for i, im := range exact.Images {
		for p, want := range im.MuScMap {
			got := fast.Images[i].MuScMap[p]
			if math.Abs(float64(got-want)) > 1e-3*float64(want) {
				t.Fatalf("image %d, patch %d: score %v, want %v", i, p, got, want)
			}
		}
	}
	o.Precision = ""
	if r := detect(t, set, o); r.Options.Precision != codegraph.PrecisionAuto.Effective() {
		t.Errorf("by default the precision is %q, want %q", r.Options.Precision, codegraph.PrecisionAuto.Effective())
	}
	o.Precision = "exactly"
	if _, err := codegraph.Detect(context.Background(), set, o); !errors.Is(err, codegraph.ErrOptions) {
		t.Errorf("%v, want ErrOptions", err)
	}
}
