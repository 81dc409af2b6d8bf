package codegraph_test

import (
	"context"
	"encoding/json"
	"image"
	"math/rand/v2"
	"path/filepath"
	"reflect"
	"testing"

	"codegraph"
	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/stub"
)

// onBelts puts plates of 32 pixels on belts that differ everywhere.
func onBelts(plates imageset.Set, seed uint64) imageset.Set {
	rng := rand.New(rand.NewPCG(seed, 5))
	var out imageset.Set
	for _, it := range plates {
		img := image.NewGray(image.Rect(0, 0, 64, 64))
		for i := range img.Pix {
			img.Pix[i] = uint8(rng.IntN(256))
		}
		plate := it.Pixels.(*image.Gray)
		for y := range 32 {
			copy(img.Pix[(16+y)*64+16:][:32], plate.Pix[y*32:][:32])
		}
		it.Pixels = img
		out = append(out, it)
	}
	return out
}

// sameScores compares what is found out of two batches.
func sameScores(t *testing.T, what string, a, b *codegraph.Result) {
	t.Helper()
	for i := range a.Images {
		x, y := a.Images[i], b.Images[i]
		if x.Score != y.Score || !reflect.DeepEqual(x.Map, y.Map) || x.Verdict.Label != y.Verdict.Label || x.Family != y.Family {
			t.Fatalf("%s: image %d scores %v and %v", what, i, x.Score, y.Score)
		}
	}
	if !reflect.DeepEqual(a.Families, b.Families) {
		t.Fatalf("%s: families %+v and %+v", what, a.Families, b.Families)
	}
}

// TestRegionOfInterest: what lies outside of the region does not count, in a batch,
// with a base, in tiles, turned, and for later images of a saved scan.
func TestRegionOfInterest(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	roi := new(imageset.ROI)
	if err := roi.UnmarshalJSON([]byte(`{"boxes": [[0.25, 0.25, 0.5, 0.5]]}`)); err != nil {
		t.Fatal(err)
	}
	plates := stub.Plates(10, 32, stub.Every(4))
	one, other := onBelts(plates, 1), onBelts(plates, 2)
	for name, o := range map[string]codegraph.Options{
		"batch": {Align: codegraph.AlignOff},
		"base":  {Align: codegraph.AlignOff, Base: 6},
		"tiles": {Tile: 32},
		"any":   {Tile: 32, TileMatch: codegraph.TileAny},
		"turns": {Align: codegraph.AlignOn},
		"near":  {MatchRadius: 2},
	} {
		o.Backbone, o.ROI, o.Threads = at64{}, roi, 2
		if o.Tile > 0 {
			o.Backbone = stub.Network{}
		}
		a, err := codegraph.Detect(ctx, one, o)
		if err != nil {
			t.Fatal(name, err)
		}
		b, err := codegraph.Detect(ctx, other, o)
		if err != nil {
			t.Fatal(name, err)
		}
		sameScores(t, name, a, b)
		if a.Images[0].Score == 0 {
			t.Errorf("%s: nothing is compared", name)
		}
		if o.ROI = nil; name == "batch" {
			whole, err := codegraph.Detect(ctx, one, o)
			if err != nil {
				t.Fatal(err)
			}
			if whole.Images[0].Score == a.Images[0].Score {
				t.Error("the region changes nothing")
			}
		}
	}
}

// at64 is the network of package stub at 64 pixels.
type at64 struct{ stub.Network }

func (n at64) Info() (i backbone.Info) {
	i = n.Network.Info()
	i.Size, i.Grid, i.Digest = 64, 16, "stub at 64"
	return i
}

