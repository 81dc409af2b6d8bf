package report_test

import (
	"encoding/json"
	"image/color"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/verdict"
	"codegraph/report"
)

// judgedResult is a batch of which the last image has a defect, around patch
// (2, 1) of 3 × 4, and the null of the others.
func judgedResult(t *testing.T) *codegraph.Result {
	t.Helper()
	res := fakeResult("a.png", "b.png", "c.png")
	var images []verdict.Image
	for i := range 20 {
		images = append(images, verdict.Image{Score: 0.1 + 0.001*float64(i)})
	}
	j, err := verdict.Judge(images, verdict.DefaultParams())
	if err != nil {
		t.Fatal(err)
	}
	res.MapNull = j.Null
	res.Options.FDR = 0.05
	for i := range res.Images {
		for p := range res.Images[i].Map {
			res.Images[i].Map[p] = 0.05
		}
	}
	res.Images[2].Map[6] = 1
	return res
}

func TestRegions(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	doc := mustWrite(t, dir, judgedResult(t), options())
	for i, im := range doc.Images[:2] {
		if len(im.Regions) > 0 || im.Mask != nil {
			t.Errorf("image %d: %+v, mask %v", i, im.Regions, im.Mask)
		}
	}
	im := doc.Images[2]
	if len(im.Regions) != 1 || im.Mask == nil {
		t.Fatalf("%+v, mask %v", im.Regions, im.Mask)
	}
	r := im.Regions[0]
	if r.PValue == nil || *r.PValue > 0.01 || r.Family != nil || r.Mean >= r.Peak || r.Mean < 0.5 {
		t.Errorf("%+v", r)
	}
	mask := readPNG(t, filepath.Join(dir, filepath.FromSlash(*im.Mask)))
	white, box := 0, r.Box
	for y := range im.Height {
		for x := range im.Width {
			if color.GrayModel.Convert(mask.At(x, y)).(color.Gray).Y == 0 {
				continue
			}
			white++
			if x < box.X || x >= box.X+box.Width || y < box.Y || y >= box.Y+box.Height {
				t.Errorf("pixel (%d, %d) is outside of %+v", x, y, box)
			}
		}
	}
	if white != r.Area {
		t.Errorf("%d pixels are white, the area is %d", white, r.Area)
	}
	opts := options()
	opts.MinArea = r.Area + 1
	if doc := mustWrite(t, t.TempDir(), judgedResult(t), opts); len(doc.Images[2].Regions) > 0 {
		t.Errorf("--min-area left %+v", doc.Images[2].Regions)
	}
}

// The patches of a defect family are a region whatever they score.
func TestRegionsOfFamilies(t *testing.T) {
	t.Parallel()
	res := withFamily(judgedResult(t), 5)
	doc := mustWrite(t, t.TempDir(), res, options())
	im := doc.Images[0]
	if len(im.Regions) != 1 {
		t.Fatalf("%+v", im.Regions)
	}
	want := report.PatchBox(5, 3, 4, im.Width, im.Height)
	if r := im.Regions[0]; r.Box != want || r.Family == nil || *r.Family != "F1" || r.Area != want.Width*want.Height {
		t.Errorf("%+v, want %+v of F1", r, want)
	}
}

// TestCOCO holds the outlines against the mask.
func TestCOCO(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	res := judgedResult(t)
	res.Images[2].Map[3] = 0.9
	res.Images[2].Item = imageset.Item{Name: "c.png", Path: "/photos/c.png", Pixels: res.Images[2].Item.Pixels}
	doc := mustWrite(t, dir, res, options())
	raw, err := os.ReadFile(filepath.Join(dir, report.RegionsName))
	if err != nil {
		t.Fatal(err)
	}
	var coco struct {
		Licenses []any
		Images   []struct {
			ID       int
			FileName string `json:"file_name"`
		}
		Annotations []struct {
			ImageID      int `json:"image_id"`
			BBox         [4]int
			Area         int
			Segmentation [][]int
		}
	}
	if err := json.Unmarshal(raw, &coco); err != nil {
		t.Fatal(err)
	}
	if len(coco.Images) != 3 || coco.Images[2].FileName != "c.png" || len(coco.Annotations) != 2 || coco.Licenses == nil {
		t.Fatalf("%s", raw)
	}
	im := doc.Images[2]
	mask := readPNG(t, filepath.Join(dir, filepath.FromSlash(*im.Mask)))
	covered := 0
	for k, a := range coco.Annotations {
		if a.ImageID != coco.Images[2].ID || a.Area != im.Regions[k].Area || a.BBox[0] != im.Regions[k].Box.X || len(a.Segmentation) == 0 {
			t.Errorf("%+v of %+v", a, im.Regions[k])
		}
		for i := range im.Width * im.Height {
			x, y := i%im.Width, i/im.Width
			if !slices.ContainsFunc(a.Segmentation, func(p []int) bool { return inside(p, float64(x)+0.5, float64(y)+0.5) }) {
				continue
			}
			covered++
			if color.GrayModel.Convert(mask.At(x, y)).(color.Gray).Y != 255 {
				t.Errorf("(%d, %d) of region %d is black", x, y, k)
			}
		}
	}
	if covered != im.Regions[0].Area+im.Regions[1].Area {
		t.Errorf("outlines around %d pixels", covered)
	}
}

// inside is the even-odd rule for a ray to the right.
func inside(p []int, x, y float64) (in bool) {
	for k := 0; k < len(p); k += 2 {
		j := (k + 2) % len(p)
		x0, y0, x1, y1 := float64(p[k]), float64(p[k+1]), float64(p[j]), float64(p[j+1])
		if (y0 > y) != (y1 > y) && x < x0+(y-y0)*(x1-x0)/(y1-y0) {
			in = !in
		}
	}
	return in
}
