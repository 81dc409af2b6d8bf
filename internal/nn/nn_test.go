package nn

import (
	"math"
	"math/rand/v2"
	"testing"

	"codegraph/internal/cpu"
)

// each runs f once for every implementation of this machine.
func each(f func(name string)) {
	before := active
	defer func() { active = before }()
	for _, name := range cpu.Available() {
		active = implementation(name)
		f(name)
	}
}

func random(rng *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return v
}

func TestSoftmax(t *testing.T) {
	each(func(name string) {
		rng := rand.New(rand.NewPCG(5, 6))
		for _, n := range []int{1, 5, 16, 37, 200} {
			const m = 3
			ld := (n + 31) &^ 15
			x := random(rng, m*ld)
			for i := range x {
				x[i] *= 20
			}
			before := append([]float32{}, x...)
			inverse := make([]float32, m)
			Softmax(x, ld, m, n, inverse)
			for r := range m {
				var sum float64
				top := math.Inf(-1)
				for i := range n {
					top = max(top, float64(before[r*ld+i]))
				}
				for i := range n {
					sum += math.Exp(float64(before[r*ld+i]) - top)
				}
				for i := range n {
					want := math.Exp(float64(before[r*ld+i])-top) / sum
					if got := float64(x[r*ld+i] * inverse[r]); math.Abs(got-want) > 1e-5*want+1e-30 {
						t.Fatalf("%s n=%d: %v, want %v", name, n, got, want)
					}
				}
			}
		}
	})
}

func TestActivations(t *testing.T) {
	sigma := func(v float64) float64 { return 1 / (1 + math.Exp(-v)) }
	want := map[Activation]func(float64) float64{
		GELU: func(v float64) float64 { return v * 0.5 * math.Erfc(-v/math.Sqrt2) },
		GELUTanh: func(v float64) float64 {
			return 0.5 * v * (1 + math.Tanh(math.Sqrt(2/math.Pi)*(v+0.044715*v*v*v)))
		},
		QuickGELU: func(v float64) float64 { return v * sigma(1.702*v) },
		SiLU:      func(v float64) float64 { return v * sigma(v) },
	}
	each(func(name string) {
		for a, f := range want {
			var worst float64
			for _, n := range []int{1, 9, 16, 4001} {
				x, bias := make([]float32, n), make([]float32, n)
				for i := range x {
					x[i], bias[i] = float32(i-n/2)*0.01, 0.25
				}
				a.Apply(x, bias)
				for i, got := range x {
					v := float64(float32(i-n/2)*0.01 + 0.25)
					worst = max(worst, math.Abs(float64(got)-f(v))/math.Max(1, math.Abs(v)))
				}
			}
			t.Logf("%s %v: error %.1e", name, a, worst)
			if worst > 1e-6 {
				t.Errorf("%s %v: error %.1e", name, a, worst)
			}
		}
	})
}

// TestActivationTails: large values neither overflow nor turn into NaN.
func TestActivationTails(t *testing.T) {
	each(func(name string) {
		for a := GELU; a <= SiLU; a++ {
			x := []float32{-1e4, 1e4}
			a.Apply(x, []float32{0, 0})
			if !(math.Abs(float64(x[0])) < 1e-30) || x[1] != 1e4 {
				t.Errorf("%s %v: %v", name, a, x)
			}
		}
	})
}
