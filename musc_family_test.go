package codegraph_test

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"testing"

	"codegraph"
	"codegraph/backbone/vit"
	"codegraph/imageset"
)

// TestMuScFamilies: with the networks that MuSc knows, the same pictures give
// the same patch scores and rescored scores as MuSc's steps in PyTorch, from the
// resizing on, to 1e-4: see testdata/musc/families.py.
func TestMuScFamilies(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	data, err := os.ReadFile(filepath.Join("testdata", "musc", "families.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Folder            string
		Size              int
		Windows           []int
		Patches, Rescored []float64
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	images, problems, err := imageset.Walk(ctx, []string{filepath.Join("testdata", "musc", "images")})
	if err != nil || len(problems) > 0 {
		t.Fatal(problems, err)
	}
	for _, c := range cases {
		t.Run(c.Folder, func(t *testing.T) {
			network, err := vit.Open(filepath.Join("backbone", "vit", "testdata", c.Folder), vit.Options{})
			if err != nil {
				t.Fatal(err)
			}
			res, err := codegraph.Detect(ctx, images, codegraph.Options{
				Backbone: network, Size: c.Size, Method: codegraph.MethodMuSc, Align: codegraph.AlignOff, Precision: codegraph.PrecisionExact,
				Rerank: codegraph.RerankRsCIN, RsCINWindows: c.Windows,
			})
			if err != nil {
				t.Fatal(err)
			}
			var worst, rescored float64
			patches := len(c.Patches) / len(c.Rescored)
			for i, im := range res.Images {
				for p, v := range im.Map {
					worst = max(worst, math.Abs(float64(v)-c.Patches[i*patches+p]))
				}
				rescored = max(rescored, math.Abs(im.Score-c.Rescored[i]))
			}
			t.Logf("patch scores within %.1e, rescored scores within %.1e", worst, rescored)
			if len(res.Images) != len(c.Rescored) || !(worst < 1e-4) || !(rescored < 1e-4) {
				t.Errorf("%d images; patch scores within %.1e, rescored scores within %.1e, want 1e-4", len(res.Images), worst, rescored)
			}
		})
	}
}
