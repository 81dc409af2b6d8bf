package imageset

import (
	"context"
	"crypto/sha256"
	"fmt"
	"image"
	"image/draw"
)

// crop returns the part r of p.
func (p *Picture) crop(r image.Rectangle) (*Picture, error) {
	if !r.In(p.Image.Rect) {
		return nil, fmt.Errorf("%w: the part %v is not within its %d × %d pixels", ErrNotImage, r, p.Width, p.Height)
	}
	part := image.NewNRGBA(image.Rect(0, 0, r.Dx(), r.Dy()))
	draw.Draw(part, part.Rect, p.Image, r.Min, draw.Src)
	return &Picture{
		Image: part, Width: r.Dx(), Height: r.Dy(), Warnings: p.Warnings, Kind: p.Kind, Bytes: p.Bytes,
		Digest: sha256.Sum256(fmt.Appendf(p.Digest[:], "%v", r)),
	}, nil
}

// Dimensions returns the size of an item in pixels, upright: from its header
// alone, where it is a file.
func Dimensions(ctx context.Context, it Item, lim Limits) (size image.Point, err error) {
	if err := ctx.Err(); err != nil {
		return size, err
	}
	if !it.Crop.Empty() {
		return it.Crop.Size(), nil
	}
	if it.Pixels != nil {
		return it.Pixels.Bounds().Size(), nil
	}
	lim = lim.withDefaults()
	data, err := readFile(it.Path, lim.MaxBytes)
	if err != nil {
		return size, err
	}
	defer func() { err = recovered(recover(), err) }()
	k, config, err := header(data, it.Page, lim)
	if err != nil {
		return size, err
	}
	if orientation(data, it.Page, k.name) >= transposed {
		return image.Pt(config.Height, config.Width), nil
	}
	return image.Pt(config.Width, config.Height), nil
}
