package codegraph_test

import (
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"math"
	"os"
	"path/filepath"
	"testing"

	"codegraph"
	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/anomap"
)

// muscGolden is what MuSc in PyTorch gives: see testdata/musc/golden.py.
type muscGolden struct {
	N, Layers, G, C, Size int
	Radii                 []int
	Patches               []float32 // [N][G·G]
	Scores                []float64
	Map                   []float32 // of image 3, [Size][Size]
}

// Forward makes the features of golden.py of the image whose number is its
// red.
func (m *muscGolden) Forward(_ context.Context, x []float32, _, _ int) (*backbone.Features, error) {
	f, number := new(backbone.Features), int(math.Round(float64(x[0])*255))
	for l := range m.Layers {
		f.Layers = append(f.Layers, backbone.Map{H: m.G, W: m.G, C: m.C, Data: m.features(number, l)})
	}
	return f, nil
}

func (m *muscGolden) features(number, layer int) []float32 {
	n := m.G * m.G * m.C
	data := make([]float32, n)
	for i := range data {
		data[i] = lowbias(uint32(i+layer*n)) + 0.5*lowbias(uint32(i+(1000+number*16+layer)*n))
	}
	if number%3 == 0 {
		p := number * 5 % (m.G * m.G)
		for c := range m.C {
			data[p*m.C+c]++
		}
	}
	return data
}

// lowbias is a hash, −0.5 to 0.5.
func lowbias(i uint32) float32 {
	i ^= i >> 16
	i *= 0x7feb352d
	i ^= i >> 15
	i *= 0x846ca68b
	i ^= i >> 16
	return float32(float64(i)/(1<<32) - 0.5)
}

func (m *muscGolden) Info() backbone.Info {
	info := backbone.Info{Name: "golden", Multiple: 1, Size: m.Size, Radii: m.Radii, Std: [3]float32{1, 1, 1}}
	for l := range m.Layers {
		info.Layers = append(info.Layers, fmt.Sprint("layer", l))
	}
	return info
}

// TestMuScInPyTorch: the same features give the same patch scores, maps and image
// scores as MuSc's steps in PyTorch.
func TestMuScInPyTorch(t *testing.T) {
	t.Parallel()
	compareMuSc(t, filepath.Join("testdata", "musc"))
	if dir := os.Getenv("CODEGRAPH_MUSC_GOLDEN"); dir != "" {
		compareMuSc(t, dir)
	}
}

func compareMuSc(t *testing.T, dir string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var want muscGolden
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	var set imageset.Set
	for i := range want.N {
		m := image.NewNRGBA(image.Rect(0, 0, want.Size, want.Size))
		for p := range want.Size * want.Size {
			m.SetNRGBA(p%want.Size, p/want.Size, color.NRGBA{uint8(i), 0, 0, 255})
		}
		set = append(set, imageset.Item{Name: fmt.Sprintf("%03d.png", i), Pixels: m})
	}
	for _, precision := range []codegraph.Precision{codegraph.PrecisionExact, codegraph.PrecisionFast} {
		r, err := codegraph.Detect(context.Background(), set, codegraph.Options{Backbone: &want, Method: codegraph.MethodMuSc, Precision: precision})
		if err != nil {
			t.Fatal(err)
		}
		var patches, scores, maps float64
		for i, im := range r.Images {
			patches = max(patches, maxDifference(im.Map, want.Patches[i*len(im.Map):]))
			scores = max(scores, math.Abs(im.Score-want.Scores[i]))
		}
		maps = maxDifference(anomap.New(r.Images[3].Map, r.GridH, r.GridW).Upsample(want.Size, want.Size), want.Map)
		t.Logf("%s, %s: patches %.1e, scores %.1e, map %.1e", dir, precision, patches, scores, maps)
		if !(max(patches, scores, maps) <= 1e-4) {
			t.Errorf("%s, %s: off by %.1e in patches, %.1e in scores, %.1e in maps", dir, precision, patches, scores, maps)
		}
	}
}

// maxDifference is the largest difference of two values at one place.
func maxDifference(got, want []float32) (worst float64) {
	for k, v := range got {
		worst = max(worst, math.Abs(float64(v)-float64(want[k])))
	}
	return worst
}
