package metric

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// image is what is added to Pixels.
type image struct {
	W, H   int
	Scores []float32
	Mask   mask
	Labels []int32
}

// mask reads rows of '#' and '.'.
type mask []bool

func (m *mask) UnmarshalJSON(data []byte) error {
	var rows []string
	if err := json.Unmarshal(data, &rows); err != nil {
		return err
	}
	*m = parseMask(rows...)
	return nil
}

func parseMask(rows ...string) mask {
	var m mask
	for _, c := range strings.Join(rows, "") {
		m = append(m, c == '#')
	}
	return m
}

type pixelCase struct {
	Name    string
	Images  []image
	Figures map[string]float64
}

func goldenPixels(t *testing.T) []pixelCase {
	t.Helper()
	data, err := os.ReadFile("testdata/pixels.json")
	if err != nil {
		t.Fatal(err)
	}
	var golden struct{ Cases []pixelCase }
	if err := json.Unmarshal(data, &golden); err != nil {
		t.Fatal(err)
	}
	return golden.Cases
}

func addAll(t interface{ Fatal(...any) }, images []image) *Pixels {
	var p Pixels
	for _, m := range images {
		if err := p.Add(m.Scores, m.Mask, m.W, m.H); err != nil {
			t.Fatal(err)
		}
	}
	return &p
}

// near allows rounding, relative to numbers of the size of 1 and above.
func near(a, b float64) bool {
	return math.IsNaN(a) && math.IsNaN(b) || math.Abs(a-b) <= 1e-12*max(1, math.Abs(b))
}

func (f Figures) near(g Figures) bool {
	return near(f.AUROC, g.AUROC) && near(f.AP, g.AP) && near(f.F1Max, g.F1Max) &&
		f.Threshold == g.Threshold && near(f.PRO, g.PRO) && near(f.MuScPRO, g.MuScPRO)
}

// TestPixelsAgainstPython: what the golden file lacks is not defined.
func TestPixelsAgainstPython(t *testing.T) {
	t.Parallel()
	for _, c := range goldenPixels(t) {
		t.Run(c.Name, func(t *testing.T) {
			f, err := addAll(t, c.Images).Figures()
			got := map[string]float64{"auroc": f.AUROC, "ap": f.AP, "f1max": f.F1Max, "pro": f.PRO, "muscpro": f.MuScPRO}
			for name, v := range got {
				want, ok := c.Figures[name]
				if !ok {
					want = math.NaN()
				}
				if !near(v, want) {
					t.Errorf("%s is %v, want %v", name, v, want)
				}
			}
			if (err != nil) != (len(c.Figures) < len(got)) {
				t.Errorf("%d figures are defined, but the error is %v", len(c.Figures), err)
			}
		})
	}
}

func TestFiguresNotDefined(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name     string
		scores   []float32
		mask     mask
		oneClass bool
		contains string
		absent   string
	}{
		{"no defect", []float32{1, 2, 3, 4}, nil, true, "AUROC AP F1Max PRO MuSc", ""},
		{"only defect", []float32{1, 2, 3, 4}, parseMask("####"), true, "AUROC PRO MuSc", "F1Max"},
		{"one score", []float32{3, 3, 3, 3}, parseMask("#..."), false, "MuSc all_scores_are_3", "AUROC"},
		{"infinite", []float32{1, 2, 3, float32(math.Inf(1))}, parseMask("...#"), false, "MuSc infinite", "AUROC"},
		{"steep", []float32{1, 1, 1, 5}, parseMask("...#"), false, "MuSc below_0.3", "AUROC"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			var p Pixels
			if err := p.Add(tt.scores, tt.mask, 2, 2); err != nil {
				t.Fatal(err)
			}
			_, err := p.Figures()
			if errors.Is(err, ErrOneClass) != tt.oneClass {
				t.Fatal(err)
			}
			for _, word := range strings.Fields(tt.contains) {
				if word = strings.ReplaceAll(word, "_", " "); !strings.Contains(err.Error(), word) {
					t.Errorf("%q does not mention %q", err, word)
				}
			}
			if tt.absent != "" && strings.Contains(err.Error(), tt.absent) {
				t.Errorf("%q mentions %q", err, tt.absent)
			}
		})
	}
	var p Pixels
	if f, err := p.Figures(); !errors.Is(err, ErrOneClass) || !math.IsNaN(f.AUROC+f.PRO+f.MuScPRO) {
		t.Error("figures of nothing:", f, err)
	}
}

// TestAddRefuses: what is refused leaves no trace.
func TestAddRefuses(t *testing.T) {
	t.Parallel()
	nan := float32(math.NaN())
	tests := []struct {
		name   string
		scores []float32
		mask   mask
		w, h   int
		want   string
	}{
		{"size", make([]float32, 5), nil, 3, 2, "image 1: 5 pixels are not an image of 3 × 2"},
		{"empty", nil, nil, 0, 0, "image 1: 0 pixels"},
		{"negative", make([]float32, 6), nil, -3, -2, "image 1: 6 pixels"},
		{"overflow", nil, nil, 1 << 32, 1 << 32, "image 1: 0 pixels"},
		{"mask", make([]float32, 6), make(mask, 4), 3, 2, "image 1: mask: 4 pixels"},
		{"not a number", []float32{1, 2, 3, 4, nan, 6}, nil, 3, 2, "image 1: the score of pixel (1, 1) is not a number"},
	}
	var p Pixels
	if err := p.Add([]float32{1, 2, 3, 4, 5, 6}, parseMask("..#", "#.."), 3, 2); err != nil {
		t.Fatal(err)
	}
	want, _ := p.Figures()
	for _, tt := range tests {
		err := p.Add(tt.scores, tt.mask, tt.w, tt.h)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", tt.name, err, tt.want)
		}
	}
	if got, _ := p.Figures(); !got.near(want) {
		t.Errorf("refused images change %v to %v", want, got)
	}
}

