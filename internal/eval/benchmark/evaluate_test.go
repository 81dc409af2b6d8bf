package benchmark

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"testing"

	"codegraph"
	"codegraph/internal/cache"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/eval/synth"
	"codegraph/internal/eval/table"
	"codegraph/internal/option"
	"codegraph/internal/option/optiontest"
	"codegraph/internal/stub"
	"pgregory.net/rapid"
)

// quick keeps the tests quick.
func quick() Options {
	return Options{Detect: codegraph.Options{Backbone: stub.Network{Side: 64}, Align: codegraph.AlignOff}, Side: 64}
}

func washers(t *testing.T) []synth.Sample {
	t.Helper()
	s, err := synth.Render(context.Background(), synth.Config{Kind: synth.Washer, Size: 64, Seed: 1, Good: 14, Rare: 3, Recurring: 5})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestEvaluate(t *testing.T) {
	t.Parallel()
	o := quick()
	o.Original = true
	e, err := Evaluate(context.Background(), FromSamples("washers", washers(t)), o)
	if err != nil {
		t.Fatal(err)
	}
	if e.Images != 22 || len(e.Notes) != 0 {
		t.Errorf("%d images, notes %q", e.Images, e.Notes)
	}
	for _, m := range methods {
		for _, v := range []table.Percent{
			e.Figures[m].ImageAUROC, e.Figures[m].ImageF1, e.Figures[m].ImageAP, e.Figures[m].PixelAUROC, e.Figures[m].PixelF1,
			e.Figures[m].PixelAP, e.Figures[m].PixelPRO, e.Figures[m].PixelPROMuSc, e.Original[m].PixelAP, e.Original[m].PixelPRO,
		} {
			if !(v > 0 && v <= 100) {
				t.Errorf("%s: a figure is %v", m, v)
			}
		}
	}
	k := slices.IndexFunc(e.Types, func(x TypeEvaluation) bool { return x.Type == synth.TypeRecurring })
	if k < 0 || e.Types[k].Images != 5 {
		t.Fatalf("types: %+v", e.Types)
	}
	for _, x := range e.Types {
		if x.Type != synth.TypeRecurring && x.Consistency >= e.Types[k].Consistency {
			t.Errorf("%s is more consistent (%v) than the recurring defect (%v)", x.Type, x.Consistency, e.Types[k].Consistency)
		}
	}
}

// TestTruthStaysOutside: other labels leave the scores alone.
func TestTruthStaysOutside(t *testing.T) {
	t.Parallel()
	samples := washers(t)
	one, err := Evaluate(context.Background(), FromSamples("a", samples), quick())
	if err != nil {
		t.Fatal(err)
	}
	for i := range samples {
		samples[i].Type, samples[i].Mask = "x", nil
	}
	other, err := Evaluate(context.Background(), FromSamples("a", samples), quick())
	if err != nil {
		t.Fatal(err)
	}
	if len(one.Families) != len(other.Families) {
		t.Errorf("%d and %d families", len(one.Families), len(other.Families))
	}
	if !math.IsNaN(float64(other.Figures[codegraph.MethodMuSc].ImageAUROC)) || len(other.Notes) == 0 {
		t.Error("a batch without good images has figures and no note")
	}
}

// TestMemoise: a finished evaluation is not computed again, and is the same.
func TestMemoise(t *testing.T) {
	t.Parallel()
	dir, err := cache.Open(t.TempDir(), -1)
	if err != nil {
		t.Fatal(err)
	}
	o := quick()
	o.Finished = dir
	b := FromSamples("washers", washers(t))
	first, err := Evaluate(context.Background(), b, o)
	if err != nil {
		t.Fatal(err)
	}
	again, err := memoise(context.Background(), b, o, func() (*Evaluation, error) {
		t.Error("computed again")
		return nil, os.ErrInvalid
	})
	if err != nil || !reflect.DeepEqual(again.Figures, first.Figures) || !reflect.DeepEqual(again.Families, first.Families) {
		t.Errorf("%+v, %v; want %+v", again, err, first)
	}
	o.Detect.Constants = codegraph.DefaultConstants()
	o.Detect.Constants.Same = 0.6
	called := false
	if _, err := memoise(context.Background(), b, o, func() (*Evaluation, error) { called = true; return first, nil }); err != nil || !called {
		t.Errorf("another constant: computed %v, %v", called, err)
	}
}

// TestEvaluationKey: what is kept is found by every option that can change a
// result, and by no other.
func TestEvaluationKey(t *testing.T) {
	t.Parallel()
	b := FromSamples("washers", nil)
	key := func(s option.Settings) cache.Key {
		k, err := evaluationKey(context.Background(), "program", b, Options{Detect: s.Options})
		if err != nil {
			t.Fatal(err)
		}
		return k
	}
	standard := key(option.Defaults())
	for _, o := range option.All() {
		s := option.Defaults()
		another := optiontest.Another(o)
		if o.Name == "precision" && s.Precision.Effective() == option.PrecisionExact {
			another = string(option.PrecisionFast)
		}
		if err := o.Value(&s).Set(another); err != nil {
			t.Fatal(err)
		}
		// Those of a report, which is not kept, and of files beside the images, which
		// belong to them.
		own := o.Group == option.Output || o.Name == "roi-masks"
		if other := key(s) != standard; other != (o.Has(option.Recorded) && !own) {
			t.Errorf("with another %s (%s): another key %v", o.Name, o.Value(&s), other)
		}
	}
}

func TestDivide(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		n, size := rapid.IntRange(1, 60).Draw(t, "n"), rapid.IntRange(0, 30).Draw(t, "size")
		types := make([]string, n)
		for i := range types {
			types[i] = rapid.SampledFrom([]string{"good", "a", "b"}).Draw(t, "type")
		}
		stratified := rapid.Bool().Draw(t, "stratified")
		parts := divide(types, size, stratified, 7)
		var all []int
		count := make(map[string][]int)
		for k, part := range parts {
			all = append(all, part...)
			if len(part) > n/len(parts)+1 || len(part) < n/len(parts) {
				t.Fatalf("part %d of %d has %d of %d images", k, len(parts), len(part), n)
			}
			for _, i := range part {
				if count[types[i]] == nil {
					count[types[i]] = make([]int, len(parts))
				}
				count[types[i]][k]++
			}
		}
		slices.Sort(all)
		for i, v := range all {
			if i != v {
				t.Fatalf("image %d is missing or twice", i)
			}
		}
		for kind, c := range count {
			if stratified && slices.Max(c)-slices.Min(c) > 1 {
				t.Fatalf("%s: %v in the parts", kind, c)
			}
		}
		if !reflect.DeepEqual(parts, divide(types, size, stratified, 7)) {
			t.Fatal("another division with the same seed")
		}
	})
}

