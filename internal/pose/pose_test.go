package pose

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"codegraph/backbone"
	"pgregory.net/rapid"
)

// part is a pattern over the plane without any symmetry, [Grid²][C], read at
// any angle; noise makes images differ.
func part(angle float64, noise *rand.Rand) backbone.Map {
	m := backbone.Map{H: Grid, W: Grid, C: 6, Data: make([]float32, Grid*Grid*6)}
	for p := range Grid * Grid {
		x, y := float64(p%Grid)-(Grid-1)/2.0, float64(p/Grid)-(Grid-1)/2.0
		sin, cos := math.Sincos(angle)
		u, v := (cos*x+sin*y)/3, (cos*y-sin*x)/3
		for c := range 6 {
			f := math.Sin(u*float64(c+1)/2+float64(c)) + math.Cos(v*float64(6-c)/2+0.3*float64(c)*u)
			m.Data[p*6+c] = float32(f + 0.1*noise.NormFloat64())
		}
	}
	return m
}

func batch(lies []float64) View {
	return func(_ context.Context, i int, angle float64) (backbone.Map, error) {
		return part(angle-lies[i], rand.New(rand.NewPCG(uint64(i), 3))), nil
	}
}

// TestEstimate turns parts that lie at known angles.
func TestEstimate(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	lies := make([]float64, 2*sample+1) // enough to try a sample
	for i := range lies {
		lies[i] = 2 * math.Pi * rng.Float64()
	}
	p, err := Estimate(context.Background(), len(lies), 2, batch(lies))
	if err != nil {
		t.Fatal(err)
	}
	if !p.Worthwhile() {
		t.Fatalf("not worthwhile: agreement %.3f to %.3f", p.Before, p.After)
	}
	for i := range lies { // alike: the same angle for all but for a common turn
		off := math.Remainder(p.Angles[i]-lies[i]-(p.Angles[0]-lies[0]), 2*math.Pi)
		if math.Abs(off) > 6*math.Pi/180 {
			t.Errorf("image %d is off by %.1f°", i, off*180/math.Pi)
		}
	}
	again, err := Estimate(context.Background(), len(lies), 1, batch(lies))
	if err != nil || !slices.Equal(p.Angles, again.Angles) {
		t.Errorf("one thread gives other angles (%v)", err)
	}
}

func TestEstimateSpareWhatLiesAlike(t *testing.T) {
	p, err := Estimate(context.Background(), 12, 2, batch(make([]float64, 12)))
	if err != nil {
		t.Fatal(err)
	}
	if p.Worthwhile() || slices.Max(p.Angles) != 0 {
		t.Errorf("parts that lie alike are turned: %v", p.Angles)
	}
}

func TestEstimateRefuses(t *testing.T) {
	boom := errors.New("boom")
	_, err := Estimate(context.Background(), 3, 2, func(context.Context, int, float64) (backbone.Map, error) {
		return backbone.Map{}, boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("%v, want the view's error", err)
	}
	_, err = Estimate(context.Background(), 3, 2, func(context.Context, int, float64) (backbone.Map, error) {
		return backbone.Map{H: 2, W: 2, C: 1, Data: make([]float32, 4)}, nil
	})
	if !errors.Is(err, errShape) {
		t.Errorf("%v, want errShape", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = Estimate(ctx, 3, 2, batch(make([]float64, 3))); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

// TestPlaces: quarter turns there and back end at the same patch.
func TestPlaces(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 30).Draw(t, "side")
		p := rapid.IntRange(0, n*n-1).Draw(t, "patch")
		angle := math.Pi / 2 * float64(rapid.IntRange(-4, 4).Draw(t, "quarters"))
		q := ToRotated(p, n, n, angle)
		if q < 0 || ToOriginal(q, n, n, angle) != p {
			t.Fatalf("patch %d goes to %d and not back", p, q)
		}
	})
	if ToOriginal(0, 20, 20, math.Pi/4) != -1 {
		t.Error("the corner of an image turned by 45° shows part of it")
	}
}

// TestTemplate places latecomers as their batch would have.
func TestTemplate(t *testing.T) {
	ctx := context.Background()
	rng := rand.New(rand.NewPCG(2, 1))
	lies := make([]float64, 16)
	for i := range lies {
		lies[i] = 2 * math.Pi * rng.Float64()
	}
	const n = 10
	p, err := Estimate(ctx, n, 2, batch(lies))
	if err != nil {
		t.Fatal(err)
	}
	template, err := NewTemplate(ctx, n, 2, batch(lies), p.Angles)
	if err != nil {
		t.Fatal(err)
	}
	for i := n; i < len(lies); i++ {
		angle, err := template.Angle(ctx, func(ctx context.Context, angle float64) (backbone.Map, error) { return batch(lies)(ctx, i, angle) })
		if err != nil {
			t.Fatal(err)
		}
		off := math.Remainder(angle-lies[i]-(p.Angles[0]-lies[0]), 2*math.Pi)
		if math.Abs(off) > 6*math.Pi/180 {
			t.Errorf("image %d is off by %.1f°", i, off*180/math.Pi)
		}
	}
	if _, err := NewTemplate(ctx, 0, 1, batch(lies), nil); err == nil {
		t.Error("a template of no images")
	}
}
