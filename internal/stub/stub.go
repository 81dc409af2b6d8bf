package stub

import (
	"cmp"
	"context"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"

	"codegraph/backbone"
	"codegraph/imageset"
)

// cell is the side of the pixels that one patch of Network sees.
const cell = 4

// Network describes each cell of 4 × 4 pixels by its own grey levels in one
// layer, and by simple features of its surroundings in another. It takes images
// of Side pixels, a multiple of 4; 0 is 32.
type Network struct{ Side int }

func (n Network) Info() backbone.Info {
	side := cmp.Or(n.Side, 32)
	return backbone.Info{
		Name: "stub", Digest: "stub", Multiple: cell, Size: side, Fixed: true, Grid: side / cell, Radii: []int{1, 3}, Layers: []string{"pixels", "edges"},
		Std: [3]float32{1, 1, 1}, ClassToken: true,
	}
}

func (Network) Forward(_ context.Context, x []float32, h, w int) (*backbone.Features, error) {
	gh, gw := h/cell, w/cell
	pixels := backbone.Map{H: gh, W: gw, C: cell * cell, Data: make([]float32, gh*gw*cell*cell)}
	edges := backbone.Map{H: gh, W: gw, C: 4, Data: make([]float32, gh*gw*4)}
	class := make([]float32, cell*cell)
	for p := range gh * gw {
		own := pixels.Data[p*pixels.C:][:pixels.C]
		for k := range own {
			at := (p/gw*cell+k/cell)*w + p%gw*cell + k%cell
			own[k] = x[at] - 0.5
			class[k] += own[k] / float32(gh*gw)
			edge := edges.Data[p*4:][:4]
			if k%cell > 0 {
				edge[0] += abs(x[at] - x[at-1])
			}
			if k/cell > 0 {
				edge[1] += abs(x[at] - x[at-w])
			}
			edge[2] += x[at] * x[at]
			edge[3] += float32(math.Sin(6 * float64(x[at])))
		}
	}
	return &backbone.Features{Layers: []backbone.Map{pixels, edges}, Class: class}, nil
}

func abs(v float32) float32 { return float32(math.Abs(float64(v))) }

// Plates are n rough plates of side pixels, of which some have the same two
// dark bars, each in a cell of 8 × 8 of its own.
func Plates(n, side int, barred func(i int) bool) imageset.Set {
	var set imageset.Set
	for i := range n {
		rng := rand.New(rand.NewPCG(uint64(i), 9))
		img := image.NewGray(image.Rect(0, 0, side, side))
		for k := range img.Pix {
			img.Pix[k] = uint8(150 + rng.IntN(20))
		}
		if barred(i) {
			bar, gap := side*3/16, max(1, side/42)
			at := image.Pt(side/8*(1+rng.IntN(5)), side/8*(1+rng.IntN(5)))
			for x := range bar {
				for y := range gap {
					img.SetGray(at.X+x, at.Y+y, color.Gray{Y: 40})
					img.SetGray(at.X+x, at.Y+y+side/16, color.Gray{Y: 40})
				}
			}
		}
		set = append(set, imageset.Item{Name: fmt.Sprintf("%02d", i), Pixels: img})
	}
	return set
}

// Spoil gives image i of a set a spot of rough marks that no other has.
func Spoil(set imageset.Set, i int) {
	img := set[i].Pixels.(*image.Gray)
	rng := rand.New(rand.NewPCG(uint64(i), 10))
	side := img.Rect.Dx()
	at := image.Pt(side/8*rng.IntN(6), side/8*rng.IntN(6))
	for k := range side / 4 * side / 4 {
		img.SetGray(at.X+k%(side/4), at.Y+k/(side/4), color.Gray{Y: uint8(rng.IntN(256))})
	}
}

// Every selects every k-th, from the first.
func Every(k int) func(i int) bool { return func(i int) bool { return i%k == 0 } }

// Stamped are n rough plates of 32 pixels, of which some have the same mark, each in
// a cell of its own: Network sees it alike in all of them.
func Stamped(n int, stamped func(i int) bool) imageset.Set {
	set := Plates(n, 32, func(int) bool { return false })
	for i, it := range set {
		if !stamped(i) {
			continue
		}
		img := it.Pixels.(*image.Gray)
		rng := rand.New(rand.NewPCG(uint64(i), 5))
		at := image.Pt(cell*(1+rng.IntN(5)), cell*(1+rng.IntN(5)))
		for x := range 2 * cell {
			for y := range 2 * cell {
				img.SetGray(at.X+x, at.Y+y, color.Gray{Y: uint8(30 + 25*((x/2+y)%2))})
			}
		}
	}
	return set
}
