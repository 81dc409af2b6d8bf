package family

import (
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

func TestOutlying(t *testing.T) {
	scores := [][]float32{{1, 2}, {3, 1}, {2, 9}, {1, 4}}
	for share, want := range map[float64]map[int][]int{
		0:    {1: {0}, 2: {1}, 3: {1}}, // one image at least is normal
		0.5:  {2: {1}, 3: {1}},
		0.75: {2: {1}},
		1:    nil,
	} {
		if got := Outlying(scores, share, 1); !reflect.DeepEqual(got, want) {
			t.Errorf("share %v: %v, want %v", share, got, want)
		}
	}
	if got := Outlying(scores, 0.5, 1.5); !reflect.DeepEqual(got, map[int][]int{2: {1}}) { // image 3 exceeds the limit 3 by too little
		t.Error(got)
	}
}

// TestOutlyingSparesTheShare: the images taken to be normal lose nothing.
func TestOutlyingSparesTheShare(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n, share := rapid.IntRange(1, 12).Draw(t, "n"), rapid.Float64Range(0, 1).Draw(t, "share")
		scores := make([][]float32, n)
		for i := range scores {
			scores[i] = rapid.SliceOfN(rapid.Float32Range(0, 9), 3, 3).Draw(t, "scores")
		}
		if lost := len(Outlying(scores, share, 1)); float64(lost) > (1-share)*float64(n) {
			t.Fatalf("%d of %d images lose patches", lost, n)
		}
	})
}
