package main

import (
	"context"
	"image"

	"codegraph/imageset"
	"codegraph/report"
)

// loadImages returns a decoder with a bound on the pixels of an image; 0 is
// the default bound.
func loadImages(maxPixels int64) report.Loader {
	limits := imageset.Limits{MaxPixels: maxPixels}
	return func(ctx context.Context, item imageset.Item) (image.Image, error) {
		p, err := imageset.Load(ctx, item, limits)
		if err != nil {
			return nil, err
		}
		return p.Image, nil
	}
}
