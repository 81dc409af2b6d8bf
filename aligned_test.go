package codegraph_test

import (
	"fmt"
	"image"
	"image/color"
	"math/rand/v2"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/stub"
)

// board draws a plate with marks of 20 pixels at the places given.
func board(seed uint64, places []image.Point) image.Image {
	rng := rand.New(rand.NewPCG(seed, 0))
	img := image.NewGray(image.Rect(0, 0, 192, 192))
	for i := range img.Pix {
		img.Pix[i] = uint8(150 + rng.IntN(12))
	}
	for _, at := range places {
		for y := -10; y < 10; y++ {
			for x := -10; x < 10; x++ {
				if x*x+y*y < 100 {
					img.SetGray(at.X+x, at.Y+y, color.Gray{uint8(40 + rng.IntN(12))})
				}
			}
		}
	}
	return img
}

// TestAlignedFindsMisplaced: a mark at the wrong place looks like the marks at
// the right ones, unless only what is near is compared.
func TestAlignedFindsMisplaced(t *testing.T) {
	t.Parallel()
	places := []image.Point{{32, 32}, {96, 32}, {160, 32}, {32, 96}, {160, 96}, {32, 160}, {96, 160}, {160, 160}}
	const n, moved = 12, 5
	var set imageset.Set
	for i := range n {
		p := append([]image.Point(nil), places...)
		if i == moved {
			p[3] = image.Pt(96, 96)
		}
		set = append(set, imageset.Item{Name: fmt.Sprint(i), Pixels: board(uint64(i), p)})
	}
	margin := func(aligned int) float64 {
		o := stubbed()
		o.Backbone = stub.Network{Side: 48}
		o.MatchRadius = aligned
		return standsOut(detect(t, set, o), moved)
	}
	anywhere, near := margin(0), margin(1)
	if near < 1.5*anywhere || near < 2 {
		t.Errorf("the board with a misplaced mark scores %.2f times the others, %.2f times when matched near its place", anywhere, near)
	}
	t.Logf("%.2f, %.2f", anywhere, near)
}

func TestAlignedLeavesPartsAsTheyLie(t *testing.T) {
	t.Parallel()
	set := imageset.Set{{Name: "a", Pixels: board(1, nil)}, {Name: "b", Pixels: board(2, nil)}}
	r := detect(t, set, codegraph.Options{Backbone: stub.Network{}, MatchRadius: 2})
	if r.Options.Align != codegraph.AlignOff || r.Alignment != nil {
		t.Errorf("aligned parts were turned: %+v", r.Alignment)
	}
}
