package family

import (
	"context"
	"runtime"
	"testing"

	"codegraph/internal/burnout"
	"codegraph/internal/mutual"
)

// BenchmarkFind searches a batch of 167 images, 28 × 28 patches each, with
// two defects and a finish.
func BenchmarkFind(b *testing.B) {
	batch := newBatch(167, 784, 3)
	batch.share(span(4, 60), span(200, 600), 0.7, 1.1)
	batch.share(span(0, 12), span(30, 60), 0.6, 1.3)
	batch.share(span(80, 100), span(700, 706), 0.6, 1.3)
	threads := runtime.GOMAXPROCS(0)
	links, err := burnout.Select(context.Background(), batch.Table, burnout.Params{Omega: 0.4, Beta: 1, Coverage: 0.95, Threads: threads})
	if err != nil {
		b.Fatal(err)
	}
	scores := batch.Scores(mutual.Neighbours(batch.N, defaults.Neighbours), threads)
	p := defaults
	p.Threads = threads
	var f *Finding
	for b.Loop() {
		if f, err = Find(context.Background(), batch.Table, scores, links, p); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(f.Families)), "families")
	b.ReportMetric(float64(len(f.Suspicious)+len(f.Proposed)), "groups")
}