func TestGrid(t *testing.T) {
	t.Parallel()
	axes := []Axis{{"same", []float64{0.4, 0.5, 0.6}}, {"omega", []float64{0.3, 0.4}}}
	all, err := Grid(codegraph.DefaultConstants(), axes, false)
	if err != nil || len(all) != 6 || all[1].Constants.Omega != 0.4 || all[1].Constants.Same != 0.4 {
		t.Errorf("%+v, %v", all, err)
	}
	one, err := Grid(codegraph.DefaultConstants(), axes, true)
	if err != nil || len(one) != 4 { // same 0.5 and omega 0.4 are the defaults
		t.Errorf("%d points, %v", len(one), err)
	}
	if _, err := Grid(codegraph.DefaultConstants(), []Axis{{Name: "nonsense"}}, false); err == nil {
		t.Error("an unknown constant is accepted")
	}
}

// TestRealData: the categories that lie beside the repository, on the labels'
// side only.
func TestRealData(t *testing.T) {
	t.Parallel()
	root := filepath.Join("..", "..", "..", "..", "shared", "data", "mvtec_ad")
	if _, err := os.Stat(root); err != nil {
		t.Skipf("no MVTec AD at %s", root)
	}
	d, err := dataset.Open(root, dataset.Auto)
	if err != nil {
		t.Fatal(err)
	}
	c, err := d.Category(context.Background(), "bottle")
	if err != nil {
		t.Fatal(err)
	}
	b := FromCategory(c)
	if _, err := json.Marshal(b.Types); err != nil || len(b.Types) != 83 || len(b.check()) != 0 {
		t.Errorf("%d images, %v", len(b.Types), b.check())
	}
	mask, warnings, err := b.mask(context.Background(), slices.Index(b.Types, "broken_large"), 900, 900)
	if err != nil || len(warnings) > 0 || !slices.Contains(mask, true) {
		t.Errorf("%v, %v", warnings, err)
	}
}
