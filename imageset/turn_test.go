package imageset

import (
	"math"
	"slices"
	"testing"
)

func TestTurnQuarters(t *testing.T) {
	const side = 5
	tensor := make([]float32, 3*side*side)
	for k := range tensor {
		tensor[k] = float32(k)
	}
	quarter := Turn(tensor, side, math.Pi/2)
	for c := range 3 {
		plane := c * side * side
		for y := range side {
			for x := range side { // clockwise: the left column becomes the top row
				if got, want := quarter[plane+y*side+x], tensor[plane+(side-1-x)*side+y]; got != want {
					t.Fatalf("channel %d, (%d, %d): %v, want %v", c, x, y, got, want)
				}
			}
		}
	}
	full := tensor
	for range 4 {
		full = Turn(full, side, math.Pi/2)
	}
	if !slices.Equal(full, tensor) {
		t.Error("four quarter turns change the image")
	}
}

// TestTurnBackAndForth: there and back blurs a smooth image but little.
func TestTurnBackAndForth(t *testing.T) {
	const side = 64
	tensor := make([]float32, 3*side*side)
	for k := range tensor {
		x, y := float64(k%side), float64(k/side%side)
		tensor[k] = float32(math.Sin(x/7) + math.Cos(y/9))
	}
	back := Turn(Turn(tensor, side, 0.7), side, -0.7)
	for y := side / 4; y < 3*side/4; y++ {
		for x := side / 4; x < 3*side/4; x++ {
			if d := math.Abs(float64(back[y*side+x] - tensor[y*side+x])); d > 0.01 {
				t.Fatalf("(%d, %d) is off by %v", x, y, d)
			}
		}
	}
}
