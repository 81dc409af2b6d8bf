package codegraph_test

import (
	"context"
	"errors"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"strings"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/stub"
)

// surface draws a ribbed surface of w × h pixels with spots of 12 pixels, of
// dark lines, at the places given.
func surface(seed uint64, w, h int, spots ...image.Point) image.Image {
	rng := rand.New(rand.NewPCG(seed, 1))
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		img.Pix[i] = uint8(120 + i%w%16*4 + i/w%16*2 + rng.IntN(6))
	}
	for _, at := range spots {
		for k := range 12 * 12 / 2 {
			img.SetGray(at.X-6+k%12, at.Y-6+k/12*2, color.Gray{Y: 40})
		}
	}
	return img
}

func tiled(side int, match codegraph.TileMatch) codegraph.Options {
	return codegraph.Options{Backbone: stub.Network{Side: 128}, Grid: 8, Tile: side, TileMatch: match}
}

// TestOneTile: a tile as large as the image is the image.
func TestOneTile(t *testing.T) {
	t.Parallel()
	var set imageset.Set
	for i := range 9 {
		set = append(set, imageset.Item{Name: fmt.Sprint(i), Pixels: surface(uint64(i), 160, 160, image.Pt(20*i%150+5, 80))})
	}
	o := tiled(0, "")
	o.Align = codegraph.AlignOff
	whole, one := detect(t, set, o), detect(t, set, tiled(160, codegraph.TileSame))
	if one.GridH != whole.GridH || one.GridW != whole.GridW {
		t.Fatalf("grid %d × %d", one.GridH, one.GridW)
	}
	for i, im := range one.Images {
		for p, v := range im.Map {
			if math.Abs(float64(v-whole.Images[i].Map[p])) > 1e-6 {
				t.Fatalf("patch %d of image %d scores %v, without tiles %v", p, i, v, whole.Images[i].Map[p])
			}
		}
	}
}

// TestTiles: a small spot is found at its place, for either kind of match.
func TestTiles(t *testing.T) {
	t.Parallel()
	for _, match := range []codegraph.TileMatch{codegraph.TileSame, codegraph.TileAny} {
		var set imageset.Set
		for i := range 8 {
			var spots []image.Point
			if i == 3 { // twice alike: an image's own tiles are not its neighbours
				spots = []image.Point{{60, 50}, {250, 150}}
			}
			set = append(set, imageset.Item{Name: fmt.Sprint(i), Pixels: surface(uint64(i), 300, 200, spots...)})
		}
		r := detect(t, set, tiled(128, match))
		if r.GridH != 13 || r.GridW != 19 || r.Images[3].Rank != 1 {
			t.Fatalf("%s: grid %d × %d, rank %d", match, r.GridH, r.GridW, r.Images[3].Rank)
		}
		var others float32
		for i, im := range r.Images {
			if i != 3 {
				others = max(others, float32(im.Score))
			}
		}
		for _, at := range []image.Point{{60, 50}, {250, 150}} {
			if v := r.Images[3].Map[at.Y*13/200*19+at.X*19/300]; v < 1.3*others {
				t.Errorf("%s: the spot at %v scores %v, other images at most %v", match, at, v, others)
			}
		}
	}
}

// weave draws a weave of threads 4 pixels wide, of w × h pixels; around a fault
// of 16 pixels warp and weft have changed places.
func weave(seed uint64, w, h int, faults ...image.Point) image.Image {
	rng := rand.New(rand.NewPCG(seed, 2))
	img := image.NewGray(image.Rect(0, 0, w, h))
	for i := range img.Pix {
		x, y := i%w, i/w
		over := (x/4+y/4)%2 == 0
		for _, at := range faults {
			if image.Pt(x, y).In(image.Rect(at.X-8, at.Y-8, at.X+8, at.Y+8)) {
				over = x/4%2 == 0
			}
		}
		img.Pix[i] = uint8(90 + rng.IntN(40))
		if over {
			img.Pix[i] += 70
		}
	}
	return img
}

