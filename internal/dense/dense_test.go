package dense

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// each runs f once for every implementation of this machine.
func each(t testing.TB, f func(name string)) {
	before := active
	defer func() { active = before }()
	for _, im := range available() {
		active = im
		f(im.name)
	}
	_ = t
}

func random(rng *rand.Rand, n int) []float32 {
	v := make([]float32, n)
	for i := range v {
		v[i] = float32(rng.NormFloat64())
	}
	return v
}

func TestMul(t *testing.T) {
	each(t, func(name string) {
		rng := rand.New(rand.NewPCG(1, 2))
		for _, s := range [][3]int{{1, 1, 1}, {1, 7, 33}, {12, 32, 32}, {13, 3, 31}, {40, 24, 144}, {5, 200, 65}, {11, 8, 16}} {
			m, k, n := s[0], s[1], s[2]
			lda, ldb, ldd := Stride(k), n+2, n+5
			a, b := random(rng, m*lda), random(rng, k*ldb)
			transposed := make([]float32, n*(k+1))
			for i := range k {
				for j := range n {
					transposed[j*(k+1)+i] = b[i*ldb+j]
				}
			}
			var rows, columns Packed
			rows.Rows(random(rng, 9999), 99, 99, 101) // memory to reuse
			rows.Rows(b, ldb, k, n)
			columns.Columns(random(rng, 9999), 99, 99, 101)
			columns.Columns(transposed, k+1, n, k)
			for _, p := range []*Packed{&rows, &columns} {
				dst := random(rng, m*ldd)
				keep := append([]float32{}, dst...)
				Mul(dst, ldd, a, lda, m, p)
				for i := range m {
					for j := range ldd {
						want := float64(keep[i*ldd+j])
						for l := 0; j < n && l < k; l++ {
							if l == 0 {
								want = 0
							}
							want += float64(a[i*lda+l]) * float64(b[l*ldb+j])
						}
						if got := float64(dst[i*ldd+j]); math.Abs(got-want) > 1e-4*math.Max(1, math.Abs(want)) {
							t.Fatalf("%s %v: [%d][%d] = %v, want %v", name, s, i, j, got, want)
						}
					}
				}
			}
		}
	})
}

// TestMulBands: rows give the same bits however they are split.
func TestMulBands(t *testing.T) {
	each(t, func(name string) {
		rng := rand.New(rand.NewPCG(3, 4))
		const m, k, n = 61, 40, 70
		a, b := random(rng, m*k), random(rng, k*n)
		var p Packed
		p.Rows(b, n, k, n)
		whole, split := make([]float32, m*n), make([]float32, m*n)
		Mul(whole, n, a, k, m, &p)
		for i := 0; i < m; i += 17 {
			Mul(split[i*n:], n, a[i*k:], k, min(17, m-i), &p)
		}
		for i := range whole {
			if whole[i] != split[i] {
				t.Fatalf("%s: value %d differs", name, i)
			}
		}
	})
}

func TestSoftmax(t *testing.T) {
	each(t, func(name string) {
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
	each(t, func(name string) {
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
	each(t, func(name string) {
		for a := GELU; a <= SiLU; a++ {
			x := []float32{-1e4, 1e4}
			a.Apply(x, []float32{0, 0})
			if !(math.Abs(float64(x[0])) < 1e-30) || x[1] != 1e4 {
				t.Errorf("%s %v: %v", name, a, x)
			}
		}
	})
}

func BenchmarkMul(b *testing.B) {
	each(b, func(name string) {
		for _, s := range [][3]int{{96, 1024, 1024}, {1370, 1024, 4096}, {1370, 4096, 1024}, {96, 64, 1370}, {96, 1370, 64}} {
			m, k, n := s[0], s[1], s[2]
			b.Run(fmt.Sprintf("%s/%d×%d×%d", name, m, k, n), func(b *testing.B) {
				rng := rand.New(rand.NewPCG(1, 1))
				lda, ldd := Stride(k), Stride(n)
				a, w, dst := random(rng, m*lda), random(rng, k*n), make([]float32, m*ldd)
				var p Packed
				p.Rows(w, n, k, n)
				for b.Loop() {
					for i := 0; i < m; i += 96 {
						Mul(dst[i*ldd:], ldd, a[i*lda:], lda, min(96, m-i), &p)
					}
				}
				b.ReportMetric(2*float64(m*k*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	})
}
