package pipeline

import (
	"context"
	"fmt"
	"reflect"
	"sort"
	"testing"

	"codegraph/internal/option"
	"codegraph/internal/stub"
	"codegraph/internal/token"
)

// TestStrips: images compared strip by strip, with tokens and the table on disk,
// give the result that they give in memory: maps, families, evidence and all.
func TestStrips(t *testing.T) {
	defer func(f func() int64) { InUse = f }(InUse)
	InUse = func() int64 { return 1000 }
	const n = 18
	o := option.Options{Backbone: stub.Network{}, Align: option.AlignOff, Precision: option.PrecisionExact, Threads: 2, Evidence: 200, Confirm: []string{"F1"}, SpillDir: t.TempDir()}
	set := stub.Plates(n, 128, stub.Every(3))
	whole, err := detect(context.Background(), set, o)
	if err != nil {
		t.Fatal(err)
	}
	if len(whole.Families) == 0 || whole.Families[0].Removed == 0 || whole.Evidence == nil {
		t.Fatalf("%d families: the test does not reach what it is about", len(whole.Families))
	}
	for _, block := range []int{1, 7, n - 1} {
		o.MaxMemory = limitOf(t, n, block, o)
		strips, err := detect(context.Background(), set, o)
		if err != nil {
			t.Fatal(err)
		}
		if p := strips.Plan; p.Block != block || !p.Spilled || !p.TokensSpilled {
			t.Fatalf("the plan is %+v, want strips of %d", p, block)
		}
		strips.Plan, strips.Timing, strips.Options.MaxMemory = whole.Plan, whole.Timing, 0
		a, b := reflect.ValueOf(*strips), reflect.ValueOf(*whole)
		for k := range a.NumField() {
			x, y := a.Field(k).Interface(), b.Field(k).Interface()
			if !reflect.DeepEqual(x, y) && (a.Type().Field(k).Name != "Images" || fmt.Sprint(x) != fmt.Sprint(y)) { // verdicts have NaN
				t.Errorf("strips of %d images give another %s", block, a.Type().Field(k).Name)
			}
		}
	}
}

// limitOf is the least limit at which n images are compared in strips of block.
func limitOf(t *testing.T, n, block int, o option.Options) int64 {
	t.Helper()
	o, err := option.Complete(o)
	if err != nil {
		t.Fatal(err)
	}
	s := token.NewStore(n, 2, 8, 8, o.Radii)
	f, err := o.Backbone.Forward(context.Background(), make([]float32, 3*32*32), 32, 32)
	if err == nil {
		err = s.Add(0, f)
	}
	if err != nil {
		t.Fatal(err)
	}
	return int64(sort.Search(1<<30, func(limit int) bool {
		o.MaxMemory = int64(max(1, limit))
		p, err := plan(s, Request{}, o)
		return err == nil && (!p.Spilled || p.Block >= block)
	}))
}