// TestTilesFindSmall: a fault of 16 of 1000 pixels is lost where the network
// sees the whole image at once, and found in tiles.
func TestTilesFindSmall(t *testing.T) {
	t.Parallel()
	const n, faulty = 8, 5
	var set imageset.Set
	for i := range n {
		var faults []image.Point
		if i == faulty {
			faults = []image.Point{{700, 300}}
		}
		set = append(set, imageset.Item{Name: fmt.Sprint(i), Pixels: weave(uint64(i), 1000, 600, faults...)})
	}
	margin := func(side int) float64 {
		o := tiled(side, codegraph.TileSame)
		o.Align = codegraph.AlignOff
		return standsOut(detect(t, set, o), faulty)
	}
	whole, tiles := margin(0), margin(250)
	if tiles < 1.3 || tiles < 1.3*whole {
		t.Errorf("the image with the fault scores %.2f times the highest of the others, in tiles %.2f times", whole, tiles)
	}
	t.Logf("%.2f, %.2f", whole, tiles)
}

// TestTilesRecurring: a recurring defect where tiles overlap is one family, and
// can be judged by its name.
func TestTilesRecurring(t *testing.T) {
	t.Parallel()
	set := stub.Plates(16, 128, barred)
	o := codegraph.Options{Backbone: stub.Network{Side: 48}, Tile: 96, TileMatch: codegraph.TileSame}
	r := detect(t, set, o)
	if len(r.Families) == 0 || len(r.Families[0].Members) != 4 {
		t.Fatalf("%d families, notes %v", len(r.Families), r.Notes)
	}
	f := r.Families[0]
	for _, m := range f.Members {
		if !barred(m.Image) {
			t.Errorf("member %d", m.Image)
		}
		at := image.Pt(m.Representative%r.GridW*8, m.Representative/r.GridW*8)
		if !dark(set[m.Image].Pixels.(*image.Gray), image.Rectangle{Min: at, Max: at.Add(image.Pt(8, 8))}.Inset(-4)) {
			t.Errorf("nothing is at patch %v of image %d", at, m.Image)
		}
	}
	o.Reject = []string{f.ID, "F99"}
	rejected := detect(t, set, o)
	if rejected.Families[0].Status != codegraph.StatusRejected || len(rejected.Families) != len(r.Families) {
		t.Errorf("%s is %s", f.ID, rejected.Families[0].Status)
	}
	if notes := strings.Join(rejected.Notes, "\n"); !strings.Contains(notes, "F99") || strings.Contains(notes, f.ID+":") {
		t.Errorf("notes %q", rejected.Notes)
	}
}

// dark says whether a pixel of img in r is darker than a plate.
func dark(img *image.Gray, r image.Rectangle) bool {
	for k := range r.Dx() * r.Dy() {
		if at := r.Min.Add(image.Pt(k%r.Dx(), k/r.Dx())); at.In(img.Rect) && img.GrayAt(at.X, at.Y).Y < 100 {
			return true
		}
	}
	return false
}

func TestTilesOfOtherSize(t *testing.T) {
	t.Parallel()
	set := imageset.Set{
		{Name: "a", Pixels: surface(1, 200, 160)}, {Name: "b", Pixels: surface(2, 160, 200)},
		{Name: "c", Pixels: surface(3, 200, 160)}, {Name: "d", Path: "no such file"},
	}
	o := tiled(128, codegraph.TileSame)
	r := detect(t, set, o)
	if len(r.Images) != 2 || len(r.Skipped) != 2 || r.Skipped[0].Name != "b" || r.Skipped[1].Name != "d" {
		t.Fatalf("%d images; skipped %v", len(r.Images), r.Skipped)
	}
	o.Strict = true
	if _, err := codegraph.Detect(context.Background(), set, o); err == nil {
		t.Error("no error in spite of Strict")
	}
	for _, wrong := range []codegraph.Options{
		tiled(161, codegraph.TileSame), tiled(-1, ""), tiled(100, "other"),
		{Tile: 100, Align: codegraph.AlignOn}, {Tile: 100, TileMatch: codegraph.TileAny, MatchRadius: 2},
	} {
		if _, err := codegraph.Detect(context.Background(), set, wrong); !errors.Is(err, codegraph.ErrOptions) {
			t.Errorf("%+v: error %v", wrong, err)
		}
	}
}
