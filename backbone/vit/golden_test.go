package vit

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"codegraph/internal/checkpoint"
)

// tolerance is the largest error of a token's value, relative to the greatest
// value of its layer.
const tolerance = 1e-5

// TestGolden compares every layout of every family with transformers, on
// random weights: see testdata/golden.py.
func TestGolden(t *testing.T) {
	for _, tc := range []struct{ folder, golden string }{
		{"clip", "clip"}, {"clip-open_clip", "clip"}, {"clip-timm", "clip"}, {"clip-torchscript", "clip"},
		{"clip-gelu", "clip-gelu"}, {"clip-gelu-open_clip", "clip-gelu"}, {"clip-gelu-timm", "clip-gelu"},
		{"dinov2", "dinov2"}, {"dinov2-original", "dinov2"}, {"dinov2-teacher", "dinov2"},
		{"dinov2-registers", "dinov2-registers"}, {"dinov2-registers-original", "dinov2-registers"}, {"dinov2-registers-timm", "dinov2-registers"},
		{"dino", "dino"}, {"dino-original", "dino"},
		{"dinov3", "dinov3"}, {"dinov3-timm", "dinov3"},
		{"dinov3-gated", "dinov3-gated"}, {"dinov3-gated-timm", "dinov3-gated"},
		{"siglip", "siglip"},
	} {
		t.Run(tc.folder, func(t *testing.T) {
			golden(t, filepath.Join("testdata", tc.folder), filepath.Join("testdata", tc.golden), tolerance)
		})
	}
}

// TestFastGolden holds the tokens of words to a cosine of 0.9999 with the
// references, and of class tokens.
func TestFastGolden(t *testing.T) {
	for _, folder := range []string{"clip", "clip-gelu", "dinov2", "dinov2-registers", "dino", "dinov3", "dinov3-gated", "siglip"} {
		t.Run(folder, func(t *testing.T) {
			dir := filepath.Join("testdata", folder)
			fastGolden(t, dir, dir)
		})
	}
}

func fastGolden(t *testing.T, folder, reference string) {
	n, err := read(folder, true)
	if err != nil {
		t.Fatal(err)
	}
	exact, err := read(folder, false)
	if err != nil {
		t.Fatal(err)
	}
	if n.Info().Digest == exact.Info().Digest {
		t.Error("networks of different tokens have one digest")
	}
	lowest := 1.0
	eachReference(t, reference, func(ref *checkpoint.File, size string, h, w int) {
		f, err := n.Forward(context.Background(), values(t, ref, size+".x"), h, w)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range f.Layers {
			lowest = min(lowest, lowestCosine(m.Data, values(t, ref, size+"."+n.Info().Layers[i]), m.C))
		}
		if f.Class != nil {
			lowest = min(lowest, lowestCosine(f.Class, values(t, ref, size+".class"), len(f.Class)))
		}
	})
	t.Logf("lowest cosine: 1 − %.1e", 1-lowest)
	if !(lowest >= 0.9999) {
		t.Errorf("a token has a cosine of %v with its reference", lowest)
	}
}

// lowestCosine is the lowest between rows of c values.
func lowestCosine(got, want []float32, c int) float64 {
	lowest := 1.0
	for i := 0; i < len(want); i += c {
		var xy, xx, yy float64
		for j, y := range want[i : i+c] {
			x := float64(got[i+j])
			xy, xx, yy = xy+x*float64(y), xx+x*x, yy+float64(y)*float64(y)
		}
		lowest = min(lowest, xy/math.Sqrt(xx*yy))
	}
	return lowest
}

// TestGoldenFull does the same with networks of full width and depth, which
// golden.py --full makes.
func TestGoldenFull(t *testing.T) {
	dir := os.Getenv("CODEGRAPH_VIT_GOLDEN")
	if dir == "" {
		t.Skip("CODEGRAPH_VIT_GOLDEN names no folder made by testdata/golden.py --full")
	}
	folders, err := filepath.Glob(filepath.Join(dir, "*", "model.safetensors"))
	if err != nil || len(folders) == 0 {
		t.Fatalf("no checkpoints in %s: %v", dir, err)
	}
	for _, path := range folders {
		folder := filepath.Dir(path)
		want := folder
		for _, layout := range []string{"-open_clip", "-original", "-timm"} {
			want = strings.TrimSuffix(want, layout)
		}
		t.Run(filepath.Base(folder), func(t *testing.T) { golden(t, folder, want, 1e-4) })
		t.Run(filepath.Base(folder)+" fast", func(t *testing.T) { fastGolden(t, folder, want) })
	}
}

// golden compares the network in folder with the reference in another.
func golden(t *testing.T, folder, reference string, tolerance float64) {
	n, err := Open(folder, Options{})
	if err != nil {
		t.Fatal(err)
	}
	worst := 0.0
	eachReference(t, reference, func(ref *checkpoint.File, size string, h, w int) {
		f, err := n.Forward(context.Background(), values(t, ref, size+".x"), h, w)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range f.Layers {
			layer := n.Info().Layers[i]
			e := relativeError(t, m.Data, values(t, ref, size+"."+layer))
			worst = max(worst, e)
			if !(e <= tolerance) {
				t.Errorf("%s %s: error %.2e, tolerated %.0e", size, layer, e, tolerance)
			}
		}
		if ref.Tensor(size+".class") == nil {
			if f.Class != nil {
				t.Errorf("%s: a class token where the reference has none", size)
			}
			return
		}
		if e := relativeError(t, f.Class, values(t, ref, size+".class")); !(e <= tolerance) {
			t.Errorf("%s class token: error %.2e, tolerated %.0e", size, e, tolerance)
		} else {
			worst = max(worst, e)
		}
	})
	t.Logf("greatest error %.1e", worst)
}

// eachReference calls f for every size of image in a golden file.
func eachReference(t *testing.T, folder string, f func(ref *checkpoint.File, size string, h, w int)) {
	t.Helper()
	ref, err := checkpoint.Open(filepath.Join(folder, "golden.safetensors"))
	if err != nil {
		t.Fatal(err)
	}
	defer ref.Close()
	for _, name := range ref.Names() {
		size, ok := strings.CutSuffix(name, ".x")
		if !ok {
			continue
		}
		var h, w int
		if _, err := fmt.Sscanf(size, "%dx%d", &h, &w); err != nil {
			t.Fatal(err)
		}
		f(ref, size, h, w)
	}
}

func values(t *testing.T, f *checkpoint.File, name string) []float32 {
	t.Helper()
	if f.Tensor(name) == nil {
		t.Fatalf("the golden file has no %s", name)
	}
	v, err := f.Tensor(name).Float32s()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

// relativeError is max |got − want| / max |want|.
func relativeError(t *testing.T, got, want []float32) float64 {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%d values, want %d", len(got), len(want))
	}
	var worst, scale float64
	for i := range want {
		worst = max(worst, math.Abs(float64(got[i])-float64(want[i])))
		scale = max(scale, math.Abs(float64(want[i])))
	}
	return worst / scale
}
