package rehearse

import (
	"bytes"
	"context"
	"encoding/csv"
	"errors"
	"image"
	"image/png"
	"slices"
	"strings"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/eval/synth"
	"codegraph/internal/plant"
	"codegraph/internal/verdict"
)

// washers are photographs of good parts.
func washers(t testing.TB, n int) imageset.Set {
	t.Helper()
	samples, err := synth.Render(context.Background(), synth.Config{Kind: synth.Washer, Size: 96, Seed: 5, Good: n})
	if err != nil {
		t.Fatal(err)
	}
	var set imageset.Set
	for _, s := range samples {
		set = append(set, imageset.Item{Name: s.Name, Pixels: s.Image})
	}
	return set
}

// seeing is a detector that knows the good photographs: an image fails if at
// least so many of its pixels are others. All that fail with one batch-wide
// share of at least a tenth are a family.
func seeing(good imageset.Set, pixels int) Detector {
	return func(ctx context.Context, set imageset.Set) (*codegraph.Result, error) {
		res := &codegraph.Result{}
		var family codegraph.Family
		for i, it := range set {
			label, changed := verdict.Pass, 0
			a, b := good[i].Pixels, it.Pixels
			for y := range b.Bounds().Dy() {
				for x := range b.Bounds().Dx() {
					if far(a, b, x, y) {
						changed++
					}
				}
			}
			if changed >= pixels {
				label = verdict.Fail
				family.Members = append(family.Members, codegraph.Member{Image: i})
			}
			res.Images = append(res.Images, codegraph.Image{Item: it, Score: float64(changed), MuScScore: float64(changed), Rank: 1, Family: -1, Verdict: verdict.Verdict{Label: label}})
		}
		if family.Status = codegraph.StatusDefect; len(family.Members) > len(set)/8 {
			res.Families = append(res.Families, family)
		}
		return res, ctx.Err()
	}
}

func far(a, b image.Image, x, y int) bool {
	r, g, bl, _ := a.At(x, y).RGBA()
	s, h, cl, _ := b.At(x, y).RGBA()
	return max(r, s)-min(r, s) > 5<<8 || max(g, h)-min(g, h) > 5<<8 || max(bl, cl)-min(bl, cl) > 5<<8
}

