package main

import (
	"context"
	"fmt"
	"image"
	"io"
	"path/filepath"
	"slices"
	"text/tabwriter"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/anomap"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/eval/metric"
	"codegraph/internal/outdir"
	"codegraph/internal/text"
	"codegraph/internal/verdict"
	"codegraph/report"
	"github.com/spf13/cobra"
)

// demoOptions are the flags of demo.
type demoOptions struct {
	Out     string
	Threads int
	Quiet   bool
	NoPage  bool
	Batch   batchSpec
}

func newDemoCommand(p *program) *cobra.Command {
	opts := demoOptions{Batch: batchSpec{
		Kind: "washer", Good: 24, Rare: 4, Recurring: 16, VariantShare: 0, Size: 320, Seed: 1,
	}}
	cmd := &cobra.Command{
		Use:   "demo [flags]",
		Short: "Show both methods on a rendered batch with known defects",
		Long: `Demo renders a batch of parts: good ones, some of a harmless variant, some with
a defect of their own, some with the same defect. It scores them by mutual
scoring alone (MuSc) and by CoDeGraph, compares both with the ground truth, and
writes the same output as scan, with the rendered images under input/.
` + exitCodes,
		Example: `  codegraph demo
  codegraph demo --kind bracket --recurring 10 --seed 3`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := opts.validate(); err != nil {
				return err
			}
			return p.runDemo(cmd.Context(), opts)
		},
	}
	f := cmd.Flags()
	opts.Batch.addFlags(f)
	f.StringVarP(&opts.Out, "out", "o", "codegraph-demo", "output `folder`")
	f.IntVar(&opts.Threads, "threads", 0, "`number` of threads (default: all cores)")
	f.BoolVar(&opts.NoPage, "no-report", false, "leave out report.html")
	f.BoolVarP(&opts.Quiet, "quiet", "q", false, "print neither progress nor figures")
	return cmd
}

func (o *demoOptions) validate() error {
	if err := o.Batch.validate(); err != nil {
		return err
	}
	switch {
	case o.Out == "":
		return usagef("--out is empty")
	case o.Threads < 0:
		return usagef("--threads is %d: it must not be negative", o.Threads)
	case o.Batch.Good == 0 || o.Batch.Rare+o.Batch.Recurring == 0:
		return usagef("demo needs good and defective images to compare")
	}
	return nil
}

func (p *program) runDemo(ctx context.Context, opts demoOptions) error {
	release, err := claimOut(opts.Out)
	if err != nil {
		return err
	}
	defer release()
	inputs, remove, err := outdir.TempDir(opts.Out)
	if err != nil {
		return err
	}
	defer remove()
	samples, err := p.engine.render(ctx, opts.Batch, inputs)
	if err != nil {
		return err
	}
	set := make(imageset.Set, len(samples))
	for i, s := range samples {
		set[i] = imageset.Item{Name: s.Name, Path: filepath.Join(inputs, filepath.FromSlash(s.Name))}
	}
	show := newProgress(p.stderr, opts.Quiet)
	defer show.stop()
	// One pass serves both: the result holds the scores before filtering.
	detect := codegraph.Options{
		Method: codegraph.MethodCoDeGraph, Threads: opts.Threads, Strict: true,
		Constants: codegraph.DefaultConstants(), Progress: show.update,
	}
	if !opts.NoPage {
		detect.Evidence = report.PagePatches
	}
	res, err := p.engine.detect(ctx, set, detect)
	if err != nil {
		return err
	}
	known, err := truthOf(knownTruth(samples, inputs), res)
	if err != nil {
		return err
	}
	truths, err := truths(ctx, res, samples, known)
	if err != nil {
		return err
	}
	table, err := figures(res, truths)
	if err != nil {
		return err
	}
	tally := tallyOf(res, truths)
	doc, err := p.writeDemo(ctx, res, opts, inputs, known, show)
	if err != nil {
		return err
	}
	show.stop()
	if opts.Quiet {
		return nil
	}
	if err := report.Summary(p.stdout, doc, report.SummaryOptions{Dir: opts.Out, Timing: true}); err != nil {
		return err
	}
	if err := printFigures(p.stdout, table); err != nil {
		return err
	}
	if err := tally.print(p.stdout); err != nil {
		return err
	}
	return showDefect(p.stdout, doc, opts.Out)
}

// showDefect says where the pictures of the recurring defect are.
func showDefect(w io.Writer, doc *report.Document, dir string) error {
	for _, f := range doc.Families {
		if f.Status == string(codegraph.StatusDefect) && f.Sheet != nil {
			_, err := fmt.Fprintf(w, "To see the defect that %d parts share, open %s\n", len(f.Members), text.Printable(filepath.Join(dir, *f.Sheet)))
			return err
		}
	}
	return nil
}

// writeDemo names the images by the places they are moved to.
func (p *program) writeDemo(ctx context.Context, res *codegraph.Result, opts demoOptions, inputs string, truth *report.Truth, show progress) (*report.Document, error) {
	for i := range res.Images {
		item := &res.Images[i].Item
		item.Path = filepath.Join(opts.Out, report.InputDir, filepath.FromSlash(item.Name))
	}
	load := p.engine.load(0)
	return report.Write(ctx, opts.Out, res, report.Options{
		Version: programVersion(),
		Title:   "Demo: " + opts.Batch.Kind + ", rendered",
		Load: func(ctx context.Context, item imageset.Item) (image.Image, error) {
			item.Path = filepath.Join(inputs, filepath.FromSlash(item.Name))
			return load(ctx, item)
		},
		Inputs:   inputs,
		Page:     !opts.NoPage,
		Truth:    truth,
		Progress: show.update,
	})
}

