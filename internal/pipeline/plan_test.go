package pipeline

import (
	"context"
	"os"
	"testing"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/stub"
	"codegraph/internal/token"
)

// TestPlanOfLargeBatch: 300 images of the shape of ViT-L/14 at 518 pixels fit
// into 2 GiB.
func TestPlanOfLargeBatch(t *testing.T) {
	const n, side, channels, layers = 300, 37, 1024, 4
	s := token.NewStore(n, layers, side, side, []int{1, 3, 5})
	f := new(backbone.Features)
	for range layers {
		f.Layers = append(f.Layers, backbone.Map{H: side, W: side, C: channels, Data: make([]float32, side*side*channels)})
	}
	if err := s.Add(0, f); err != nil {
		t.Fatal(err)
	}
	for _, q := range []Request{{}, {Queries: 16}} {
		p, err := plan(s, q, option.Options{MaxMemory: 2 << 30, Align: option.AlignOff, Threads: 2, Precision: option.PrecisionExact})
		if err != nil {
			t.Fatal(err)
		}
		if !p.Spilled || !p.TokensSpilled || p.Block < 32 || p.Other+p.Working > 2<<30 {
			t.Errorf("with %+v the plan is %+v", q, p)
		}
	}
}

// TestPlanOf10000: 10 000 images of the embedded network on 20 × 20 patches fit
// into 4 GiB, in strips wide enough that laying out tokens is a small part.
func TestPlanOf10000(t *testing.T) {
	s := token.NewStore(10000, 3, 20, 20, []int{1})
	f := new(backbone.Features)
	for _, c := range []int{24, 80, 112} {
		f.Layers = append(f.Layers, backbone.Map{H: 20, W: 20, C: c, Data: make([]float32, 400*c)})
	}
	if err := s.Add(0, f); err != nil {
		t.Fatal(err)
	}
	p, err := plan(s, Request{}, option.Options{MaxMemory: 4 << 30, Align: option.AlignAuto, Threads: 2, Precision: option.PrecisionFast})
	if err != nil || !p.Spilled || p.Block < enough || p.Table != 160e9 || p.Other+p.Working > 4<<30 {
		t.Errorf("the plan is %+v: %v", p, err)
	}
	t.Logf("strips of %d images, %d MiB in use", p.Block, (p.Other+p.Working)>>20)
}

// TestSpilled: what goes to disk, and how many images are laid out at a time,
// does not show in the scores.
func TestSpilled(t *testing.T) {
	defer func(f func() int64) { InUse = f }(InUse)
	InUse = func() int64 { return 1000 }
	ctx, set, o := context.Background(), stub.Plates(10, 128, stub.Every(4)), plateOptions()
	memory, err := detect(ctx, set, o)
	if err != nil {
		t.Fatal(err)
	}
	o.SpillDir = t.TempDir()
	p := memory.Plan
	for _, c := range []struct {
		limit          int64
		tables, tokens bool
	}{
		{p.Other + p.Tokens + p.Table + p.Working, false, false},
		{p.Other + p.Tokens + p.Table + p.Working - 1, true, false},
		{p.Other + p.Working, true, true},
		{p.Other + p.Working*4/5, true, true},
	} {
		o.MaxMemory = c.limit
		spilled, err := detect(ctx, set, o)
		if err != nil {
			t.Fatal(err)
		}
		if p := spilled.Plan; p.Spilled != c.tables || p.TokensSpilled != c.tokens || (p.Block > 0) != c.tables || p.Working+p.Other > c.limit {
			t.Errorf("within %d bytes the plan is %+v", c.limit, p)
		}
		for i, im := range spilled.Images {
			if im.Score != memory.Images[i].Score {
				t.Errorf("within %d bytes image %d scores %v, in memory %v", c.limit, i, im.Score, memory.Images[i].Score)
			}
		}
	}
	if left, _ := os.ReadDir(o.SpillDir); len(left) != 0 {
		t.Errorf("%v was left behind", left)
	}
	o.MaxMemory = 1 << 10
	if _, err := detect(ctx, set, o); err == nil {
		t.Error("a limit of 1 KiB is not refused")
	}
	if left, _ := os.ReadDir(o.SpillDir); len(left) != 0 {
		t.Errorf("%v was left behind by the run that failed", left)
	}
}

// detect is Detect with options that need not be complete.
func detect(ctx context.Context, images imageset.Set, o option.Options) (*Result, error) {
	o, err := option.Complete(o)
	if err != nil {
		return nil, err
	}
	return Detect(ctx, images, o)
}

func plateOptions() option.Options {
	return option.Options{Size: 192, Grid: 16, Radii: []int{1, 3}, Align: option.AlignOff, Precision: option.PrecisionExact, Threads: 2}
}