func read(t testing.TB, set imageset.Set, bad ...Defective) *Photographs {
	t.Helper()
	p, err := Read(context.Background(), set, bad, nil, imageset.Limits{}, 2)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// TestRun: what is counted is what the detector sees.
func TestRun(t *testing.T) {
	t.Parallel()
	set := washers(t, 14)
	c := Config{Kinds: []plant.Kind{plant.Spot, plant.Stain}, Sizes: []float64{20, 5}, Shares: []float64{0.25}, Repeats: 2, Seed: 1, Threads: 1}
	// Spots of 5 pixels have about 20 pixels, those of 20 about 300.
	r, err := Run(context.Background(), read(t, set), c, seeing(set, 70), nil)
	if err != nil {
		t.Fatal(err)
	}
	if r.Bystanders.Fail != 0 || r.Untouched.Pass != 14 {
		t.Errorf("of those that nothing was planted on: %+v, untouched %+v", r.Bystanders, r.Untouched)
	}
	for _, kind := range c.Kinds {
		for k, want := range []Verdicts{{Pass: 2}, {Fail: 2}} {
			i := slices.IndexFunc(r.Rare, func(d Rare) bool { return d.Kind == kind && d.Size == []float64{5, 20}[k] })
			if i < 0 || r.Rare[i].Verdicts != want {
				t.Errorf("rare %s, size %d: %+v", kind, k, r.Rare)
			}
		}
		if s := "rare: " + plural[kind] + " below 20 pixels would be missed"; !slices.Contains(r.Sentences, s) {
			t.Errorf("%q is not said: %q", s, r.Sentences)
		}
	}
	for _, d := range r.Recurring {
		seen := d.Size == 20
		if (d.Families == d.Batches) != seen || (d.Fail > 0) != seen || d.All() != 4*d.Batches {
			t.Errorf("recurring: %+v", d)
		}
	}
	if len(r.Harmless) != len(changes) {
		t.Errorf("harmless: %+v", r.Harmless)
	}
}

// TestRegion: no defect is planted beyond a region of interest.
func TestRegion(t *testing.T) {
	t.Parallel()
	set := washers(t, 14)
	mask := image.NewNRGBA(image.Rect(0, 0, 96, 96))
	for y := range 96 {
		for x := range 48 { // the left half
			mask.Set(x, y, image.White)
		}
	}
	roi, err := imageset.ROIFromMask(mask)
	if err != nil {
		t.Fatal(err)
	}
	photographs, err := Read(context.Background(), set, nil, roi, imageset.Limits{}, 1)
	if err != nil {
		t.Fatal(err)
	}
	planted := 0
	see := func(ctx context.Context, batch imageset.Set) (*codegraph.Result, error) {
		for i, it := range batch {
			changed, beyond := 0, 0
			for y := range 96 {
				for x := range 96 {
					if far(set[i].Pixels, it.Pixels, x, y) {
						changed++
						if x >= 50 && y >= 16 && y < 80 { // the stamp is the camera's, in a corner
							beyond++
						}
					}
				}
			}
			if changed > 0 && changed < 96*96/4 { // light and finish are of the whole part
				planted++
				if 10*beyond > changed {
					t.Errorf("%d of %d changed pixels lie beyond the region", beyond, changed)
				}
			}
		}
		return seeing(set, 70)(ctx, batch)
	}
	c := Config{Kinds: []plant.Kind{plant.Spot, plant.Stain}, Sizes: []float64{10}, Shares: []float64{0.25}, Repeats: 2, Seed: 1, Threads: 1}
	if _, err := Run(context.Background(), photographs, c, see, nil); err != nil {
		t.Fatal(err)
	}
	if planted < 8 {
		t.Errorf("%d planted", planted)
	}
}

// TestThreads: the same at any number of threads.
func TestThreads(t *testing.T) {
	t.Parallel()
	set := washers(t, 12)
	var all [2]bytes.Buffer
	for k, threads := range []int{1, 5} {
		c := Config{Kinds: []plant.Kind{plant.Scratch, plant.Shifted}, Shares: []float64{0.3}, Repeats: 1, Seed: 4, Threads: threads}
		r, err := Run(context.Background(), read(t, set), c, seeing(set, 40), nil)
		if err != nil {
			t.Fatal(err)
		}
		if err := r.Encode(&all[k]); err != nil {
			t.Fatal(err)
		}
	}
	if !bytes.Equal(all[0].Bytes(), all[1].Bytes()) {
		t.Error("another number of threads, another report")
	}
}

// TestReal: defects of one's own are planted, what cannot be is noted.
func TestReal(t *testing.T) {
	t.Parallel()
	set := washers(t, 14)
	good, bad := set[:12], set[12:]
	square := func(from, to int) func(context.Context, int, int) ([]bool, error) {
		return func(_ context.Context, w, h int) ([]bool, error) {
			m := make([]bool, w*h)
			for y := from; y < to; y++ {
				for x := from; x < to; x++ {
					m[y*w+x] = true
				}
			}
			return m, nil
		}
	}
	p := read(t, good, Defective{Item: bad[0], Mask: square(40, 50)}, Defective{Item: bad[1], Mask: square(2, 94)}, Defective{Item: bad[0], Box: Box{0.22, 0.45, 0.3, 0.55}})
	if len(p.defects) != 2 || len(p.Notes) != 1 {
		t.Fatalf("%d defects, notes %q", len(p.defects), p.Notes)
	}
	r, err := Run(context.Background(), p, Config{Shares: []float64{0.25}, Repeats: 1}, seeing(good, 1), nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Rare) == 0 || r.Rare[0].Kind != plant.Real || len(r.Recurring) == 0 {
		t.Errorf("rare %+v, recurring %+v", r.Rare, r.Recurring)
	}
}

// TestBoxes: boxes become shares of their image, found by its name.
func TestBoxes(t *testing.T) {
	t.Parallel()
	images := imageset.Set{{Name: "bad/1.png"}, {Name: "bad/2.png"}}
	file := func(name, box string) string {
		return `{"images": [{"id": 7, "file_name": "` + name + `", "width": 200, "height": 100}], "annotations": [{"image_id": 7, "bbox": ` + box + `}]}`
	}
	for _, name := range []string{"bad/2.png", "2.png", "elsewhere/2.png"} {
		all, err := Boxes(strings.NewReader(file(name, "[20, 10, 40, 50]")), images)
		if err != nil || len(all) != 1 || all[0].Item.Name != "bad/2.png" || all[0].Box != (Box{0.1, 0.1, 0.3, 0.6}) {
			t.Errorf("%s: %+v, %v", name, all, err)
		}
	}
	for _, bad := range []string{"", "{}", file("3.png", "[0, 0, 5, 5]"), file("2.png", "[190, 0, 20, 5]"), file("2.png", "[0, 0, 0, 5]")} {
		if all, err := Boxes(strings.NewReader(bad), images); err == nil {
			t.Errorf("%s: %+v", bad, all)
		}
	}
}

func TestErrors(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	set := washers(t, Fewest)
	if _, err := Read(ctx, set[:Fewest-1], nil, nil, imageset.Limits{}, 1); !errors.Is(err, ErrConfig) {
		t.Errorf("too few: %v", err)
	}
	p := read(t, set)
	for _, c := range []Config{{Repeats: 0}, {Repeats: 1, Sizes: []float64{1}}, {Repeats: 1, Shares: []float64{0.6}}, {Repeats: 1, Kinds: []plant.Kind{plant.Stamp}}} {
		if _, err := Run(ctx, p, c, seeing(set, 1), nil); !errors.Is(err, ErrConfig) {
			t.Errorf("%+v: %v", c, err)
		}
	}
	cancelled, cancel := context.WithCancel(ctx)
	_, err := Run(cancelled, p, DefaultConfig(), func(ctx context.Context, s imageset.Set) (*codegraph.Result, error) {
		cancel()
		return seeing(set, 1)(ctx, s)
	}, nil)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestOutputs: all forms hold what was counted.
func TestOutputs(t *testing.T) {
	t.Parallel()
	r := &Report{
		Rare:      []Rare{{plant.Spot, 6, Verdicts{1, 2, 3}, 4}, {plant.Spot, 12, Verdicts{Fail: 2}, 2}},
		Recurring: []Recurring{{Kind: plant.Stain, Size: 12, Share: 0.3, Batches: 2, Families: 1, Asked: 1, Verdicts: Verdicts{5, 1, 0}}},
		Harmless:  []Change{{Kind: plant.Light, Share: 0.3, Batches: 1, Defects: 1, Verdicts: Verdicts{Pass: 4}}},
	}
	r.Sentences = r.sentences()
	var text, table, picture bytes.Buffer
	if err := errors.Join(r.Print(&text), r.CSV(&table), r.Draw(&picture)); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"spots below 12 pixels would be missed", "stains form a family in 1 of 2 batches and are asked about in 1; 0 % of them", "light from one side on 30 %"} {
		if !strings.Contains(text.String(), want) {
			t.Errorf("%q is not in\n%s", want, &text)
		}
	}
	rows, err := csv.NewReader(&table).ReadAll()
	if err != nil || len(rows) != 7 || strings.Join(rows[1], " ") != "rare spot 6 0 0 0 0 1 2 3 4" {
		t.Errorf("%q, %v", rows, err)
	}
	if _, err := png.Decode(&picture); err != nil {
		t.Error(err)
	}
}
