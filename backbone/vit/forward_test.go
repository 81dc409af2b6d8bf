package vit

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"codegraph/backbone"
	"codegraph/internal/checkpoint"
)

func image(h, w int) []float32 {
	x := make([]float32, 3*h*w)
	for i := range x {
		x[i] = float32((i*7919)%255)/64 - 2
	}
	return x
}

// TestConcurrent: images in flight at the same time, of different sizes, give
// what each gives alone.
func TestConcurrent(t *testing.T) {
	for _, folder := range []string{"dinov2", "dinov3"} {
		n, err := Open(filepath.Join("testdata", folder), Options{})
		if err != nil {
			t.Fatal(err)
		}
		sizes := [][2]int{{8, 8}, {20, 20}, {44, 20}, {12, 64}}
		var want []*backbone.Features
		for _, s := range sizes {
			f, err := n.Forward(context.Background(), image(s[0], s[1]), s[0], s[1])
			if err != nil {
				t.Fatal(err)
			}
			want = append(want, f)
		}
		var wg sync.WaitGroup
		for i := range 4 * len(sizes) {
			wg.Go(func() {
				s := sizes[i%len(sizes)]
				got, err := n.Forward(context.Background(), image(s[0], s[1]), s[0], s[1])
				if err != nil || !reflect.DeepEqual(got, want[i%len(sizes)]) {
					t.Errorf("%s: %v differs: %v", folder, s, err)
				}
			})
		}
		wg.Wait()
	}
}

// TestSharded: a checkpoint in two files gives the same network.
func TestSharded(t *testing.T) {
	dir := t.TempDir()
	whole, err := checkpoint.Open(filepath.Join("testdata", "dino-original"))
	if err != nil {
		t.Fatal(err)
	}
	defer whole.Close()
	shards := [2]tensors{{}, {}}
	weightMap := make(map[string]string)
	names := [2]string{"model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"}
	for i, name := range whole.Names() {
		shards[i%2][name] = whole.Tensor(name).Shape
		weightMap[name] = names[i%2]
	}
	for i, ts := range shards {
		data := ts.encode(t, func(name string, k int) float32 { return values(t, whole, name)[k] })
		if err := os.WriteFile(filepath.Join(dir, names[i]), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	index, err := json.Marshal(map[string]any{"weight_map": weightMap})
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range map[string][]byte{"model.safetensors.index.json": index, "config.json": []byte(`{"num_attention_heads":2}`)} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, dir, filepath.Join("testdata", "dino"), tolerance)
}

// TestResample: any resizing keeps a constant, and the same size keeps all.
func TestResample(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g, h, w := rapid.IntRange(1, 9).Draw(t, "grid"), rapid.IntRange(1, 12).Draw(t, "h"), rapid.IntRange(1, 12).Draw(t, "w")
		a := Arch{
			Family: rapid.SampledFrom([]Family{CLIP, DINO, DINOv2, SigLIP}).Draw(t, "family"),
			Width:  2, Grid: g, Registers: rapid.IntRange(0, 1).Draw(t, "registers"),
		}
		p := make([]float32, 2*g*g)
		for i := range p {
			p[i] = 3
		}
		out := a.resizePosition(p, h, w)
		if len(out) != 2*h*w {
			t.Fatalf("%d values", len(out))
		}
		for _, v := range out {
			if v < 2.9999 || v > 3.0001 {
				t.Fatalf("a constant of 3 became %v", v)
			}
		}
	})
}
