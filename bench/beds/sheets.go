package main

import (
	"context"
	"image"
	"image/color"
	"image/png"
	"io"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"

	"codegraph/internal/atomicfile"
	"codegraph/internal/eval/beds"
)

// sheets writes, for each bed, a picture of what was planted: whole
// photographs above, the planted places beside their masks below.
func sheets(ctx context.Context, p *beds.Photographs, all []beds.Bed, dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, b := range all {
		batch, err := p.Render(ctx, b)
		if err != nil {
			return err
		}
		draw := func(w io.Writer) error { return png.Encode(w, sheet(batch)) }
		if err := atomicfile.Write(filepath.Join(dir, b.Name+".png"), draw); err != nil {
			return err
		}
	}
	return nil
}

// cell is the side of a picture of a sheet, row how many there are in one.
const cell, row = 230, 6

func sheet(b *beds.Batch) image.Image {
	shown := b.Labelled(beds.SharedDefect)
	shown = append(shown, b.Labelled(beds.SharedFeature)...)
	shown = append(shown[:min(len(shown), 4)], b.Labelled(beds.RareDefect)...)
	shown = append(shown, b.Labelled(beds.Good)...)
	shown = shown[:min(len(shown), row)]
	out := image.NewRGBA(image.Rect(0, 0, row*cell, 3*cell))
	draw.Draw(out, out.Rect, image.NewUniform(color.Gray{40}), image.Point{}, draw.Src)
	for k, i := range shown {
		im := b.Images[i]
		fit(out, image.Pt(k*cell, 0), im.Pixels, im.Pixels.Rect)
		box := im.Pixels.Rect
		if im.Mask != nil {
			box = around(im.Mask)
			fit(out, image.Pt(k*cell, 2*cell), im.Mask, box)
		}
		fit(out, image.Pt(k*cell, cell), im.Pixels, box)
	}
	return out
}

// around is a square around what a mask marks.
func around(m *image.Gray) (box image.Rectangle) {
	for i, v := range m.Pix {
		if v > 0 {
			x, y := i%m.Stride, i/m.Stride
			box = box.Union(image.Rect(x, y, x+1, y+1))
		}
	}
	half := max(box.Dx(), box.Dy())*3/4 + 12
	c := box.Min.Add(box.Max).Div(2)
	return image.Rect(c.X-half, c.Y-half, c.X+half, c.Y+half).Intersect(m.Rect)
}

func fit(dst *image.RGBA, at image.Point, src image.Image, r image.Rectangle) {
	s := float64(cell-4) / float64(max(r.Dx(), r.Dy()))
	size := image.Pt(int(s*float64(r.Dx())), int(s*float64(r.Dy())))
	draw.CatmullRom.Scale(dst, image.Rectangle{at, at.Add(size)}, src, r, draw.Src, nil)
}
