package perf

import (
	"math"
	"testing"

	"codegraph/internal/option"
	"codegraph/internal/pipeline"
)

// TestExtrapolate: fixed costs, those of images and those of pairs are told apart.
func TestExtrapolate(t *testing.T) {
	t.Parallel()
	sample := func(n int) Sample {
		x := float64(n)
		return Sample{Images: n, Seconds: map[option.Phase]float64{
			option.PhaseAlign: 2 + 0.1*x, option.PhaseEmbed: 0.05 * x, option.PhaseCompare: 0.001 * x * (x - 1), option.PhaseWrite: 0.2 * x,
		}, Plan: pipeline.MemoryPlan{Tokens: 100 * int64(n), Table: 10 * int64(n) * int64(n), Other: 5}}
	}
	f := Extrapolate(sample(8), sample(16), 200)
	want := 2 + 0.1*200 + 0.05*200 + 0.001*200*199 + 0.2*200
	if math.Abs(f.Seconds-want) > 1e-9 || f.Memory != 5+100*200+10*200*200 {
		t.Errorf("%v s and %d bytes, want %v and %d", f.Seconds, f.Memory, want, 5+100*200+10*200*200)
	}
	if f.Family <= 0 {
		t.Error("nothing is said of images that share a defect")
	}
	advice := f.Advise(16e6, 0.4, 2, 448, 28)
	if len(advice) < 2 {
		t.Fatalf("advice %v", advice)
	}
	for i, a := range advice {
		if a.Seconds >= f.Seconds || i > 0 && a.Seconds < advice[i-1].Seconds {
			t.Errorf("advice %d of %v is no faster than %v s, or out of order", i, advice, f.Seconds)
		}
	}
}

func TestExtrapolateNoise(t *testing.T) {
	t.Parallel()
	few := Sample{Images: 8, Seconds: map[option.Phase]float64{option.PhaseEmbed: 3}}
	many := Sample{Images: 16, Seconds: map[option.Phase]float64{option.PhaseEmbed: 2}}
	if f := Extrapolate(few, many, 100); f.Seconds != 2 {
		t.Errorf("%v s: less for more images", f.Seconds)
	}
}
