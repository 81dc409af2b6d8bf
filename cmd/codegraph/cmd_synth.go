package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// batchSpec says what to render.
type batchSpec struct {
	Kind                  string
	Good, Rare, Recurring int
	VariantShare          float64 // of parts that are a harmless variant; kindsShare: the kind's own
	Size                  int     // side, in pixels
	Seed                  uint64
}

// kindsShare stands for the share of variants that a kind has by default.
const kindsShare = -1

// sample is one rendered image; paths are below the folder it was written to.
type sample struct {
	Name      string // slash-separated, such as test/good/000.png
	Mask      string // ground truth of the same form; "" for a good image
	Recurring bool   // has the defect that recurs
}

var batchKinds = []string{"washer", "fabric", "bracket"}

func (b *batchSpec) addFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&b.Kind, "kind", b.Kind, "washer, fabric or bracket")
	f.IntVar(&b.Good, "good", b.Good, "`number` of good images")
	f.IntVar(&b.Rare, "rare", b.Rare, "`number` of images with a defect of their own")
	f.IntVar(&b.Recurring, "recurring", b.Recurring, "`number` of images with the same defect")
	f.Float64Var(&b.VariantShare, "variant-share", b.VariantShare, "`share` of the parts that are a harmless variant, 0 to 1; -1 is the kind's own")
	f.IntVar(&b.Size, "size", b.Size, "side of the images in `pixels`")
	f.Uint64Var(&b.Seed, "seed", b.Seed, "the same `number` gives the same images")
}

func (b *batchSpec) validate() error {
	if err := oneOf("kind", b.Kind, batchKinds...); err != nil {
		return err
	}
	for _, v := range []struct {
		flag  string
		value int
	}{{"good", b.Good}, {"rare", b.Rare}, {"recurring", b.Recurring}} {
		if v.value < 0 || v.value > 100000 {
			return usagef("--%s is %d: it must be between 0 and 100000", v.flag, v.value)
		}
	}
	if b.Good+b.Rare+b.Recurring == 0 {
		return usagef("--good, --rare and --recurring are all 0")
	}
	if b.VariantShare != kindsShare && !(b.VariantShare >= 0 && b.VariantShare <= 1) {
		return usagef("--variant-share is %v: it must be between 0 and 1", b.VariantShare)
	}
	if b.Size < 64 || b.Size > 8192 {
		return usagef("--size is %d: it must be between 64 and 8192", b.Size)
	}
	return nil
}

func newSynthCommand(p *program) *cobra.Command {
	spec := batchSpec{Kind: "washer", Good: 30, Rare: 6, Recurring: 8, VariantShare: kindsShare, Size: 320}
	var out string
	cmd := &cobra.Command{
		Use:   "synth [flags]",
		Short: "Render a batch of images with known defects",
		Long: `Synth renders images of parts, good ones and defective ones, with ground truth
masks, in the layout of MVTec AD: test/good, test/DEFECT and
ground_truth/DEFECT. The output folder must be new or empty.
` + exitCodes,
		Example: `  codegraph synth --kind bracket --recurring 12 --out brackets
  codegraph scan brackets`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := spec.validate(); err != nil {
				return err
			}
			if out == "" {
				return usagef("--out is empty")
			}
			return p.runSynth(cmd.Context(), spec, out)
		},
	}
	spec.addFlags(cmd.Flags())
	cmd.Flags().StringVarP(&out, "out", "o", "codegraph-synth", "output `folder`")
	return cmd
}

func (p *program) runSynth(ctx context.Context, spec batchSpec, out string) error {
	entries, err := os.ReadDir(out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return withHint(fmt.Errorf("output folder: %w", err), "choose another folder with --out")
	}
	if len(entries) > 0 {
		return withHint(fmt.Errorf("output folder %s is not empty", out), "choose another folder with --out")
	}
	samples, err := p.engine.render(ctx, spec, out)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(p.stdout, "%d images in %s\n", len(samples), out)
	return err
}
