package gemm

import (
	"fmt"
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

func TestMul(t *testing.T) {
	each(func(name string) {
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
	each(func(name string) {
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

func BenchmarkMul(b *testing.B) {
	each(func(name string) {
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
