package main

import (
	"context"
	"encoding/json"
	"image"
	"image/color"
	"image/png"
	"os"
	"path/filepath"

	"golang.org/x/image/draw"

	"codegraph/internal/eval/beds"
)

// truth is what truth.json says of a picture.
type truth struct {
	Image  string     `json:"image"`
	Label  beds.Label `json:"label"`
	Detail string     `json:"detail,omitempty"`
}

// write writes a bed as a folder: images, masks and truth.json.
func write(ctx context.Context, p *beds.Photographs, b beds.Bed, dir string) error {
	batch, err := p.Render(ctx, b)
	if err != nil {
		return err
	}
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	for _, sub := range []string{"images", "masks"} {
		if err := os.Mkdir(filepath.Join(dir, sub), 0o777); err != nil {
			return err
		}
	}
	var all []truth
	for _, im := range batch.Images {
		all = append(all, truth{im.Name + ".png", im.Label, im.Detail})
		if err := writePNG(filepath.Join(dir, "images", im.Name+".png"), im.Pixels); err != nil {
			return err
		}
		if im.Mask != nil {
			if err := writePNG(filepath.Join(dir, "masks", im.Name+".png"), im.Mask); err != nil {
				return err
			}
		}
	}
	text, err := json.MarshalIndent(struct {
		Bed    beds.Bed `json:"bed"`
		Images []truth  `json:"images"`
	}{b, all}, "", "\t")
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "truth.json"), append(text, '\n'), 0o666)
}

func writePNG(name string, img image.Image) (err error) {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	defer func() {
		if e := f.Close(); err == nil {
			err = e
		}
	}()
	return png.Encode(f, img)
}

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
		if err := writePNG(filepath.Join(dir, b.Name+".png"), sheet(batch)); err != nil {
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
