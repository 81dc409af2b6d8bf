package rscin

import (
	"context"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

// TestGolden compares with MuSc's formulas: see testdata/golden.py.
func TestGolden(t *testing.T) {
	data, err := os.ReadFile(filepath.Join("testdata", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Scores   []float64
		Class    [][]float32
		Windows  []int
		Rescored []float64
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	for k, c := range cases {
		got, err := Rescore(context.Background(), c.Scores, c.Class, c.Windows, 2)
		if err != nil {
			t.Fatal(err)
		}
		for i, want := range c.Rescored {
			if !(math.Abs(got[i]-want) <= 1e-12) {
				t.Errorf("case %d image %d: %v, want %v", k, i, got[i], want)
			}
		}
	}
}

func TestDegenerate(t *testing.T) {
	same := [][]float32{{1, 0}, {1, 0}, {1, 0}}
	for _, tc := range []struct {
		name    string
		scores  []float64
		class   [][]float32
		windows []int
		want    []float64
	}{
		{"cosines: a window of one is the scaled score", []float64{1, 3, 2}, [][]float32{{0.6, 0.8}, {0.8, 0.6}, {1, 0}}, []int{1}, []float64{0, 1, 0.5}},
		{"a longer token is closer than the image's own", []float64{1, 3, 2}, [][]float32{{1, 0}, {3, 1}, {0, 1}}, []int{1}, []float64{1, 1, 0.5}},
		{"equal tokens: itself, then the earlier", []float64{1, 3, 2}, same, []int{2}, []float64{0.5, 0.5, 0.25}},
		{"equal scores", []float64{2, 2}, same[:2], []int{1, 2}, []float64{0, 0}},
		{"a window wider than the batch", []float64{0, 1}, same[:2], []int{9}, []float64{0.5, 0.5}},
		{"opposite tokens", []float64{0, 1}, [][]float32{{1}, {-1}}, []int{2}, []float64{0, 1}},
		{"a token of zeros", []float64{0, 1}, [][]float32{{0}, {1}}, []int{2}, []float64{0, 1}},
		{"one image", []float64{3}, same[:1], []int{1}, []float64{0}},
		{"none", nil, nil, []int{1}, []float64{}},
	} {
		got, err := Rescore(context.Background(), tc.scores, tc.class, tc.windows, 1)
		if err != nil || !slices.Equal(got, tc.want) {
			t.Errorf("%s: %v %v, want %v", tc.name, got, err, tc.want)
		}
	}
}

func TestErrors(t *testing.T) {
	nan := float32(math.NaN())
	for _, tc := range []struct {
		scores  []float64
		class   [][]float32
		windows []int
	}{
		{[]float64{1}, nil, []int{1}},
		{[]float64{1}, [][]float32{{1}}, nil},
		{[]float64{1}, [][]float32{{1}}, []int{0}},
		{[]float64{1, 2}, [][]float32{{1}, {1, 2}}, []int{1}},
		{[]float64{1, 2}, [][]float32{nil, nil}, []int{1}},
		{[]float64{1, 2}, [][]float32{{1}, {nan}}, []int{1}},
	} {
		if _, err := Rescore(context.Background(), tc.scores, tc.class, tc.windows, 1); err == nil {
			t.Errorf("%v was accepted", tc)
		}
	}
}

// TestOrder: the result goes with the images, stays within 0…1 where
// similarities are positive, and does not depend on the number of threads.
func TestOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(2, 12).Draw(t, "n")
		scores, class := make([]float64, n), make([][]float32, n)
		for i := range n {
			scores[i] = rapid.Float64Range(0, 10).Draw(t, "score")
			class[i] = []float32{float32(i) + 1, rapid.Float32Range(0.1, 5).Draw(t, "x"), rapid.Float32Range(0.1, 5).Draw(t, "y")}
		}
		windows := []int{1, rapid.IntRange(1, n).Draw(t, "k")}
		rescore := func(s []float64, c [][]float32, threads int) []float64 {
			out, err := Rescore(context.Background(), s, c, windows, threads)
			if err != nil {
				t.Fatal(err)
			}
			return out
		}
		one := rescore(scores, class, 1)
		if !slices.Equal(one, rescore(scores, class, 3)) {
			t.Fatal("threads change the result")
		}
		for _, s := range one {
			if s < -1e-12 || s > 1+1e-12 {
				t.Fatalf("%v is out of range", s)
			}
		}
		for i := range class { // equal similarities have an order of their own
			for j := range class {
				for k := range j {
					if a, b := dot(class[i], class[j]), dot(class[i], class[k]); math.Abs(a-b) < 1e-9*math.Abs(a) {
						return
					}
				}
			}
		}
		s, c := slices.Clone(scores), slices.Clone(class)
		slices.Reverse(s)
		slices.Reverse(c)
		back := rescore(s, c, 1)
		slices.Reverse(back)
		for i := range one {
			if math.Abs(one[i]-back[i]) > 1e-12 {
				t.Fatalf("image %d: %v, in reverse order %v", i, one[i], back[i])
			}
		}
	})
}
