package main

import (
	"context"

	"codegraph/synth"
)

// renderBatch renders a batch into dir.
func renderBatch(ctx context.Context, spec batchSpec, dir string) ([]sample, error) {
	share := spec.VariantShare
	switch share {
	case kindsShare:
		share = 0
	case 0:
		share = synth.NoVariant
	}
	samples, err := synth.Render(ctx, synth.Config{
		Kind: synth.Kind(spec.Kind), Size: spec.Size, Seed: spec.Seed,
		Good: spec.Good, Rare: spec.Rare, Recurring: spec.Recurring, VariantShare: share,
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
