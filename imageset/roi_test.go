package imageset

import (
	"encoding/json"
	"errors"
	"image"
	"image/color"
	"image/png"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

func parseROI(t *testing.T, text string) *ROI {
	t.Helper()
	r := new(ROI)
	if err := json.Unmarshal([]byte(text), r); err != nil {
		t.Fatal(err)
	}
	return r
}

func sum(v []float32) (s float64) {
	for _, x := range v {
		s += float64(x)
	}
	return s
}

// TestROICover: cells count by the share that lies inside, however a region is
// given.
func TestROICover(t *testing.T) {
	t.Parallel()
	mask := image.NewNRGBA(image.Rect(0, 0, 40, 20))
	for y := 5; y < 15; y++ {
		for x := 10; x < 30; x++ {
			mask.SetNRGBA(x, y, color.NRGBA{200, 200, 200, 255})
		}
	}
	of, err := ROIFromMask(mask)
	if err != nil {
		t.Fatal(err)
	}
	regions := map[string]*ROI{
		"box in pixels": parseROI(t, `{"width": 40, "height": 20, "boxes": [[10, 5, 20, 10]]}`),
		"box in shares": parseROI(t, `{"boxes": [[0.25, 0.25, 0.5, 0.5]]}`),
		"polygon":       parseROI(t, `{"polygons": [[[0.25, 0.75], [0.75, 0.75], [0.75, 0.25], [0.25, 0.25]]]}`),
		// The two overlap and go round in opposite ways.
		"two polygons": parseROI(t, `{"polygons": [[[0.25, 0.25], [0.75, 0.25], [0.75, 0.75], [0.25, 0.75]], [[0.3, 0.7], [0.7, 0.7], [0.7, 0.3], [0.3, 0.3]]]}`),
		"mask":         of,
	}
	for name, r := range regions {
		text, err := json.Marshal(r)
		if err != nil {
			t.Fatal(err)
		}
		for _, r := range []*ROI{r, parseROI(t, string(text))} {
			c := r.Cover(8, 8)
			if math.Abs(sum(c)-16) > 0.2 || c[0] != 0 || math.Abs(float64(c[3*8+3])-1) > 0.01 {
				t.Errorf("%s: %v cells of 16, (0, 0) %v, (3, 3) %v", name, sum(c), c[0], c[27])
			}
			if half := r.Cover(1, 2); math.Abs(float64(half[0])-0.25) > 0.01 {
				t.Errorf("%s: a quarter of the left half is %v", name, half[0])
			}
			// The right half of the image holds its left half of the region.
			part := r.Part(image.Rect(20, 0, 40, 20), 40, 20)
			if want := []bool{true, false}; !slices.Equal(part.Inside(1, 2), []bool{true, false}) {
				t.Errorf("%s: the right half is %v, want %v", name, part.Inside(1, 2), want)
			}
			if part.Digest() == r.Digest() {
				t.Errorf("%s: a part has the digest of the whole", name)
			}
		}
	}
}

// TestROIPaint: what is outside gets the mean colour, what is inside stays.
func TestROIPaint(t *testing.T) {
	t.Parallel()
	s := &Scaled{W: 8, H: 8, RGB: slices.Repeat([]uint8{200}, 3*8*8)}
	parseROI(t, `{"boxes": [[0, 0, 0.5, 1]]}`).Paint(s, [3]float32{0.4, 0.4, 0.4})
	for i, v := range s.RGB {
		if want := map[bool]uint8{true: 200, false: 102}[i/3%8 < 4]; v != want {
			t.Fatalf("value %d is %v, want %v", i, v, want)
		}
	}
}

// TestROIRefuses: each kind of nonsense is named, and nothing is allocated for it.
func TestROIRefuses(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		`{}`:                                     "neither boxes nor polygons nor a mask",
		`{"polygons": [[[0, 0], [1, 1]]]}`:       "3 corners",
		`{"boxes": [[400, 300, 3200, 2400]]}`:    "width and height are given",
		`{"width": 10, "boxes": [[0, 0, 1, 1]]}`: "width and height say together",
		`{"circle": [0, 0, 1]}`:                  "unknown field",
		`{"mask": {"width": 1000000000, "height": 1000000000, "runs": []}}`:                           "sides are 1 to",
		`{"mask": {"width": 4, "height": 4, "runs": [3]}}`:                                            "not 16 pixels long",
		`{"mask": {"width": 4, "height": 4, "runs": [3, 1000000000000]}}`:                             "not 16 pixels long",
		`{"mask": {"width": 4, "height": 4, "runs": [16]}}`:                                           "nothing inside",
		`{"polygons": [[[0,0],[1,0],[1,1]]], "mask": {"width": 1, "height": 1, "runs": [0, 1]}}`:      "one of them",
		`{"polygons": [[[0,0],[1,0],[1,1]]]`:                                                          "unexpected end",
		`{"polygons": [[` + strings.TrimSuffix(strings.Repeat("[0,0],", maxROIPoints+1), ",") + `]]}`: "corners",
	} {
		if err := json.Unmarshal([]byte(text), new(ROI)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%.60s: %v, want %q", text, err, want)
		}
	}
	name := filepath.Join(t.TempDir(), "black.png")
	f, err := os.Create(name)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(png.Encode(f, image.NewGray(image.Rect(0, 0, 9, 9))), f.Close()); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadROI(t.Context(), name); err == nil || !strings.Contains(err.Error(), "nothing inside") {
		t.Errorf("a black mask gives %v", err)
	}
	if err := os.WriteFile(name, []byte("no image"), 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadROI(t.Context(), name); err == nil {
		t.Error("a text is a mask")
	}
}

// TestWithMasks: masks lie in a folder of their own or beside the images, where they
// are not images; an image without one keeps all of itself, and is counted.
func TestWithMasks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	light := image.NewGray(image.Rect(0, 0, 8, 8))
	for i := range light.Pix {
		light.Pix[i] = 255
	}
	for _, name := range []string{"a.png", "b.png", "a_mask.png", "masks/b.png"} {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		f, err := os.Create(file)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(png.Encode(f, light), f.Close()); err != nil {
			t.Fatal(err)
		}
	}
	images, _, err := Walk(t.Context(), []string{dir})
	if err != nil {
		t.Fatal(err)
	}
	for masks, want := range map[string]string{dir: "a.png+ b.png masks/b.png", filepath.Join(dir, "masks"): "a.png a_mask.png b.png+"} {
		got, without, err := WithMasks(t.Context(), images, masks)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, it := range got {
			if it.ROI != nil {
				it.Name += "+"
			}
			names = append(names, it.Name)
		}
		if strings.Join(names, " ") != want || without != 2 {
			t.Errorf("%q and %d without a mask, want %q", names, without, want)
		}
	}
	if _, _, err := WithMasks(t.Context(), images, t.TempDir()); err == nil || !strings.Contains(err.Error(), "a_mask.png") {
		t.Errorf("a folder without masks gives %v", err)
	}
}
