package codegraph_test

import (
	"context"
	"fmt"
	"image"
	"image/color"
	"strings"
	"testing"

	"codegraph"
	"codegraph/backbone/effnet"
	"codegraph/imageset"
	"codegraph/internal/cache"
	"codegraph/internal/eval/synth"
	"codegraph/internal/stub"
	"codegraph/internal/verdict"
)

// TestAnswersHelp: right answers about families never raise the number of wrong
// verdicts, good parts that fail and defective ones that pass.
func TestAnswersHelp(t *testing.T) {
	t.Parallel()
	asked := 0
	for _, every := range []int{4, 5} {
		set, defective := stampedBatch(40, every)
		asked += answer(t, fmt.Sprintf("every %d", every), set, defective, codegraph.Options{Backbone: stub.Network{}, Threads: 2, Align: codegraph.AlignOff})
	}
	net, err := effnet.Named("lite0")
	if err != nil {
		t.Fatal(err)
	}
	features, err := cache.Open(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	for _, batch := range []struct {
		kind  synth.Kind
		seed  uint64
		align codegraph.Align
	}{
		{synth.Bracket, 5, codegraph.AlignAuto}, {synth.Bracket, 6, codegraph.AlignAuto},
		{synth.Bracket, 7, codegraph.AlignAuto}, {synth.Bracket, 8, codegraph.AlignAuto},
		{synth.Washer, 8, codegraph.AlignOff},
	} {
		samples, err := synth.Render(context.Background(), synth.Config{Kind: batch.kind, Size: 128, Seed: batch.seed, Good: 24, Rare: 4, Recurring: 8})
		if err != nil {
			t.Fatal(err)
		}
		var set imageset.Set
		var defective []bool
		for _, s := range samples {
			set = append(set, imageset.Item{Name: s.Name, Pixels: s.Image})
			defective = append(defective, s.Type != synth.TypeGood)
		}
		o := codegraph.Options{Backbone: net, Size: 128, Grid: 8, Threads: 2, Cache: features, Align: batch.align}
		asked += answer(t, fmt.Sprintf("%s, seed %d", batch.kind, batch.seed), set, defective, o)
	}
	if asked == 0 {
		t.Error("there is no family to answer about")
	}
}

// stampedBatch has a stamp on every so many plates, a harmless finish on every
// third, and two plates with a defect of their own.
func stampedBatch(n, every int) (imageset.Set, []bool) {
	set := stub.Stamped(n, stub.Every(every))
	defective := make([]bool, n)
	for i := range n {
		if i%3 == 1 {
			img := set[i].Pixels.(*image.Gray)
			for y := range img.Rect.Dy() / 2 {
				for x := range img.Rect.Dx() {
					img.SetGray(x, y, color.Gray{Y: img.GrayAt(x, y).Y - 30})
				}
			}
		}
		defective[i] = i%every == 0
	}
	for _, i := range []int{7, 23} {
		stub.Spoil(set, i)
		defective[i] = true
	}
	return set, defective
}

// answer scans a batch, says of each family whether it is a defect, and returns
// their number.
func answer(t *testing.T, name string, set imageset.Set, defective []bool, o codegraph.Options) int {
	t.Helper()
	scan := func() (*codegraph.Result, int) {
		r, err := codegraph.Detect(context.Background(), set, o)
		if err != nil {
			t.Fatal(err)
		}
		wrong := 0
		for i, im := range r.Images {
			if label := im.Verdict.Label; label == verdict.Fail && !defective[i] || label == verdict.Pass && defective[i] {
				wrong++
			}
		}
		return r, wrong
	}
	r, before := scan()
	for _, f := range r.Families {
		bad := 0
		for _, m := range f.Members {
			if defective[m.Image] {
				bad++
			}
		}
		if 2*bad > len(f.Members) {
			o.Confirm = append(o.Confirm, f.ID)
		} else {
			o.Reject = append(o.Reject, f.ID)
		}
	}
	if len(r.Families) == 0 {
		return 0
	}
	if _, after := scan(); after > before {
		t.Errorf("%s: %d wrong verdicts, %d after confirming %s and rejecting %s", name, before, after, strings.Join(o.Confirm, ", "), strings.Join(o.Reject, ", "))
	}
	t.Logf("%s: %d families, %d wrong verdicts before", name, len(r.Families), before)
	return len(r.Families)
}
