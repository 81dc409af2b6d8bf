package codegraph

import (
	"context"
	"os"
	"testing"
)

// TestSpilled: what goes to disk, and how many images are laid out at a time,
// does not show in the scores.
func TestSpilled(t *testing.T) {
	defer func(f func() int64) { inUse = f }(inUse)
	inUse = func() int64 { return 1000 }
	ctx, set, o := context.Background(), plates(10, every(4)), plateOptions()
	memory, err := Detect(ctx, set, o)
	if err != nil {
		t.Fatal(err)
	}
	o.SpillDir = t.TempDir()
	p := memory.Plan
	for _, c := range []struct {
		limit                 int64
		tables, tokens, block bool
	}{
		{p.Other + p.Tokens + p.Table + p.Working, false, false, false},
		{p.Other + p.Tokens + p.Working, true, false, false},
		{p.Other + p.Working, true, true, false},
		{p.Other + p.Working - 1, true, true, true},
	} {
		o.MaxMemory = c.limit
		spilled, err := Detect(ctx, set, o)
		if err != nil {
			t.Fatal(err)
		}
		if p := spilled.Plan; p.Spilled != c.tables || p.TokensSpilled != c.tokens || (p.Block > 0) != c.block || p.Working+p.Other > c.limit {
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
	if _, err := Detect(ctx, set, o); err == nil {
		t.Error("a limit of 1 KiB is not refused")
	}
	if left, _ := os.ReadDir(o.SpillDir); len(left) != 0 {
		t.Errorf("%v was left behind by the run that failed", left)
	}
}
