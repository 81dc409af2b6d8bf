package codegraph_test

import (
	"context"
	"math"
	"strings"
	"testing"

	"codegraph"
	"codegraph/internal/eval/synth"
	"codegraph/internal/stub"
)

// TestTurnedParts: parts that lie at any angle are turned, those in a fixture
// are not, and turning tells defective parts from good ones better.
func TestTurnedParts(t *testing.T) {
	t.Parallel()
	brackets := render(t, synth.Config{Kind: synth.Bracket, Size: 64, Seed: 3, Good: 14, Rare: 2, VariantShare: synth.NoVariant})
	o := stubbed()
	o.Backbone = stub.Network{Side: 64}
	o.Method = codegraph.MethodMuSc
	o.Align = codegraph.AlignAuto
	r := detect(t, brackets, o)
	if r.Alignment == nil || !r.Alignment.Applied || r.Alignment.After <= r.Alignment.Before {
		t.Fatalf("brackets: alignment %+v", r.Alignment)
	}
	turned := 0
	for _, im := range r.Images {
		if im.Turn != 0 {
			turned++
		}
		if len(im.Map) != r.GridH*r.GridW {
			t.Errorf("%s: a map of %d values", im.Item.Name, len(im.Map))
		}
	}
	if turned < len(brackets)/2 {
		t.Errorf("%d of %d brackets are turned", turned, len(brackets))
	}
	o.Align = codegraph.AlignOff
	off := detect(t, brackets, o)
	if off.Alignment != nil || off.Images[0].Turn != 0 {
		t.Errorf("with alignment off: %+v, turned by %v", off.Alignment, off.Images[0].Turn)
	}
	// The lower the scores of good parts, the better the defects stand out.
	if a, b := meanGood(r), meanGood(off); a > 0.9*b {
		t.Errorf("good parts score %.3f turned alike and %.3f as they lie", a, b)
	}

	o.Align = codegraph.AlignAuto
	washers := render(t, synth.Config{Kind: synth.Washer, Size: 64, Seed: 3, Good: 14, VariantShare: synth.NoVariant})
	if r := detect(t, washers, o); r.Alignment == nil || r.Alignment.Applied || r.Images[1].Turn != 0 {
		t.Errorf("washers: alignment %+v", r.Alignment)
	}
}

func meanGood(r *codegraph.Result) float64 {
	var sum float64
	n := 0
	for _, im := range r.Images {
		if strings.Contains(im.Item.Name, "good") {
			sum += im.Score
			n++
		}
	}
	return sum / float64(n)
}

// TestTurnedLater: parts that come later are turned as those of the scan were:
// an image of the scan that comes again by as much, and new ones so that they find
// look-alikes as well as those do.
func TestTurnedLater(t *testing.T) {
	t.Parallel()
	brackets := render(t, synth.Config{Kind: synth.Bracket, Size: 64, Seed: 3, Good: 19, VariantShare: synth.NoVariant})
	o := stubbed()
	o.Backbone = stub.Network{Side: 64}
	o.Method, o.Align = codegraph.MethodMuSc, codegraph.AlignOn
	first, snapshot, err := codegraph.Scan(context.Background(), brackets[:14], o)
	if err != nil {
		t.Fatal(err)
	}
	defer snapshot.Close()
	late := brackets[13:]
	late[0].Name = "again"
	r, err := snapshot.Score(context.Background(), late, codegraph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if d := math.Remainder(r.Images[0].Turn-first.Images[13].Turn, 360); math.Abs(d) > 3 {
		t.Errorf("an image is turned by %.1f°, when it comes again by %.1f°", first.Images[13].Turn, r.Images[0].Turn)
	}
	turned := 0
	for _, im := range r.Images[1:] {
		if im.Turn != 0 {
			turned++
		}
	}
	if turned == 0 {
		t.Error("no new image is turned")
	}
	// Left as they lie, they would score as brackets do that are not turned.
	o.Align = codegraph.AlignOff
	if a, b := meanGood(r), meanGood(detect(t, brackets, o)); a > 0.9*b {
		t.Errorf("later parts score %.3f, parts as they lie %.3f", a, b)
	}
}
