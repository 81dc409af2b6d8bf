package codegraph_test

import (
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/eval/synth"
)

// BenchmarkLater is the time from a file of 800 × 800 to its verdict, against a
// scan of 100 images with the embedded network that is in memory, as in a warm
// server. The scan before takes a minute or so.
//
//	go test -run '^$' -bench Later -benchtime 20x .
func BenchmarkLater(b *testing.B) {
	images := washers(b, 102)
	_, snapshot, err := codegraph.Scan(b.Context(), images[:100], codegraph.Options{})
	if err != nil {
		b.Fatal(err)
	}
	later := func(i int) {
		res, err := snapshot.Score(b.Context(), images[100+i%2:][:1], codegraph.Options{})
		if err != nil {
			b.Fatal(err)
		}
		if len(res.Images) != 1 {
			b.Fatalf("%d images scored", len(res.Images))
		}
	}
	later(0) // lays out the tokens of the scan
	for i := 0; b.Loop(); i++ {
		later(i)
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/image")
}

// washers renders n washers of 800 × 800 as PNG files.
func washers(tb testing.TB, n int) imageset.Set {
	tb.Helper()
	samples, err := synth.Render(tb.Context(), synth.Config{Kind: synth.Washer, Size: 800, Good: n - 12, Rare: 4, Recurring: 8, Seed: 1})
	if err != nil {
		tb.Fatal(err)
	}
	dir, set := tb.TempDir(), imageset.Set{}
	for i, s := range samples {
		path := filepath.Join(dir, fmt.Sprintf("%03d.png", i))
		f, err := os.Create(path)
		if err != nil {
			tb.Fatal(err)
		}
		if err := png.Encode(f, s.Image); err != nil {
			tb.Fatal(err)
		}
		if err := f.Close(); err != nil {
			tb.Fatal(err)
		}
		set = append(set, imageset.Item{Name: filepath.Base(path), Path: path})
	}
	return set
}
