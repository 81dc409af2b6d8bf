package metric

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestComponents(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name   string
		w      int
		rows   []string
		labels []int32
		areas  []int
	}{
		{"nothing", 2, []string{"..", ".."}, []int32{0, 0, 0, 0}, nil},
		{"everything", 2, []string{"##", "##"}, []int32{1, 1, 1, 1}, []int{4}},
		{"diagonals touch", 3, []string{"#..", ".#.", "#.."}, []int32{1, 0, 0, 0, 1, 0, 1, 0, 0}, []int{3}},
		{"two", 3, []string{"#.#", "#.."}, []int32{1, 0, 2, 1, 0, 0}, []int{2, 1}},
		{"rows do not wrap", 3, []string{"..#", "...", "#.."}, []int32{0, 0, 1, 0, 0, 0, 2, 0, 0}, []int{1, 1}},
		{"edges of adjacent rows", 3, []string{"..#", "#.."}, []int32{0, 0, 1, 2, 0, 0}, []int{1, 1}},
		{"joined late", 3, []string{"#.#", "###"}, []int32{1, 0, 1, 1, 1, 1}, []int{5}},
		{"one row", 5, []string{"#.##."}, []int32{1, 0, 2, 2, 0}, []int{1, 2}},
		{"one column", 1, []string{"#", "#", ".", "#"}, []int32{1, 1, 0, 2}, []int{2, 1}},
	}
	for _, tt := range tests {
		labels, areas, err := Components(parseMask(tt.rows...), tt.w, len(tt.rows))
		if err != nil || !slices.Equal(labels, tt.labels) || !slices.Equal(areas, tt.areas) {
			t.Errorf("%s: %v %v %v, want %v %v", tt.name, labels, areas, err, tt.labels, tt.areas)
		}
	}
	if _, _, err := Components(make([]bool, 5), 2, 2); err == nil {
		t.Error("5 pixels pass for 2 × 2")
	}
}

// TestComponentsAgainstScipy: regions may be numbered differently there.
func TestComponentsAgainstScipy(t *testing.T) {
	t.Parallel()
	for _, c := range goldenPixels(t) {
		for i, m := range c.Images {
			labels, _, err := Components(m.Mask, m.W, m.H)
			if err != nil {
				t.Fatal(err)
			}
			if !samePartition(labels, m.Labels) {
				t.Errorf("%s: image %d: %v, want %v", c.Name, i, labels, m.Labels)
			}
		}
	}
}

func samePartition(a, b []int32) bool {
	ab, ba := map[int32]int32{0: 0}, map[int32]int32{0: 0}
	for i, k := range a {
		if _, ok := ab[k]; !ok {
			ab[k] = b[i]
		}
		if _, ok := ba[b[i]]; !ok {
			ba[b[i]] = k
		}
		if ab[k] != b[i] || ba[b[i]] != k {
			return false
		}
	}
	return len(a) == len(b)
}

// TestComponentsSpread compares with labels that spread until nothing changes.
func TestComponentsSpread(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		w, h := rapid.IntRange(1, 12).Draw(t, "w"), rapid.IntRange(1, 12).Draw(t, "h")
		mask := rapid.SliceOfN(rapid.Bool(), w*h, w*h).Draw(t, "mask")
		labels, areas, err := Components(mask, w, h)
		if err != nil {
			t.Fatal(err)
		}
		if !samePartition(labels, spread(mask, w)) {
			t.Fatal(labels)
		}
		count := make([]int, len(areas)+1)
		top := int32(0)
		for _, k := range labels {
			if count[k]++; k > top+1 {
				t.Fatal("regions are not numbered by their first pixels")
			}
			top = max(top, k)
		}
		if !slices.Equal(count[1:], areas) {
			t.Fatal(count[1:], areas)
		}
	})
}

func spread(mask []bool, w int) []int32 {
	labels := make([]int32, len(mask))
	for i, set := range mask {
		if set {
			labels[i] = int32(i + 1)
		}
	}
	for changed := true; changed; {
		changed = false
		for i := range labels {
			for j := range labels {
				dx, dy := i%w-j%w, i/w-j/w
				if labels[i] > labels[j] && labels[j] > 0 && dx*dx <= 1 && dy*dy <= 1 {
					labels[i], changed = labels[j], true
				}
			}
		}
	}
	return labels
}
