package family

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func TestLn(t *testing.T) {
	t.Parallel()
	check := func(v float32, fatalf func(string, ...any)) {
		want := math.Log(float64(v))
		if got := ln(v); math.Abs(got-want) > 4e-16*max(1, math.Abs(want)) {
			fatalf("ln(%v) = %v, want %v", v, got, want)
		}
	}
	for _, v := range []float32{1, math.Nextafter32(1, 0), math.Nextafter32(1, 2), math.MaxFloat32, math.SmallestNonzeroFloat32} {
		check(v, t.Errorf)
	}
	for v := float32(0.25); v < 4; v += 1.0 / (1 << 16) {
		check(v, t.Fatalf)
	}
	rapid.Check(t, func(t *rapid.T) {
		check(rapid.Float32Range(math.SmallestNonzeroFloat32, math.MaxFloat32).Draw(t, "v"), t.Fatalf)
	})
}
