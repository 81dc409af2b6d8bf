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

// nut draws a hexagon with a hole and a faint mark, which alone tells by how many
// sixths it is turned, shifted from the middle and with noise, [Side][Side].
func nut(angle, dx, dy, mark float64, noise *rand.Rand) []float32 {
	out := make([]float32, Side*Side)
	sin, cos := math.Sincos(angle)
	for k := range out {
		x, y := float64(k%Side)-middle.x-dx, float64(k/Side)-middle.y-dy
		u, v := (cos*x+sin*y)/80, (cos*y-sin*x)/80
		value := 0.2
		flat := max(math.Abs(v), math.Abs(v)/2+math.Abs(u)*math.Sqrt(3)/2)
		if r := math.Hypot(u, v); flat < 0.8 && r > 0.35 {
			value = 0.7
			if math.Abs(u-0.55) < 0.1 && math.Abs(v) < 0.2 {
				value -= mark
			}
		}
		out[k] = float32(value + 0.03*noise.NormFloat64())
	}
	return out
}

// parts is a batch of nuts that lie at angles, off the middle by up to twelve pixels.
type parts struct {
	lies []float64
	mark float64
}

func newParts(n int, mark float64, most float64) parts {
	rng := rand.New(rand.NewPCG(1, 1))
	p := parts{make([]float64, n), mark}
	for i := range p.lies {
		p.lies[i] = most * (2*rng.Float64() - 1)
	}
	return p
}

func (p parts) grey(i int) []float32 {
	rng := rand.New(rand.NewPCG(uint64(i), 3))
	return nut(p.lies[i], 24*rng.Float64()-12, 24*rng.Float64()-12, p.mark, rng)
}

// view has the pattern's values at nine places of each patch for channels.
func (p parts) view(_ context.Context, i int, angle float64) (backbone.Map, error) {
	const c, wide = 9, Side / Grid
	picture := nut(p.lies[i]+angle, 0, 0, p.mark, rand.New(rand.NewPCG(uint64(i), 3)))
	m := backbone.Map{H: Grid, W: Grid, C: c, Data: make([]float32, Grid*Grid*c)}
	for k := range m.Data {
		patch, at := k/c, k%c
		x, y := patch%Grid*wide+at%3*5+2, patch/Grid*wide+at/3*5+2
		m.Data[k] = picture[y*Side+x]
	}
	return m, nil
}

// off is by how much image i, turned by angle, lies otherwise than image 0.
func (p parts) off(i int, angle, angle0 float64) float64 {
	return math.Abs(math.Remainder(angle+p.lies[i]-angle0-p.lies[0], 2*math.Pi)) * 180 / math.Pi
}

// TestEstimate turns parts that lie at known angles, six times alike but for a mark.
func TestEstimate(t *testing.T) {
	t.Parallel()
	batch := newParts(16, 0.1, math.Pi)
	p, err := Estimate(context.Background(), len(batch.lies), 2, batch.grey, batch.view)
	if err != nil {
		t.Fatal(err)
	}
	if !p.Worthwhile() {
		t.Errorf("not worthwhile: agreement %.3f to %.3f", p.Before, p.After)
	}
	for i, a := range p.Angles {
		if off := batch.off(i, a, p.Angles[0]); off > 3 {
			t.Errorf("image %d is off by %.1f°", i, off)
		}
	}
	again, err := Estimate(context.Background(), len(batch.lies), 1, batch.grey, batch.view)
	if err != nil || !slices.Equal(p.Angles, again.Angles) {
		t.Errorf("one thread gives other angles (%v)", err)
	}
}

// TestEstimateSpareWhatLiesAlike: parts in a fixture stay as they are.
func TestEstimateSpareWhatLiesAlike(t *testing.T) {
	t.Parallel()
	batch := newParts(12, 0.3, 3*math.Pi/180)
	p, err := Estimate(context.Background(), len(batch.lies), 2, batch.grey, batch.view)
	if err != nil {
		t.Fatal(err)
	}
	if p.Worthwhile() || mostTurned(p.Angles) {
		t.Errorf("parts that lie alike are turned: %v", p.Angles)
	}
}

func TestEstimateRefuses(t *testing.T) {
	t.Parallel()
	batch, boom := newParts(3, 0.3, 1), errors.New("boom")
	_, err := Estimate(context.Background(), 3, 2, batch.grey, func(context.Context, int, float64) (backbone.Map, error) {
		return backbone.Map{}, boom
	})
	if !errors.Is(err, boom) {
		t.Errorf("%v, want the view's error", err)
	}
	_, err = Estimate(context.Background(), 3, 2, batch.grey, func(context.Context, int, float64) (backbone.Map, error) {
		return backbone.Map{H: 2, W: 2, C: 1, Data: make([]float32, 4)}, nil
	})
	if !errors.Is(err, errShape) {
		t.Errorf("%v, want errShape", err)
	}
	_, err = Estimate(context.Background(), 3, 2, batch.grey, func(_ context.Context, i int, _ float64) (backbone.Map, error) {
		return backbone.Map{H: Grid, W: Grid, C: 1 + i, Data: make([]float32, Grid*Grid*(1+i))}, nil
	})
	if !errors.Is(err, errShape) {
		t.Errorf("views of different networks: %v, want errShape", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err = Estimate(ctx, 3, 2, batch.grey, batch.view); !errors.Is(err, context.Canceled) {
		t.Errorf("%v, want context.Canceled", err)
	}
}

// TestEstimateOfNothing: pictures without anything in them have no angle.
func TestEstimateOfNothing(t *testing.T) {
	t.Parallel()
	flat := make([]float32, Side*Side)
	p, err := Estimate(context.Background(), 4, 1, func(int) []float32 { return flat }, newParts(4, 0, 0).view)
	if err != nil || mostTurned(p.Angles) {
		t.Errorf("%v, %v", p, err)
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
	t.Parallel()
	ctx, batch := context.Background(), newParts(24, 0.1, math.Pi)
	const n = 18
	p, err := Estimate(ctx, n, 2, batch.grey, batch.view)
	if err != nil {
		t.Fatal(err)
	}
	template, err := NewTemplate(ctx, n, 2, batch.grey, p.Angles)
	if err != nil {
		t.Fatal(err)
	}
	for i := n; i < len(batch.lies); i++ {
		if off := batch.off(i, template.Angle(batch.grey(i)), p.Angles[0]); off > 3 {
			t.Errorf("image %d is off by %.1f°", i, off)
		}
	}
	if _, err := NewTemplate(ctx, 0, 1, batch.grey, nil); err == nil {
		t.Error("a template of no images")
	}
}

func BenchmarkEstimate(b *testing.B) {
	batch := newParts(100, 0.1, math.Pi)
	pictures := make([][]float32, len(batch.lies))
	for i := range pictures {
		pictures[i] = batch.grey(i)
	}
	for b.Loop() {
		if _, err := newSketches(len(pictures), 1, func(i int) []float32 { return pictures[i] }).turns(context.Background()); err != nil {
			b.Fatal(err)
		}
	}
}
