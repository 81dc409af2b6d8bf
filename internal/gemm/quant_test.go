package gemm

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// eachQuant runs f once for every implementation of this machine.
func eachQuant(f func(name string)) {
	before := quant
	defer func() { quant = before }()
	for _, quant = range quantImpls() {
		f(quant.name)
	}
}

var quantShapes = [][3]int{{1, 1, 1}, {1, 7, 33}, {12, 32, 32}, {13, 3, 31}, {40, 257, 144}, {5, 513, 65}, {11, 8, 16}, {24, 1024, 96}, {70, 530, 40}}

// TestMulQuant: sums are those of the rounded factors to within single
// precision, and those of the factors to within rounding.
func TestMulQuant(t *testing.T) {
	eachQuant(func(name string) {
		rng := rand.New(rand.NewPCG(1, 2))
		var r Rounded
		for _, s := range quantShapes {
			m, k, n := s[0], s[1], s[2]
			lda, ldd := Stride(k), n+5
			a, w := random(rng, m*lda), random(rng, n*k)
			dst := random(rng, m*ldd)
			keep := append([]float32{}, dst...)
			MulQuant(dst, ldd, a, lda, m, NewQuantWeights(w, n, k), &r)
			for i := range m {
				for j := n; j < ldd; j++ {
					if dst[i*ldd+j] != keep[i*ldd+j] {
						t.Fatalf("%s %v: wrote beyond a row", name, s)
					}
				}
				for j := range n {
					var want, squares, topA, topW float64
					for l := range k {
						x, y := float64(a[i*lda+l]), float64(w[j*k+l])
						want += x * y
						squares += x * x * y * y
						topA, topW = max(topA, math.Abs(x)), max(topW, math.Abs(y))
					}
					tolerance := 6 * math.Sqrt(float64(k)) * topA * topW / (2 * maxWeight) / math.Sqrt(12)
					if FastFormat() == "bfloat16" {
						tolerance = 6 * math.Sqrt(squares) / 512
					}
					if got := float64(dst[i*ldd+j]); math.Abs(got-want) > tolerance {
						t.Fatalf("%s %v: [%d][%d] = %v, want %v ± %v", name, s, i, j, got, want, tolerance)
					}
				}
			}
		}
	})
}

// TestQuantAgree: all implementations of a format give the same numbers to the
// last bit.
func TestQuantAgree(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for _, s := range quantShapes {
		m, k, n := s[0], s[1], s[2]
		a, w := random(rng, m*k), random(rng, n*k)
		want := make(map[string][]float32)
		eachQuant(func(name string) {
			dst := make([]float32, m*n)
			MulQuant(dst, n, a, k, m, NewQuantWeights(w, n, k), new(Rounded))
			want[name] = dst
		})
		for name, dst := range want {
			portable := "portable"
			if name == "amx" {
				portable = "portable bfloat16"
			} else if name == portableBF16.name {
				continue
			}
			for i, v := range want[portable] {
				if dst[i] != v {
					t.Fatalf("%s %v: value %d is %v, portably %v", name, s, i, dst[i], v)
				}
			}
		}
	}
}

// TestQuantExtremes: sums are at the edge of what integers hold, and values
// that are not finite do not get lost.
func TestQuantExtremes(t *testing.T) {
	eachQuant(func(name string) {
		const k, n = 700, 40
		w, a := make([]float32, n*k), make([]float32, 3*k)
		for i := range w {
			w[i] = 3
		}
		for i := range a {
			a[i] = -1e6
		}
		a[k+5], a[2*k+699] = float32(math.NaN()), float32(math.Inf(1))
		dst := make([]float32, 3*n)
		MulQuant(dst, n, a, k, 3, NewQuantWeights(w, n, k), new(Rounded))
		for j := range n {
			if got := float64(dst[j]); math.Abs(got/(-3e6*k)-1) > 1e-6 && (FastFormat() != "bfloat16" || math.Abs(got/(-3e6*k)-1) > 4e-3) {
				t.Fatalf("%s: %v, want %v", name, got, -3e6*k)
			}
			for i := 1; i < 3; i++ {
				if v := dst[i*n+j]; v-v == 0 {
					t.Fatalf("%s: row %d with a value that is not finite gave %v", name, i, v)
				}
			}
		}
		w[3*k+5] = 1e-40 // a column of such weights must not spoil the others
		clear(w[3*k : 3*k+5])
		clear(w[3*k+6 : 4*k])
		MulQuant(dst, n, a, k, 1, NewQuantWeights(w, n, k), new(Rounded))
		if got := float64(dst[2]); math.Abs(got/(-3e6*k)-1) > 4e-3 || math.Abs(float64(dst[3])) > 1e-30 {
			t.Fatalf("%s: beside a negligible column %v, in it %v", name, got, dst[3])
		}
		clear(w)
		MulQuant(dst, n, a, k, 1, NewQuantWeights(w, n, k), new(Rounded))
		for _, v := range dst[:n] {
			if v != 0 {
				t.Fatalf("%s: no weights gave %v", name, v)
			}
		}
	})
}

func BenchmarkMulQuant(b *testing.B) {
	eachQuant(func(name string) {
		for _, s := range [][3]int{{96, 1024, 1024}, {1370, 1024, 4096}, {1370, 4096, 1024}} {
			m, k, n := s[0], s[1], s[2]
			b.Run(fmt.Sprintf("%s/%d×%d×%d", name, m, k, n), func(b *testing.B) {
				rng := rand.New(rand.NewPCG(1, 1))
				lda, ldd := Stride(k), Stride(n)
				a, dst, w := random(rng, m*lda), make([]float32, m*ldd), NewQuantWeights(random(rng, k*n), n, k)
				var r Rounded
				for b.Loop() {
					for i := 0; i < m; i += 96 {
						MulQuant(dst[i*ldd:], ldd, a[i*lda:], lda, min(96, m-i), w, &r)
					}
				}
				b.ReportMetric(2*float64(m*k*n)*float64(b.N)/b.Elapsed().Seconds()/1e9, "GFLOP/s")
			})
		}
	})
}
