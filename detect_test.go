package codegraph_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/cache"
	"codegraph/internal/eval/synth"
)

// TestRecurringDefect: the whole way through the embedded network, on a batch
// with a recurring defect; a family can be rejected.
func TestRecurringDefect(t *testing.T) {
	t.Parallel()
	set := render(t, synth.Config{Kind: synth.Washer, Size: 192, Seed: 1, Good: 20, Rare: 4, Recurring: 7})
	o := small()
	o.KeepIntermediates = true
	var err error
	if o.Cache, err = cache.Open(t.TempDir(), 0); err != nil {
		t.Fatal(err)
	}
	r := detect(t, set, o)
	var family *codegraph.Family
	for k := range r.Families {
		if r.Families[k].Status == codegraph.StatusDefect {
			family = &r.Families[k]
			break
		}
	}
	if family == nil {
		t.Fatalf("no defect family; families: %+v", r.Families)
	}
	found, others := 0, 0
	for _, m := range family.Members {
		if strings.Contains(r.Images[m.Image].Item.Name, synth.TypeRecurring) {
			found++
		} else {
			others++
		}
		if !slices.Contains(m.Patches, m.Representative) || !slices.IsSorted(m.Patches) {
			t.Errorf("member %+v", m)
		}
	}
	if found < 6 || others > 0 {
		t.Errorf("the family has %d of 7 recurring and %d other images", found, others)
	}
	for _, im := range r.Images {
		if strings.Contains(im.Item.Name, synth.TypeRecurring) && im.Family >= 0 && im.MapMax <= im.MuScScore {
			t.Errorf("%s: a map up to %v, MuSc's %v: filtering changed nothing", im.Item.Name, im.MapMax, im.MuScScore)
		}
	}
	m := r.Intermediates
	if m == nil || m.Table == nil || len(m.Links) == 0 || m.Finding == nil || len(m.After) != len(set) {
		t.Errorf("intermediates are missing: %+v", m)
	}

	o.Reject = []string{family.ID}
	rejected := detect(t, set, o)
	if rejected.Families[0].Removed != 0 || slices.ContainsFunc(rejected.Images, func(im codegraph.Image) bool { return im.MapMax > im.MuScScore }) {
		t.Error("a rejected family was filtered")
	}
}

// TestMuSc: the method alone gives what CoDeGraph reports as MuSc's score.
func TestMuSc(t *testing.T) {
	t.Parallel()
	set, o := plates(11), stubbed()
	both := detect(t, set, o)
	o.Method = codegraph.MethodMuSc
	musc := detect(t, set, o)
	for i := range set {
		if musc.Images[i].Score != both.Images[i].MuScScore || musc.Images[i].Score != musc.Images[i].MuScScore {
			t.Errorf("%s: %v, %v", set[i].Name, musc.Images[i].Score, both.Images[i].MuScScore)
		}
	}
}

func TestSmallBatches(t *testing.T) {
	t.Parallel()
	set, o := plates(4), stubbed()
	if _, err := codegraph.Detect(context.Background(), nil, o); err == nil {
		t.Error("no images: no error")
	}
	if _, err := codegraph.Detect(context.Background(), set[:1], o); err == nil || !strings.Contains(err.Error(), "only image") {
		t.Errorf("one image: %v", err)
	}
	for n := 2; n <= 4; n++ {
		r := detect(t, set[:n], o)
		if len(r.Notes) == 0 {
			t.Errorf("%d images: no note", n)
		}
		for _, im := range r.Images {
			if math.IsNaN(im.Score) || math.IsInf(im.Score, 0) || im.Score <= 0 {
				t.Errorf("%d images: score %v", n, im.Score)
			}
		}
	}
}

func TestIdenticalImages(t *testing.T) {
	t.Parallel()
	img := image.NewGray(image.Rect(0, 0, 64, 64))
	for i := range img.Pix {
		img.Pix[i] = uint8(i * 7)
	}
	var set imageset.Set
	for i := range 9 {
		set = append(set, imageset.Item{Name: fmt.Sprint(i), Pixels: img})
	}
	r := detect(t, set, stubbed())
	for _, im := range r.Images {
		if im.Score != 0 {
			t.Errorf("score %v", im.Score)
		}
	}
	if len(r.Families) != 0 || !slices.ContainsFunc(r.Notes, func(n string) bool { return strings.Contains(n, "identical") }) {
		t.Errorf("families %v, notes %q", r.Families, r.Notes)
	}
}

func TestUnreadable(t *testing.T) {
	t.Parallel()
	set, o := plates(3), stubbed()
	bad := filepath.Join(t.TempDir(), "bad.png")
	if err := os.WriteFile(bad, []byte("no image"), 0o666); err != nil {
		t.Fatal(err)
	}
	set = slices.Insert(set, 0, imageset.Item{Name: "bad.png", Path: bad})
	r := detect(t, set, o)
	if len(r.Images) != 3 || len(r.Skipped) != 1 || !errors.Is(r.Skipped[0], imageset.ErrNotImage) || r.Skipped[0].Name != "bad.png" {
		t.Errorf("%d images, skipped %v", len(r.Images), r.Skipped)
	}
	o.Strict = true
	if _, err := codegraph.Detect(context.Background(), set, o); !errors.Is(err, imageset.ErrNotImage) {
		t.Errorf("strict: %v", err)
	}
}

func TestWrongOptions(t *testing.T) {
	t.Parallel()
	for what, o := range map[string]codegraph.Options{
		"method":   {Method: "magic"},
		"align":    {Align: "maybe"},
		"base":     {Base: 1},
		"size":     {Size: 257},
		"grid":     {Grid: -1},
		"radius":   {Radii: []int{2}},
		"constant": {Constants: codegraph.Constants{Neighbours: 2}},
	} {
		if _, err := codegraph.Detect(context.Background(), nil, o); !errors.Is(err, codegraph.ErrOptions) {
			t.Errorf("%s: %v", what, err)
		}
	}
}

func TestCancelled(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(context.Background())
	o := stubbed()
	o.Progress = func(codegraph.Phase, int, int) { cancel() }
	if _, err := codegraph.Detect(ctx, plates(9), o); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func ExampleDetect() {
	// Ten plain parts, one of them with a spot.
	var set imageset.Set
	for i := range 10 {
		img := image.NewGray(image.Rect(0, 0, 64, 64))
		for k := range img.Pix {
			img.Pix[k] = uint8(100 + (k*k+31*i*k)%23)
		}
		if i == 6 {
			for y := 20; y < 34; y++ {
				for x := 30; x < 44; x++ {
					img.SetGray(x, y, color.Gray{Y: 250})
				}
			}
		}
		set = append(set, imageset.Item{Name: fmt.Sprintf("part %d", i), Pixels: img})
	}
	result, err := codegraph.Detect(context.Background(), set, codegraph.Options{Size: 128, Grid: 8, Align: codegraph.AlignOff})
	if err != nil {
		panic(err)
	}
	for _, im := range result.Images {
		if im.Rank == 1 {
			fmt.Println("worst:", im.Item.Name)
		}
	}
	// Output: worst: part 6
}
