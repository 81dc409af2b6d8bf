package main

import (
	"context"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"codegraph/backbone"
	"codegraph/backbone/effnet"
	"codegraph/imageset"
)

// TestRead reads the configurations of the tables, which begin with the program's
// default.
func TestRead(t *testing.T) {
	b, err := effnet.Default()
	if err != nil {
		t.Fatal(err)
	}
	info := b.Info()
	for _, file := range []string{"configurations", "whole"} {
		lines, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		local := slices.DeleteFunc(strings.Split(string(lines), "\n"), func(l string) bool {
			return strings.HasPrefix(l, "lite1") // its weights are not here
		})
		all, err := read(strings.NewReader(strings.Join(local, "\n")), "")
		if err != nil {
			t.Fatal(err)
		}
		if c := all[0]; c.learnt || c.net == nil || c.net.Info().Digest != info.Digest || c.size != info.Size || c.grid != info.Grid || !slices.Equal(c.radii, info.Radii) {
			t.Errorf("%s: the first line gives %+v, want the defaults", file, c)
		}
		if c := all[len(all)-1]; file == "configurations" && (!c.learnt || c.net == nil) {
			t.Errorf("the last line gives %+v, want a network and the learnt descriptor", c)
		}
	}
	for _, bad := range []string{"lite0", "lite0 9 448 28 1", "lite0 3 x 28 1", "lite0 3 448 28 1,", "none 3 448 28 1"} {
		if _, err := read(strings.NewReader(bad), t.TempDir()); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// noise makes n images of coloured noise.
func noise(n, side int) imageset.Set {
	rng := rand.New(rand.NewPCG(1, 2))
	var items imageset.Set
	for range n {
		im := image.NewNRGBA(image.Rect(0, 0, side, side))
		for i := range side * side {
			im.SetNRGBA(i%side, i/side, color.NRGBA{uint8(rng.Uint32()), uint8(rng.Uint32()), uint8(rng.Uint32()), 255})
		}
		items = append(items, imageset.Item{Pixels: im})
	}
	return items
}

// TestLearnt: over the batch it was learnt from, the dimensions of the
// descriptor have variance 1 and are not correlated.
func TestLearnt(t *testing.T) {
	ctx, items := context.Background(), noise(4, 64)
	l, err := learn(ctx, config{learnt: true, size: 64, grid: 16}, items)
	if err != nil {
		t.Fatal(err)
	}
	var maps []backbone.Map
	for _, it := range items {
		p, err := imageset.Load(ctx, it, imageset.Limits{})
		if err != nil {
			t.Fatal(err)
		}
		f, err := l.Forward(ctx, p.Tensor(64, 64, imageset.Bicubic, l.info.Mean, l.info.Std), 64, 64)
		if err != nil {
			t.Fatal(err)
		}
		maps = append(maps, f.Layers[0])
	}
	for a := range width {
		for b := range a + 1 {
			var u, v, uv, n float64
			for _, m := range maps {
				for i := 0; i < len(m.Data); i += width {
					x, y := float64(m.Data[i+a]), float64(m.Data[i+b])
					u, v, uv, n = u+x, v+y, uv+x*y, n+1
				}
			}
			want := 0.0
			if a == b {
				want = 1
			}
			if got := (uv - u*v/n) / (n - 1); math.Abs(got-want) > 1e-2 {
				t.Fatalf("dimensions %d and %d: covariance %v, want %v", a, b, got, want)
			}
		}
	}
}
