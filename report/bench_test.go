package report_test

import (
	"context"
	"fmt"
	"image"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/eval/synth"
	"codegraph/report"
)

// BenchmarkWrite writes the output for 200 photographs of 1024 × 1024 on the
// disk, which it reads again: without a page, with one, with known truth. The
// difference is what the page takes.
//
//	go test -run '^$' -bench Write -benchtime 1x ./report
func BenchmarkWrite(b *testing.B) {
	const images, side, grid = 200, 1024, 28
	res := rendered(b, images, side, grid)
	truth := &report.Truth{Defective: make([]bool, images), Mask: func(_ context.Context, i, w, h int) ([]bool, error) {
		return maskOf(w, h, i*w+i, i*w+i+1, (i+1)*w+i), nil
	}}
	for i := range truth.Defective {
		truth.Defective[i] = i < images/2
	}
	for _, bb := range []struct {
		name  string
		page  bool
		truth *report.Truth
	}{{"files", false, nil}, {"page", true, nil}, {"truth", true, truth}} {
		b.Run(bb.name, func(b *testing.B) {
			o := report.Options{Version: "bench", Load: loadFile, Page: bb.page, Truth: bb.truth}
			dir := b.TempDir()
			for b.Loop() {
				if _, err := report.Write(b.Context(), dir, res, o); err != nil {
					b.Fatal(err)
				}
			}
			if info, err := os.Stat(filepath.Join(dir, report.PageName)); err == nil {
				b.ReportMetric(float64(info.Size())/1e6, "MB/page")
			}
		})
	}
}

func loadFile(ctx context.Context, item imageset.Item) (image.Image, error) {
	p, err := imageset.Load(ctx, item, imageset.Limits{})
	if err != nil {
		return nil, err
	}
	return p.Image, nil
}

// rendered is a result for n images, four that differ, with a similarity
// vector for every patch.
func rendered(b *testing.B, n, side, grid int) *codegraph.Result {
	b.Helper()
	samples, err := synth.Render(b.Context(), synth.Config{Kind: synth.Washer, Size: side, Good: 2, Rare: 1, Recurring: 1, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	dir := b.TempDir()
	for k, s := range samples {
		f, err := os.Create(filepath.Join(dir, fmt.Sprintf("%d.png", k)))
		if err != nil {
			b.Fatal(err)
		}
		if err := png.Encode(f, s.Image); err != nil {
			b.Fatal(err)
		}
		if err := f.Close(); err != nil {
			b.Fatal(err)
		}
	}
	res := fakeResult()
	res.GridH, res.GridW = grid, grid
	e := &codegraph.Evidence{Omega: 60, Alpha: 9, Ranks: []int{1, 2, 3, 4, 5, 6, 8, 11, 16, 23, 32, 45, 60, 64, 91, 128, 199}, Block: 1}
	e.Low, e.High = make([]float64, len(e.Ranks)), make([]float64, len(e.Ranks))
	for i := range n {
		var vectors []codegraph.Vector
		scores := make([]float32, grid*grid)
		for p := range scores {
			scores[p] = float32(math.Abs(math.Sin(float64(p*(i+1))))) / float32(i+1)
			v := codegraph.Vector{Patch: p, Nearest: []int32{0, 1, 2, 3, 4, 5}}
			for _, rank := range e.Ranks {
				v.Distances = append(v.Distances, scores[p]+float32(rank))
			}
			vectors = append(vectors, v)
		}
		e.Vectors = append(e.Vectors, vectors)
		res.Images = append(res.Images, codegraph.Image{
			Item:  imageset.Item{Name: fmt.Sprintf("part/%04d.png", i), Path: filepath.Join(dir, fmt.Sprintf("%d.png", i%len(samples)))},
			Width: side, Height: side, Rank: i + 1, Score: float64(n - i), Map: scores, MuScMap: scores, Family: -1,
		})
	}
	res.Evidence = e
	return res
}
