package vit

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"runtime"
	"sync"
	"testing"

	"codegraph/internal/nn"
)

// random makes a network of random weights.
func random(a Arch, words bool) *Network {
	rng := rand.New(rand.NewPCG(1, 1))
	values := func(n int, scale float64) []float32 {
		v := make([]float32, n)
		for i := range v {
			v[i] = float32((rng.Float64() - 0.5) * scale)
		}
		return v
	}
	layer := func(in, out int) linear {
		pack := newLinear
		if words {
			pack = newWords
		}
		return pack(values(in*out, 2/math.Sqrt(float64(in))), values(out, 0.1), in, out)
	}
	one := func() norm {
		w := values(a.Width, 0.1)
		for i := range w {
			w[i]++
		}
		return norm{w, values(a.Width, 0.1), 1e-6}
	}
	n := &Network{
		arch: a, patch: layer(3*a.Patch*a.Patch, a.Width), prefix: values(a.prefix()*a.Width, 1),
		position: values(a.Grid*a.Grid*a.Width, 1), final: one(), grids: make(map[[2]int]*grid),
	}
	for range a.Depth {
		b := &block{norm1: one(), qkv: layer(a.Width, 3*a.Width), out: layer(a.Width, a.Width), norm2: one(), act: nn.GELU}
		b.up, b.down = layer(a.Width, a.Hidden), layer(a.Hidden, a.Width)
		n.blocks = append(n.blocks, b)
	}
	n.info = a.info("")
	return n
}

var (
	base  = Arch{Family: DINOv2, Width: 768, Depth: 12, Heads: 12, Hidden: 3072, Patch: 14, Grid: 37, ClassToken: true, Taps: taps(12)}
	large = Arch{Family: DINOv2, Width: 1024, Depth: 24, Heads: 16, Hidden: 4096, Patch: 14, Grid: 37, ClassToken: true, Taps: taps(24)}
)

// operations counts the floating-point operations of an image.
func operations(a Arch, size int) float64 {
	p := float64(size / a.Patch * (size / a.Patch))
	t, c := p+float64(a.prefix()), float64(a.Width)
	perBlock := 2*t*c*(4*c+2*float64(a.Hidden)) + 4*t*t*c
	return float64(a.Depth)*perBlock + 2*p*c*float64(3*a.Patch*a.Patch)
}

// BenchmarkForward embeds one image per processor at a time and reports the
// time of an image and the rate of all.
func BenchmarkForward(b *testing.B) {
	for _, tc := range []struct {
		arch Arch
		fast bool
	}{{base, false}, {base, true}, {large, false}, {large, true}} {
		a := tc.arch
		b.Run(fmt.Sprintf("%s/fast=%t", a.Name(), tc.fast), func(b *testing.B) {
			n, size := random(a, tc.fast), 518
			x := make([]float32, 3*size*size)
			for i := range x {
				x[i] = float32(i%255)/128 - 1
			}
			for b.Loop() {
				var wg sync.WaitGroup
				for range runtime.GOMAXPROCS(0) {
					wg.Go(func() {
						if _, err := n.Forward(context.Background(), x, size, size); err != nil {
							b.Error(err)
						}
					})
				}
				wg.Wait()
			}
			images := float64(b.N * runtime.GOMAXPROCS(0))
			b.ReportMetric(b.Elapsed().Seconds()/images, "s/image")
			b.ReportMetric(operations(a, size)*images/b.Elapsed().Seconds()/1e9, "GFLOP/s")
		})
	}
}
