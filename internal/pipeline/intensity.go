package pipeline

import (
	"context"
	"slices"

	"codegraph/imageset"
	"codegraph/internal/option"
)

// WithIntensity settles the scale of deep samples for a batch and its references:
// the images and the options as they are from then on. A scale that the options
// name holds; auto takes that of the brightest sample of all.
func WithIntensity(ctx context.Context, images imageset.Set, o option.Options) (imageset.Set, option.Options, error) {
	var in imageset.Intensity
	var err error
	if o.Intensity == "" || o.Intensity == option.IntensityAuto {
		in, _, err = imageset.Survey(ctx, slices.Concat(images, o.References), decodingLimits(o))
	} else {
		in, err = imageset.ParseIntensity(o.Intensity)
	}
	if err != nil {
		return nil, o, err
	}
	o.Intensity = in.String()
	o.References = scaled(o.References, in)
	return scaled(images, in), o, nil
}

func scaled(images imageset.Set, in imageset.Intensity) imageset.Set {
	out := slices.Clone(images)
	for i := range out {
		out[i].Intensity = in
	}
	return out
}
