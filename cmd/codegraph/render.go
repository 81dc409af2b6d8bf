package main

import (
	"context"

	"codegraph/internal/eval/synth"
)

// renderBatch renders a batch into dir.
func renderBatch(ctx context.Context, spec batchSpec, dir string) ([]sample, error) {
	samples, err := synth.Render(ctx, synth.Config{
		Kind: synth.Kind(spec.Kind), Size: spec.Size, Seed: spec.Seed,
		Good: spec.Good, Rare: spec.Rare, Recurring: spec.Recurring, VariantShare: variantShare(spec.VariantShare),
	})
	if err != nil {
		return nil, err
	}
	out := make([]sample, len(samples))
	for i, s := range samples {
		out[i] = sample{Name: s.Name, Mask: s.MaskName(), Recurring: s.Type == synth.TypeRecurring}
	}
	return out, synth.Write(ctx, dir, samples)
}

// variantShare is the library's for the flag's.
func variantShare(flag float64) float64 {
	switch flag {
	case kindsShare:
		return 0
	case 0:
		return synth.NoVariant
	}
	return flag
}