// TestRegionIsSaved: later images are compared in the region of the scan.
func TestRegionIsSaved(t *testing.T) {
	t.Parallel()
	ctx, roi := context.Background(), new(imageset.ROI)
	if err := roi.UnmarshalJSON([]byte(`{"boxes": [[0.25, 0.25, 0.5, 0.5]]}`)); err != nil {
		t.Fatal(err)
	}
	plates := stub.Plates(20, 32, stub.Every(4))
	_, s, err := codegraph.Scan(ctx, onBelts(plates[:12], 1), codegraph.Options{Backbone: at64{}, ROI: roi, Align: codegraph.AlignOff})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	path := filepath.Join(t.TempDir(), "s")
	if err := s.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := codegraph.LoadSnapshot(path, at64{})
	if err != nil {
		t.Fatal(err)
	}
	defer loaded.Close()
	a, err := s.Score(ctx, onBelts(plates[12:16], 2), codegraph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	b, grown, err := loaded.Add(ctx, onBelts(plates[12:16], 3), codegraph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer grown.Close()
	sameScores(t, "later images", a, b)
	_, again, err := s.Add(ctx, onBelts(plates[12:16], 2), codegraph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer again.Close()
	x, err := grown.Score(ctx, onBelts(plates[16:], 4), codegraph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	y, err := again.Score(ctx, onBelts(plates[16:], 5), codegraph.Options{})
	if err != nil {
		t.Fatal(err)
	}
	sameScores(t, "after adding", x, y)
}

// TestRegionOfAnswers: a region that a person drew is as one that was given, and a
// batch that stays open keeps to it.
func TestRegionOfAnswers(t *testing.T) {
	t.Parallel()
	ctx, roi := context.Background(), new(imageset.ROI)
	if err := roi.UnmarshalJSON([]byte(`{"boxes": [[0.25, 0.25, 0.5, 0.5]]}`)); err != nil {
		t.Fatal(err)
	}
	set := onBelts(stub.Plates(16, 32, stub.Every(4)), 1)
	given, err := codegraph.Detect(ctx, set, codegraph.Options{Backbone: at64{}, Align: codegraph.AlignOff, ROI: roi})
	if err != nil {
		t.Fatal(err)
	}
	drawn := codegraph.Options{Backbone: at64{}, Align: codegraph.AlignOff, Answers: &codegraph.Answers{ROI: roi}}
	detected, err := codegraph.Detect(ctx, set, drawn)
	if err != nil {
		t.Fatal(err)
	}
	opened, session, err := codegraph.Open(ctx, set, drawn)
	if err != nil {
		t.Fatal(err)
	}
	defer session.Close()
	sameScores(t, "drawn", given, detected)
	sameScores(t, "open", given, opened)
	limit := given.Images[3].Score
	judged, err := session.Judge(ctx, &codegraph.Answers{ROI: roi, Limit: &limit})
	if err != nil || judged.Limits.Fail != limit || judged.Images[3].Verdict.Label != "fail" {
		t.Errorf("by a limit of %v: %+v, image at it %+v, %v", limit, judged.Limits, judged.Images[3].Verdict, err)
	}
}

// TestRegionTurnsAlong: of parts that are turned alike what is compared is the region
// of each photograph as it lies, and its map is of that and of nothing else.
func TestRegionTurnsAlong(t *testing.T) {
	t.Parallel()
	set := onBelts(stub.Plates(16, 32, stub.Every(4)), 1)
	for i := range set {
		set[i] = quarters(t, set[i], i%4)
	}
	o := stubbed()
	o.Backbone, o.Method, o.Align = stub.Network{Side: 64}, codegraph.MethodMuSc, codegraph.AlignOn
	r := detect(t, set, o)
	turned := 0
	for _, im := range r.Images {
		if im.Turn != 0 {
			turned++
		}
		cells, scored := 0, 0
		for p, inside := range im.Item.ROI.Inside(r.GridH, r.GridW) {
			switch {
			case inside && im.Map[p] > 0:
				scored++
				fallthrough
			case inside:
				cells++
			case im.Map[p] != 0:
				t.Errorf("%s, turned by %.0f°: %v at patch %d, which lies outside", im.Item.Name, im.Turn, im.Map[p], p)
			}
		}
		if 10*scored < 9*cells {
			t.Errorf("%s, turned by %.0f°: %d of %d patches inside are scored", im.Item.Name, im.Turn, scored, cells)
		}
	}
	if turned < len(set)/2 {
		t.Fatalf("%d images are turned", turned)
	}
}

// quarters turns a picture by so many quarters, and with it a region that lies at one
// of its corners.
func quarters(t *testing.T, it imageset.Item, n int) imageset.Item {
	t.Helper()
	corners := [][2]float64{{0.25, 0.25}, {0.5, 0.25}, {0.5, 0.5}, {0.75, 0.5}, {0.75, 0.75}, {0.25, 0.75}}
	img := it.Pixels.(*image.Gray)
	for range n {
		out := image.NewGray(img.Rect)
		for y := range 64 {
			for x := range 64 {
				out.SetGray(63-y, x, img.GrayAt(x, y))
			}
		}
		img = out
		for k, c := range corners {
			corners[k] = [2]float64{1 - c[1], c[0]}
		}
	}
	text, err := json.Marshal(map[string]any{"polygons": []any{corners}})
	if err != nil {
		t.Fatal(err)
	}
	it.Pixels, it.ROI = img, new(imageset.ROI)
	if err := it.ROI.UnmarshalJSON(text); err != nil {
		t.Fatal(err)
	}
	return it
}
