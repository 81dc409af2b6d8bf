package vit

import (
	"runtime"
	"testing"
)

// TestLoadInPlace: loading a block allocates little but what the block keeps, so
// that what is left of it for the collector does not add up to the network.
func TestLoadInPlace(t *testing.T) {
	const width, few, many = 128, 2, 10
	allocated := func(depth int) float64 {
		f := vitTensors(width, depth, width, 4, 5).file(t, nil)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := load(f, nil, false); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc - before.TotalAlloc)
	}
	block := (allocated(many) - allocated(few)) / (many - few)
	if weights := 4.0 * 6 * width * width; block > 1.5*weights { // the race detector costs a quarter
		t.Errorf("a block of %.0f bytes of weights allocates %.0f", weights, block)
	}
}
