package main

import (
	"context"
	"fmt"
	"io"
	"math"
	"path/filepath"
	"strconv"
	"text/tabwriter"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"codegraph"
	"codegraph/internal/atomicfile"
	"codegraph/internal/eval/benchmark"
	"codegraph/internal/eval/synth"
)

// renderFlags say which batches are rendered.
type renderFlags struct {
	Kinds        []string
	Images       []int
	Shares       []string
	Seeds        int
	FirstSeed    int
	RareShare    float64
	VariantShare float64
	Size         int
}

func (r *renderFlags) addFlags(f *pflag.FlagSet) {
	f.StringSliceVar(&r.Kinds, "kinds", batchKinds, "`kinds` of parts")
	f.IntSliceVar(&r.Images, "images", []int{20, 50, 100, 200}, "`numbers` of images in a batch")
	f.StringSliceVar(&r.Shares, "shares", []string{"0", "5", "10", "20", "30", "40"}, "`shares` of images with the recurring defect, in per cent")
	f.IntVar(&r.Seeds, "seeds", 3, "`number` of batches of each sort")
	f.IntVar(&r.FirstSeed, "first-seed", 1, "`seed` of the first of them")
	f.Float64Var(&r.RareShare, "rare", 10, "`share` of images with a defect of their own, in per cent")
	f.Float64Var(&r.VariantShare, "variant-share", kindsShare, "`share` of the parts that are a harmless variant, 0 to 1; -1 is the kind's own")
	f.IntVar(&r.Size, "image-size", 256, "side of the images in `pixels`")
}

// rendering checks the flags.
func (r *renderFlags) rendering() (benchmark.Rendering, error) {
	out := benchmark.Rendering{Images: r.Images, RareShare: r.RareShare / 100, Size: r.Size, VariantShare: variantShare(r.VariantShare)}
	for _, k := range r.Kinds {
		if err := oneOf("kinds", k, batchKinds...); err != nil {
			return out, err
		}
		out.Kinds = append(out.Kinds, synth.Kind(k))
	}
	for _, s := range r.Shares {
		v, err := strconv.ParseFloat(s, 64)
		if err != nil || !(v >= 0 && v+r.RareShare <= 100) {
			return out, usagef("--shares has %q: shares are per cent and leave room for --rare %g", s, r.RareShare)
		}
		out.Shares = append(out.Shares, v/100)
	}
	if r.Seeds < 1 || r.FirstSeed < 0 {
		return out, usagef("--seeds is %d, --first-seed %d: there must be one at least", r.Seeds, r.FirstSeed)
	}
	for k := range r.Seeds {
		out.Seeds = append(out.Seeds, uint64(r.FirstSeed+k))
	}
	for _, kind := range out.Kinds {
		for _, n := range out.Images {
			for _, share := range out.Shares {
				if err := out.Config(kind, n, share, 0).Validate(); err != nil {
					return out, asUsage(err)
				}
			}
		}
	}
	return out, nil
}

// benchSynthOptions are the flags of bench synth.
type benchSynthOptions struct {
	renderFlags
	evaluateFlags
	Out string
}

func newBenchSynthCommand(p *program) *cobra.Command {
	var o benchSynthOptions
	cmd := &cobra.Command{
		Use:   "synth [flags]",
		Short: "Measure rendered parts with a known share of recurring defects",
		Long: `Bench synth renders batches of parts and shows how mutual scoring (MuSc) and
CoDeGraph do as the share of images with one and the same defect grows. It
prints a table and writes results.csv, a line per batch and method, and
share.png to the output folder. A run that was interrupted goes on where it was.
` + exitCodes,
		Example: `  codegraph bench synth --images 50 --seeds 1
  codegraph bench synth --kinds washer --shares 0,20 --out washers`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.detectFlags.validate(); err != nil {
				return err
			}
			if o.Out == "" {
				return usagef("--out is empty")
			}
			return p.runBenchSynth(cmd.Context(), o)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&o.Out, "out", "o", "codegraph-bench", "output `folder`")
	o.renderFlags.addFlags(f)
	o.evaluateFlags.addFlags(f, "print neither progress nor table")
	o.addSet(f)
	o.addHelpAll(f)
	return cmd
}

func (p *program) runBenchSynth(ctx context.Context, o benchSynthOptions) error {
	rendering, err := o.rendering()
	if err != nil {
		return err
	}
	if err := o.withoutMasks(); err != nil {
		return err
	}
	eval, show, err := p.evaluation(o.evaluateFlags)
	if err != nil {
		return err
	}
	defer show.stop()
	all, err := benchmark.Synth(ctx, rendering, eval)
	if err != nil {
		return err
	}
	show.stop()
	if err := writeRendered(o.Out, all); err != nil {
		return err
	}
	if o.Quiet {
		return nil
	}
	return printRendered(p.stdout, all)
}

// writeRendered writes results.csv and share.png.
func writeRendered(dir string, all []*benchmark.Rendered) error {
	if err := makeOut(dir); err != nil {
		return err
	}
	err := atomicfile.Write(filepath.Join(dir, "results.csv"), func(w io.Writer) error {
		t := benchmark.NewCSVWriter(w, "kind", "images", "share", "seed", "found", "false_defects")
		for _, r := range all {
			t.Add(r.Evaluation, string(r.Kind), strconv.Itoa(r.Images), fmt.Sprint(100*r.Share), strconv.FormatUint(r.Seed, 10),
				strconv.FormatBool(r.Found()), strconv.Itoa(r.FalseDefects()))
		}
		return t.Flush()
	})
	if err != nil {
		return err
	}
	return writeFigure(filepath.Join(dir, "share.png"), benchmark.ShareFigure(all))
}

func writeFigure(file string, rows [][]benchmark.Panel) error {
	return atomicfile.Write(file, func(w io.Writer) error { return benchmark.Draw(w, rows) })
}

// printRendered prints a line for each sort of batch: medians over its
// batches, and in how many the recurring defect was found.
func printRendered(w io.Writer, all []*benchmark.Rendered) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "| kind | images | recurring | batches | image AUROC, MuSc | CoDeGraph | pixel AP, MuSc | CoDeGraph | of the recurring defect, MuSc | CoDeGraph | change | found | false defects |")
	fmt.Fprintln(t, "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, g := range benchmark.Groups(all) {
		fmt.Fprintf(t, "| %s | %d | %g %% | %d |", g.Kind, g.Images, 100*g.Share, len(g.Batches))
		for _, figure := range []func(*benchmark.Rendered, codegraph.Method) float64{
			func(r *benchmark.Rendered, m codegraph.Method) float64 { return float64(r.Figures[m].ImageAUROC) },
			func(r *benchmark.Rendered, m codegraph.Method) float64 { return float64(r.Figures[m].PixelAP) },
			(*benchmark.Rendered).PixelAP,
		} {
			for _, m := range []codegraph.Method{codegraph.MethodMuSc, codegraph.MethodCoDeGraph} {
				fmt.Fprintf(t, " %s |", figureCell(g.Median(func(r *benchmark.Rendered) float64 { return figure(r, m) })))
			}
		}
		fmt.Fprintf(t, " %s |", figureCell(g.Median(func(r *benchmark.Rendered) float64 {
			return r.PixelAP(codegraph.MethodCoDeGraph) - r.PixelAP(codegraph.MethodMuSc)
		})))
		found, wrong := g.Counts()
		fmt.Fprintf(t, " %d | %d |\n", found, wrong)
	}
	return t.Flush()
}

func figureCell(v float64) string {
	if math.IsNaN(v) {
		return "–"
	}
	return fmt.Sprintf("%.1f", v)
}
