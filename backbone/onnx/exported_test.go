//go:build !noonnx

package onnx

import (
	"context"
	"math"
	"os"
	"path/filepath"
	"testing"

	"codegraph/backbone/vit"
)

// TestExported: a transformer exported from PyTorch gives the tokens that
// package vit makes of its checkpoint. See testdata/vit.py.
func TestExported(t *testing.T) {
	dir := os.Getenv("CODEGRAPH_ONNX_VIT")
	if dir == "" {
		t.Skip("CODEGRAPH_ONNX_VIT names no folder made by testdata/vit.py")
	}
	n := open(t, filepath.Join(dir, "net.onnx"))
	native, err := vit.Open(filepath.Join(dir, "model.safetensors"), vit.Options{})
	if err != nil {
		t.Fatal(err)
	}
	size := n.Info().Size
	got, err := n.Forward(context.Background(), waves(size), size, size)
	if err != nil {
		t.Fatal(err)
	}
	want, err := native.Forward(context.Background(), waves(size), size, size)
	if err != nil {
		t.Fatal(err)
	}
	if len(got.Layers) != len(want.Layers) {
		t.Fatalf("%d layers, want %d", len(got.Layers), len(want.Layers))
	}
	for i, m := range got.Layers {
		equal(t, n.Info().Layers[i], m.Data, want.Layers[i].Data)
	}
	equal(t, "class token", got.Class, want.Class)
}

// equal compares to 1e-4 of the greatest value.
func equal(t *testing.T, what string, got, want []float32) {
	t.Helper()
	if len(got) != len(want) {
		t.Fatalf("%s: %d values, want %d", what, len(got), len(want))
	}
	var worst, scale float64
	for k, v := range want {
		worst, scale = max(worst, math.Abs(float64(got[k])-float64(v))), max(scale, math.Abs(float64(v)))
	}
	t.Logf("%s: error %.1e", what, worst/scale)
	if !(worst <= 1e-4*scale) {
		t.Errorf("%s: error %.1e", what, worst/scale)
	}
}