// knownTruth is the truth about rendered images in dir.
func knownTruth(samples []sample, dir string) *dataset.Category {
	c := &dataset.Category{Name: "demo"}
	for _, s := range samples {
		known := dataset.Sample{Name: s.Name, Path: filepath.Join(dir, filepath.FromSlash(s.Name)), Type: dataset.Good}
		if s.Mask != "" {
			known.Type, known.Anomalous = "defect", true
			known.Masks = []string{filepath.Join(dir, filepath.FromSlash(s.Mask))}
		}
		c.Samples = append(c.Samples, known)
	}
	return c
}

// figure is one line of the comparison.
type figure struct {
	what           string
	musc, filtered float64
}

// truth is the ground truth of one image.
type truth struct {
	defect, recurring bool
	mask              []bool // [height][width]
}

// truths reads the ground truth of each image.
func truths(ctx context.Context, res *codegraph.Result, samples []sample, known *report.Truth) ([]truth, error) {
	recurring := make(map[string]bool)
	for _, s := range samples {
		recurring[s.Name] = s.Recurring
	}
	out := make([]truth, len(res.Images))
	for i, im := range res.Images {
		if ctx.Err() != nil {
			return nil, context.Cause(ctx)
		}
		mask, err := known.Mask(ctx, i, im.Width, im.Height)
		if err != nil {
			return nil, err
		}
		out[i] = truth{known.Defective[i], recurring[im.Item.Name], mask}
	}
	return out, nil
}

// figures measures both methods on all images and, if there is a recurring
// defect, on that beside the good images.
func figures(res *codegraph.Result, truths []truth) ([]figure, error) {
	sets := []struct {
		suffix string
		use    func(truth) bool
	}{
		{"", func(truth) bool { return true }},
		{", recurring defect", func(t truth) bool { return t.recurring || !t.defect }},
	}
	if !slices.ContainsFunc(truths, func(t truth) bool { return t.recurring }) {
		sets = sets[:1]
	}
	var out []figure
	for _, s := range sets {
		images, err := imageFigure(res, truths, s.use)
		if err != nil {
			return nil, err
		}
		pixels, err := pixelFigure(res, truths, s.use)
		if err != nil {
			return nil, err
		}
		images.what, pixels.what = "image AUROC"+s.suffix, "pixel AP"+s.suffix
		out = append(out, images, pixels)
	}
	return out, nil
}

func imageFigure(res *codegraph.Result, truths []truth, use func(truth) bool) (f figure, err error) {
	var labels []bool
	var musc, filtered []float64
	for i, t := range truths {
		if use(t) {
			labels = append(labels, t.defect)
			musc = append(musc, res.Images[i].MuScScore)
			filtered = append(filtered, res.Images[i].Score)
		}
	}
	if f.musc, err = metric.AUROC(musc, labels); err != nil {
		return f, err
	}
	f.filtered, err = metric.AUROC(filtered, labels)
	return f, err
}

func pixelFigure(res *codegraph.Result, truths []truth, use func(truth) bool) (f figure, err error) {
	pixels := func(m func(*codegraph.Image) []float32) (float64, error) {
		var labels []bool
		var scores []float32
		for i, t := range truths {
			if !use(t) {
				continue
			}
			im := &res.Images[i]
			labels = append(labels, t.mask...)
			scores = append(scores, anomap.New(m(im), res.GridH, res.GridW).Upsample(im.Height, im.Width)...)
		}
		return metric.AP(scores, labels)
	}
	if f.musc, err = pixels(func(im *codegraph.Image) []float32 { return im.MuScMap }); err != nil {
		return f, err
	}
	f.filtered, err = pixels(func(im *codegraph.Image) []float32 { return im.Map })
	return f, err
}

// demoTally counts what becomes of good parts and of those with the recurring
// defect.
type demoTally struct {
	good, pass, recurring, fail int
	musc, filtered              int // recurring ones that score above all good ones
}

func tallyOf(res *codegraph.Result, truths []truth) (o demoTally) {
	var musc, filtered float64 // the highest scores of good parts
	for i, t := range truths {
		if im := &res.Images[i]; !t.defect {
			o.good++
			if im.Verdict.Label == verdict.Pass {
				o.pass++
			}
			musc, filtered = max(musc, im.MuScScore), max(filtered, im.Score)
		}
	}
	for i, t := range truths {
		if !t.recurring {
			continue
		}
		o.recurring++
		im := &res.Images[i]
		if im.Verdict.Label == verdict.Fail {
			o.fail++
		}
		if im.MuScScore > musc {
			o.musc++
		}
		if im.Score > filtered {
			o.filtered++
		}
	}
	return o
}

func (o demoTally) print(w io.Writer) error {
	_, err := fmt.Fprintf(w, "\n%d of %d good parts pass.\n", o.pass, o.good)
	if err == nil && o.recurring > 0 {
		_, err = fmt.Fprintf(w, "Of the %d with the recurring defect, %d fail. Above all good parts score %d with MuSc, %d with CoDeGraph.\n", o.recurring, o.fail, o.musc, o.filtered)
	}
	return err
}

func printFigures(w io.Writer, table []figure) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(t, "\nagainst the ground truth, %\tMuSc\tCoDeGraph\t")
	for _, f := range table {
		fmt.Fprintf(t, "%s\t%.1f\t%.1f\t\n", f.what, 100*f.musc, 100*f.filtered)
	}
	return t.Flush()
}
