package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"codegraph/internal/atomicfile"
	"codegraph/internal/eval/benchmark"
	"codegraph/internal/eval/dataset"
)

// sweepOptions are the flags of sweep.
type sweepOptions struct {
	renderFlags
	evaluateFlags
	Data       []string
	Layout     string
	Categories []string
	Set        []string
	OneByOne   bool
	Jobs       int
	Out        string
}

func newSweepCommand(p *program) *cobra.Command {
	var o sweepOptions
	cmd := &cobra.Command{
		Use:   "sweep --set NAME=VALUE,... [flags]",
		Short: "Measure a grid of constants",
		Long: `Sweep evaluates every combination of the constants named by --set, on datasets
(--data), or on rendered batches without it. Images are embedded and compared
once and taken from the cache after that. It writes sweep.csv, a line per batch,
point and method, and a picture for each constant to the output folder.
` + exitCodes,
		Example: `  codegraph sweep --set omega=0.2,0.4 --images 50 --shares 0,20
  codegraph sweep --set level=0.01,0.05 --set local=0.1,0.2 --data mvtec_ad`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.detectFlags.validate(); err != nil {
				return err
			}
			axes, err := parseAxes(o.Set)
			if err != nil {
				return err
			}
			if o.Out == "" {
				return usagef("--out is empty")
			}
			return p.runSweep(cmd.Context(), o, axes)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringArrayVar(&o.Set, "set", nil, "`NAME=VALUE,...`: a constant and the values it takes; repeatable")
	f.BoolVar(&o.OneByOne, "one-by-one", false, "vary one constant at a time, not all combinations")
	f.StringSliceVar(&o.Data, "data", nil, "`folders` of datasets")
	f.StringVar(&o.Layout, "layout", "", "`layout` of the datasets (default: detected)")
	f.StringSliceVar(&o.Categories, "category", nil, "`names` of the categories (default: all)")
	f.StringVarP(&o.Out, "out", "o", "codegraph-sweep", "output `folder`")
	f.IntVar(&o.Jobs, "jobs", runtime.GOMAXPROCS(0), "`number` of points evaluated at a time")
	o.renderFlags.addFlags(f)
	o.evaluateFlags.addFlags(f, "print no progress")
	o.addHelpAll(f)
	return cmd
}

// parseAxes reads NAME=VALUE,... texts.
func parseAxes(set []string) ([]benchmark.Axis, error) {
	if len(set) == 0 {
		return nil, usagef("sweep needs a constant to vary, such as --set level=0.01,0.05")
	}
	var axes []benchmark.Axis
	for _, text := range set {
		name, values, ok := strings.Cut(text, "=")
		if !ok {
			return nil, usagef("--set %q: write NAME=VALUE,VALUE", text)
		}
		axis := benchmark.Axis{Name: name}
		for _, v := range strings.Split(values, ",") {
			x, err := strconv.ParseFloat(strings.TrimSpace(v), 64)
			if err != nil {
				return nil, usagef("--set %q: %q is not a number", text, v)
			}
			axis.Values = append(axis.Values, x)
		}
		axes = append(axes, axis)
	}
	return axes, nil
}

func (p *program) runSweep(ctx context.Context, o sweepOptions, axes []benchmark.Axis) error {
	points, err := benchmark.Grid(o.Constants, axes, o.OneByOne)
	if err != nil {
		return asUsage(err)
	}
	batches, err := o.batches()
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
	if eval.Detect.Threads == 0 {
		eval.Detect.Threads = runtime.GOMAXPROCS(0)
	}
	all, err := benchmark.Sweep(ctx, batches, points, o.Jobs, eval)
	if err != nil {
		return err
	}
	show.stop()
	return writeSweep(o.Out, axes, all)
}

// batches are the categories of the datasets, or rendered ones.
func (o *sweepOptions) batches() ([]benchmark.Source, error) {
	if len(o.Data) == 0 {
		rendering, err := o.rendering()
		if err != nil {
			return nil, err
		}
		return rendering.Sources(), nil
	}
	var out []benchmark.Source
	for _, root := range o.Data {
		d, err := openDataset(root, o.Layout)
		if err != nil {
			return nil, err
		}
		out = append(out, categories(d, o.Categories)...)
	}
	return out, nil
}

func openDataset(root, layout string) (*dataset.Dataset, error) {
	l, err := dataset.ParseLayout(layout)
	if err != nil {
		return nil, asUsage(err)
	}
	return dataset.Open(root, l)
}

// categories are the sources of the categories named, of all if none is.
func categories(d *dataset.Dataset, names []string) []benchmark.Source {
	if len(names) == 0 {
		names = d.Categories()
	}
	var out []benchmark.Source
	for _, name := range names {
		out = append(out, func(ctx context.Context) (*benchmark.Batch, error) {
			c, err := d.Category(ctx, name)
			if err != nil {
				return nil, err
			}
			return benchmark.FromCategory(c), nil
		})
	}
	return out
}

// writeSweep writes sweep.csv and a picture for each constant.
func writeSweep(dir string, axes []benchmark.Axis, all []*benchmark.Swept) error {
	if err := makeOut(dir); err != nil {
		return err
	}
	columns := []string{"batch"}
	for _, a := range axes {
		columns = append(columns, a.Name)
	}
	err := atomicfile.Write(filepath.Join(dir, "sweep.csv"), func(w io.Writer) error {
		t := benchmark.NewCSVWriter(w, columns...)
		for _, s := range all {
			values := []string{s.Batch}
			for _, v := range s.Point.Values {
				values = append(values, fmt.Sprint(v))
			}
			t.Add(s.Evaluation, values...)
		}
		return t.Flush()
	})
	for a, axis := range axes {
		if err == nil {
			err = writeFigure(filepath.Join(dir, axis.Name+".png"), benchmark.SweepFigure(axis.Name, a, all))
		}
	}
	return err
}