// drawImages has ties, scores of both signs and masks of all densities.
func drawImages(t *rapid.T) []image {
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	images := make([]image, rapid.IntRange(1, 6).Draw(t, "images"))
	levels := rapid.SampledFrom([]int{2, 9, 1000, 1 << 24}).Draw(t, "levels")
	density := rapid.SampledFrom([]float64{0, 0.05, 0.5, 1}).Draw(t, "density")
	for i := range images {
		m := &images[i]
		m.W, m.H = 1+rng.IntN(60), 1+rng.IntN(60)
		for range m.W * m.H {
			m.Scores = append(m.Scores, float32(rng.IntN(levels)-levels/3)/128)
			m.Mask = append(m.Mask, rng.Float64() < density)
		}
	}
	return images
}

// TestPixelsEqualSlices: one image after the other gives what all pixels in
// one slice do.
func TestPixelsEqualSlices(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		images := drawImages(t)
		var scores []float32
		var labels []bool
		for _, m := range images {
			scores, labels = append(scores, m.Scores...), append(labels, m.Mask...)
		}
		f, _ := addAll(t, images).Figures()
		auroc, err1 := AUROC(scores, labels)
		ap, err2 := AP(scores, labels)
		f1, threshold, err3 := F1Max(scores, labels)
		for _, figure := range []struct {
			name      string
			got, want float64
			err       error
		}{{"AUROC", f.AUROC, auroc, err1}, {"AP", f.AP, ap, err2}, {"F1Max", f.F1Max, f1, err3}} {
			if figure.err == nil && figure.got != figure.want || (figure.err != nil) != math.IsNaN(figure.got) {
				t.Fatal(figure)
			}
		}
		if err3 == nil && f.Threshold != threshold {
			t.Fatal(f.Threshold, threshold)
		}
	})
}

// TestPixelsOrder: the order of the images does not count.
func TestPixelsOrder(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		images := drawImages(t)
		f, _ := addAll(t, images).Figures()
		g, _ := addAll(t, rapid.Permutation(images).Draw(t, "order")).Figures()
		if !f.near(g) {
			t.Fatal(f, g)
		}
	})
}

// TestPixelsMonotone: only the order of scores counts, but for MuSc's PRO,
// which an affine map leaves alone. The maps here are exact.
func TestPixelsMonotone(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		images := drawImages(t)
		f, _ := addAll(t, images).Figures()
		affine := transformed(images, func(s float32) float32 { return 4 * s })
		g, _ := addAll(t, affine).Figures()
		if g.Threshold /= 4; !f.near(g) {
			t.Fatal(f, g)
		}
		cubes := transformed(images, func(s float32) float32 { return s * s * s })
		if levels(images) != levels(cubes) {
			t.Skip("rounding ties the cubes")
		}
		g, _ = addAll(t, cubes).Figures()
		g.Threshold, g.MuScPRO = f.Threshold, f.MuScPRO
		if !f.near(g) {
			t.Fatal(f, g)
		}
	})
}

func transformed(images []image, to func(float32) float32) []image {
	images = slices.Clone(images)
	for i := range images {
		scores := slices.Clone(images[i].Scores)
		for j, s := range scores {
			scores[j] = to(s)
		}
		images[i].Scores = scores
	}
	return images
}

// levels is the number of distinct scores.
func levels(images []image) int {
	seen := map[float32]bool{}
	for _, m := range images {
		for _, s := range m.Scores {
			seen[s] = true
		}
	}
	return len(seen)
}

func TestFiguresTwice(t *testing.T) {
	t.Parallel()
	p := addAll(t, goldenPixels(t)[1].Images)
	f, _ := p.Figures()
	g, _ := p.Figures()
	if f != g {
		t.Error(f, g)
	}
}

func ExamplePixels() {
	var p Pixels
	scores := []float32{
		0.1, 0.2, 0.1,
		0.2, 0.9, 0.4,
		0.1, 0.3, 0.8,
	}
	defect := []bool{
		false, false, false,
		false, true, false,
		false, false, true,
	}
	if err := p.Add(scores, defect, 3, 3); err != nil {
		fmt.Println(err)
		return
	}
	if err := p.Add([]float32{0.1, 0.2, 0.1, 0.3}, nil, 2, 2); err != nil {
		fmt.Println(err)
		return
	}
	f, err := p.Figures()
	fmt.Println(f.AUROC, f.F1Max, f.Threshold, f.PRO, err)
	// Output: 1 1 0.8 1 <nil>
}

// TestJoin: joined sets have the figures of all their images.
func TestJoin(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		var whole, left, right, joined Pixels
		for range rapid.IntRange(1, 5).Draw(t, "images") {
			scores := rapid.SliceOfN(rapid.Float32Range(-2, 2), 6, 6).Draw(t, "scores")
			mask := rapid.SliceOfN(rapid.Bool(), 6, 6).Draw(t, "mask")
			part := &left
			if rapid.Bool().Draw(t, "right") {
				part = &right
			}
			for _, p := range []*Pixels{&whole, part} {
				if err := p.Add(scores, mask, 3, 2); err != nil {
					t.Fatal(err)
				}
			}
		}
		joined.Join(&left)
		joined.Join(&right)
		want, _ := whole.Figures()
		got, _ := joined.Figures()
		if g, w := fmt.Sprintf("%.12g", got), fmt.Sprintf("%.12g", want); g != w {
			t.Fatalf("%s, want %s", g, w)
		}
	})
}
