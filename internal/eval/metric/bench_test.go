package metric

import (
	"math"
	"math/rand/v2"
	"runtime"
	"testing"
)

// BenchmarkPixels reports what a pixel costs in time and kept memory.
//
//	go test -run - -bench Pixels/200x1024 ./internal/eval/metric/
//
// is the largest set that the package is meant for; -short leaves it out.
func BenchmarkPixels(b *testing.B) {
	b.Run("20x518", func(b *testing.B) { benchmarkPixels(b, 20, 518) })
	b.Run("200x1024", func(b *testing.B) {
		if testing.Short() {
			b.Skip("takes seconds")
		}
		benchmarkPixels(b, 200, 1024)
	})
}

func benchmarkPixels(b *testing.B, n, size int) {
	scores, mask := make([]float32, size*size), make([]bool, size*size)
	for range b.N {
		var p Pixels
		for i := range n {
			b.StopTimer()
			render(scores, mask, size, uint64(i))
			b.StartTimer()
			if err := p.Add(scores, mask, size, size); err != nil {
				b.Fatal(err)
			}
		}
		b.StopTimer()
		kept := 0
		for _, r := range p.runs {
			kept += cap(r.code)
		}
		b.StartTimer()
		if _, err := p.Figures(); err != nil {
			b.Fatal(err)
		}
		b.ReportMetric(float64(kept)/float64(n*size*size), "kept-B/pixel")
		runtime.KeepAlive(&p)
	}
	b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(n*size*size), "ns/pixel")
}

// render draws waves with noise and three defects.
func render(scores []float32, mask []bool, size int, seed uint64) {
	rng := rand.New(rand.NewPCG(seed, 9))
	fx, fy := rng.Float64()*30, rng.Float64()*30
	wave := make([]float64, 2*size)
	for i := range size {
		wave[i] = math.Sin(fx * float64(i) / float64(size))
		wave[size+i] = math.Cos(fy * float64(i) / float64(size))
	}
	for i := range scores {
		x, y := i%size, i/size
		scores[i] = float32(0.3 + 0.05*wave[x]*wave[size+y] + 0.02*rng.Float64())
		mask[i] = false
	}
	for range 3 {
		u, v, r := rng.IntN(size), rng.IntN(size), 1+rng.IntN(size/10)
		for y := max(0, v-r); y < min(size, v+r); y++ {
			for x := max(0, u-r); x < min(size, u+r); x++ {
				mask[y*size+x] = true
				scores[y*size+x] += 0.03
			}
		}
	}
}
