package main

import (
	"fmt"
	"image/png"
	"io"
	"os"
	"path/filepath"
	"testing"

	"codegraph/internal/eval/synth"
	"codegraph/internal/perf"
)

// BenchmarkLater is the time from a file of 800 × 800 that is sent to a server to
// its verdict in the answer, against a scan of 100 images with the embedded
// network that the server has in memory. The scan before takes half a minute or
// so.
//
//	go test -run '^$' -bench Later -benchtime 40x ./cmd/codegraph
func BenchmarkLater(b *testing.B) {
	batch, snapshots, later := b.TempDir(), b.TempDir(), [2]string{b.TempDir(), b.TempDir()}
	samples, err := synth.Render(b.Context(), synth.Config{Kind: synth.Washer, Size: 800, Good: 90, Rare: 4, Recurring: 8, Seed: 1})
	if err != nil {
		b.Fatal(err)
	}
	for i, s := range samples {
		dir := batch
		if i >= 100 {
			dir = later[i-100]
		}
		writePNG(b, filepath.Join(dir, fmt.Sprintf("%03d.png", i)), s)
	}
	args := []string{"scan", "--quiet", "--no-report", "--out", filepath.Join(b.TempDir(), "out"), "--save-snapshot", filepath.Join(snapshots, "line4.snapshot"), batch}
	if code := run(b.Context(), args, io.Discard, os.Stderr, builtin); code != exitDone {
		b.Fatalf("exit code %d", code)
	}
	url, end := serving(b, builtin, "--data", b.TempDir(), "--snapshots", snapshots)
	send := func(i int) {
		if names := post(b, url, `{"snapshot":"line4"}`, later[i%2]); len(names) != 1 {
			b.Fatalf("scored %q", names)
		}
	}
	send(0) // reads the snapshot, and lays out its tokens
	before := perf.ProcessTime()
	for i := 1; b.Loop(); i++ {
		send(i)
	}
	b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/image")
	b.ReportMetric(float64((perf.ProcessTime()-before).Milliseconds())/float64(b.N), "cpu-ms/image")
	if code := end(); code != exitDone {
		b.Errorf("exit code %d", code)
	}
}

func writePNG(b *testing.B, path string, s synth.Sample) {
	b.Helper()
	f, err := os.Create(path)
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
