package perf

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"testing"

	"codegraph/internal/cpu"
	"codegraph/internal/knn"
)

func TestMeasure(t *testing.T) {
	t.Parallel()
	shapes := []Shape{{"small", 64, []int{16, 16}}, {"wide", 96, []int{64}}}
	r, err := measure(context.Background(), shapes)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Kernels) < len(cpu.Available()) || r.Cores < 1 {
		t.Fatalf("%d kernels on %d cores", len(r.Kernels), r.Cores)
	}
	for _, k := range r.Kernels {
		if !(k.GFLOPS > 0 && k.Peak > 0) || math.Abs(k.Fraction-k.GFLOPS/k.Peak) > 1e-9 {
			t.Errorf("%+v", k)
		}
		if len(k.Speeds) != len(shapes) {
			t.Errorf("%s: %d shapes", k.Name, len(k.Speeds))
		}
		for _, s := range k.Speeds {
			// Images per minute fall with N − 1.
			a, b := s.ImagesPerMinute[0], s.ImagesPerMinute[1]
			if got, want := a.Rate/b.Rate, float64(b.Images-1)/float64(a.Images-1); math.Abs(got-want) > 1e-6 {
				t.Errorf("%s, %s: rates %v and %v", k.Name, s.Name, a, b)
			}
		}
	}
}

func TestMeasureCancelled(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if _, err := Measure(ctx); !errors.Is(err, context.Canceled) {
		t.Fatalf("error %v, want context.Canceled", err)
	}
}

// BenchmarkSearch reports each kernel's share of its peak.
func BenchmarkSearch(b *testing.B) {
	for _, t := range targets() {
		for _, s := range [][2]int{{784, 24}, {784, 40}, {784, 80}, {784, 112}, {1369, 384}, {1369, 1024}} {
			b.Run(fmt.Sprintf("%v/P=%d/C=%d", t, s[0], s[1]), func(b *testing.B) {
				runtime.LockOSThread()
				defer runtime.UnlockOSThread()
				restore, err := knn.Use(t.kernel)
				if err != nil {
					b.Fatal(err)
				}
				defer restore()
				var best speed
				for b.Loop() {
					m := measureSearch(s[0], s[1], t.fast)
					best = speed{max(best.search, m.search), max(best.peak, m.peak)}
				}
				b.ReportMetric(best.search/1e9, "Gop/s")
				b.ReportMetric(best.peak/1e9, "peak-Gop/s")
				b.ReportMetric(100*best.search/best.peak, "%peak")
			})
		}
	}
}
