package benchmark

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"
)

// TestMuScMask compares with Pillow: see testdata/masks.py.
func TestMuScMask(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("testdata", "masks.json"))
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		W, H, Side int
		Mask, Want string // of 0 and 1, row by row
	}
	if err := json.Unmarshal(data, &cases); err != nil || len(cases) == 0 {
		t.Fatalf("%d cases: %v", len(cases), err)
	}
	for _, c := range cases {
		mask := make([]bool, len(c.Mask))
		for i := range mask {
			mask[i] = c.Mask[i] == '1'
		}
		wrong := 0
		for i, on := range muscMask(mask, c.W, c.H, c.Side) {
			if on != (c.Want[i] == '1') {
				wrong++
			}
		}
		if wrong > 0 {
			t.Errorf("%d × %d to %d: %d of %d pixels differ", c.W, c.H, c.Side, wrong, c.Side*c.Side)
		}
	}
}
