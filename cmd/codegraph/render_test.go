package main

import (
	"bytes"
	"path/filepath"
	"testing"
)

// What synth writes is what the samples say, for the renderer of the program.
func TestRenderBatch(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "batch")
	var stdout, stderr bytes.Buffer
	args := []string{"synth", "--good", "3", "--rare", "2", "--recurring", "1", "--size", "64", "--out", out}
	if code := run(t.Context(), args, &stdout, &stderr, builtin); code != 0 {
		t.Fatalf("exit code %d: %s", code, &stderr)
	}
	if got := tree(t, out); len(got) != 6+3 {
		t.Errorf("6 images, 3 of them with masks, gave %v", got)
	}
	samples, err := renderBatch(t.Context(), batchSpec{Kind: "bracket", Good: 1, Recurring: 1, VariantShare: 0, Size: 64}, t.TempDir())
	if err != nil || len(samples) != 2 || samples[0].Mask != "" || !samples[1].Recurring || samples[1].Mask == "" {
		t.Errorf("samples %+v, %v", samples, err)
	}
}
