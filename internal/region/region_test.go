package region

import (
	"image"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"codegraph/internal/eval/metric"
)

func TestFind(t *testing.T) {
	scores := []float32{
		0, 0, 0, 0, 0, 0, 0,
		0, 6, 9, 1, 0, 0, 0,
		0, 4, 5, 0, 0, 3, 0,
		0, 0, 0, 0, 0, 2, 5,
		0, 0, 0, 0, 0, 0, 1,
	}
	known := make([]bool, len(scores))
	known[4*7] = true
	for _, test := range []struct {
		name   string
		params Params
		want   []Region
	}{
		{"half", Params{Seed: 5, Share: 0.5}, []Region{
			{image.Rect(1, 1, 3, 3), 3, 9, 20. / 3, false}, {image.Rect(5, 2, 7, 4), 2, 5, 4, false}}},
		{"seed", Params{Seed: 6, Share: 0.5}, []Region{{image.Rect(1, 1, 3, 3), 3, 9, 20. / 3, false}}},
		{"level", Params{Seed: 6, Level: 1, Share: 0.3}, []Region{{image.Rect(1, 1, 3, 3), 4, 9, 6, false}}},
		{"area", Params{Seed: 5, Share: 0.5, MinArea: 3}, []Region{{image.Rect(1, 1, 3, 3), 3, 9, 20. / 3, false}}},
		{"known", Params{Seed: 10, Share: 0.5, Level: 1, Known: known}, []Region{{image.Rect(0, 4, 1, 5), 1, 0, 0, true}}},
		{"none", Params{Seed: 10, Share: 0.5}, nil},
	} {
		got, _, err := Find(scores, 7, 5, test.params)
		if err != nil {
			t.Fatal(err)
		}
		if len(got) != len(test.want) {
			t.Errorf("%s: %+v, want %+v", test.name, got, test.want)
			continue
		}
		for k, r := range got {
			w := test.want[k]
			if r.Box != w.Box || r.Area != w.Area || r.Peak != w.Peak || r.Mean < w.Mean-1e-6 || r.Mean > w.Mean+1e-6 || r.Known != w.Known {
				t.Errorf("%s: %+v, want %+v", test.name, r, w)
			}
		}
	}
	if _, _, err := Find(scores, 6, 5, Params{}); err == nil {
		t.Error("a wrong size is accepted")
	}
}

// TestFindProperties: regions are connected and do not overlap, and there is
// one wherever pixels reach the seed score.
func TestFindProperties(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 9).Draw(t, "w"), rapid.IntRange(1, 9).Draw(t, "h")
		scores := rapid.SliceOfN(rapid.Float32Range(0, 1), w*h, w*h).Draw(t, "scores")
		p := Params{Seed: 0.7, Level: 0.1, Share: rapid.Float64Range(0, 1).Draw(t, "share")}
		regions, labels, err := Find(scores, w, h, p)
		if err != nil {
			t.Fatal(err)
		}
		high := make([]bool, w*h)
		for i, s := range scores {
			high[i] = float64(s) >= p.Seed
		}
		parts, areas, err := metric.Components(high, w, h)
		if err != nil {
			t.Fatal(err)
		}
		found := make([]bool, len(areas)+1)
		for i, part := range parts {
			found[part] = found[part] || labels[i] > 0
		}
		if slices.Contains(found[1:], false) {
			t.Fatalf("of the parts above the seed score %v are in a region", found[1:])
		}
		for k, r := range regions {
			mask := make([]bool, w*h)
			for i, l := range labels {
				mask[i] = l == int32(k+1)
			}
			_, areas, err := metric.Components(mask, w, h)
			if err != nil || !slices.Equal(areas, []int{r.Area}) {
				t.Fatalf("region %d of area %d has parts %v: %v", k, r.Area, areas, err)
			}
			if r.Peak < p.Seed || r.Mean > r.Peak+1e-6 || k > 0 && r.Peak > regions[k-1].Peak {
				t.Fatalf("%+v", regions)
			}
		}
	})
}
