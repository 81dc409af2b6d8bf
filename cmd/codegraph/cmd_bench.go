package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"codegraph"
	"codegraph/internal/atomicfile"
	"codegraph/internal/eval/benchmark"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/eval/table"
	"codegraph/internal/option"
	"codegraph/internal/outdir"
	"codegraph/internal/regular"
	"codegraph/report"
)

// benchFlags are the flags of bench.
type benchFlags struct {
	evaluateFlags
	Data       string
	Layout     string
	Categories []string
	Subset     int
	Stratified bool
	Repeats    int
	References int
	HeldOut    int
	Resolution int
	Original   bool
	Protocol   string
	Published  string
	Reference  bool
	Format     string
	Out        string
	Reports    string
	Config     string
}

func (o *benchFlags) addFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVar(&o.Data, "data", "", "`folder` of the dataset, or of one category")
	f.StringVar(&o.Layout, "layout", "", "`layout` of the dataset (default: detected)")
	f.StringSliceVar(&o.Categories, "category", nil, "`names` of the categories (default: all)")
	f.IntVar(&o.Subset, "subset", 0, "divide a category at random into sub-batches of about this `number` of images, each scored alone")
	f.BoolVar(&o.Stratified, "stratified", false, "sub-batches have their share of every type of defect")
	f.IntVar(&o.Repeats, "repeats", 1, "`number` of runs, with seeds from --seed on: mean and standard deviation")
	f.IntVar(&o.References, "references", 0, "tell of so many good images of a category, drawn at random, that they are: a `number`")
	f.IntVar(&o.HeldOut, "held-out", 0, "leave a `number` of the images that --references draws out of the batch")
	f.IntVar(&o.Resolution, "resolution", benchmark.Side, "side in `pixels` at which maps are judged")
	f.BoolVar(&o.Original, "original", false, "judge maps at the images' own resolution, too")
	f.StringVar(&o.Protocol, "protocol", "", "measure as the paper of a method did, and lay its table beside: `one` of "+protocolNames())
	f.StringVar(&o.Published, "published", "", "CSV `file` of published figures to lay beside")
	f.BoolVar(&o.Reference, "reference", false, "lay published figures of other networks beside, too")
	f.StringVar(&o.Format, "format", string(table.Terminal), "`format`: "+strings.Join(table.Formats(), ", "))
	f.StringVarP(&o.Out, "out", "o", "", "write to this `file`, not to standard output")
	f.StringVar(&o.Reports, "reports", "", "write what scan writes, report.html with the truth beside it, into this `folder`,\na folder for each category or sub-batch (of the first run)")
	f.StringVar(&o.Config, "config", "", "TOML `file` of options by name; the command line wins")
	o.evaluateFlags.addFlags(f, "print no progress")
	o.addSet(f)
	o.addHelpAll(f)
}

func (o *benchFlags) validate() error {
	if o.Data == "" {
		return usagef("bench needs --data, the folder of a dataset")
	}
	if o.Subset < 0 || o.Repeats < 1 || o.Resolution < 1 || o.Resolution > 4096 {
		return usagef("--subset is %d, --repeats %d, --resolution %d: they must be positive, the resolution at most 4096", o.Subset, o.Repeats, o.Resolution)
	}
	if o.References < 0 || o.HeldOut < 0 {
		return usagef("--references is %d, --held-out %d: they must not be negative", o.References, o.HeldOut)
	}
	if _, err := table.ParseFormat(o.Format); err != nil {
		return asUsage(err)
	}
	if o.Protocol != "" && !slices.Contains(benchmark.Protocols(), benchmark.Protocol(o.Protocol)) {
		return usagef("--protocol is %q: there is %s", o.Protocol, protocolNames())
	}
	return o.detectFlags.validate()
}

// fixed finds an option that was chosen although the protocol fixes it. A size of
// the input may be chosen, as there are figures for several, a precision, and
// whether images are ranked again where the paper does not say.
func (o *benchFlags) fixed(f *pflag.FlagSet) error {
	if o.Protocol == "" {
		return nil
	}
	free := []string{"size", "seed", "precision"}
	if benchmark.Protocol(o.Protocol) == benchmark.ProtocolCoDeGraph {
		free = append(free, "rerank", "rscin-windows")
	}
	for _, opt := range option.All() {
		for _, set := range []*pflag.FlagSet{f, o.named} {
			flag := set.Lookup(opt.Name)
			if flag != nil && flag.Changed && opt.Has(option.Fixed) && !slices.Contains(free, opt.Name) {
				return usagef("--protocol %s fixes %s: leave it out", o.Protocol, opt.Name)
			}
		}
	}
	for _, name := range []string{"subset", "references", "held-out", "resolution", "published"} {
		if f.Changed(name) {
			return usagef("--%s cannot be given with --protocol", name)
		}
	}
	return nil
}

// follow sets what the protocol fixes for a dataset, and says in words what that is.
func (o *benchFlags) follow(dataset string) (string, error) {
	p := benchmark.Protocol(o.Protocol)
	p.Set(&o.Settings.Options, dataset)
	network, err := o.network()
	if err != nil {
		return "", err
	}
	if o.Size == 0 {
		o.Size = network.Size
	}
	o.Resolution = o.Size
	return p.Describe(o.Settings.Options, network), nil
}

func protocolNames() string {
	var names []string
	for _, p := range benchmark.Protocols() {
		names = append(names, string(p))
	}
	return strings.Join(names, ", ")
}

func newBenchCommand(p *program) *cobra.Command {
	var o benchFlags
	cmd := &cobra.Command{
		Use:   "bench --data DIR [flags]",
		Short: "Measure the method on a dataset with known truth",
		Long: `Bench scores the test images of each category of a dataset, unlabelled, and
judges the scores against the truth: for mutual scoring (MuSc) and CoDeGraph,
AUROC, F1-max and AP per image, AUROC, F1-max, AP and PRO per pixel. A run that
was interrupted goes on where it was. Layouts:

` + layoutHelp() + exitCodes,
		Example: `  codegraph bench --data mvtec_ad
  codegraph bench --data mvtec_ad --category bottle,pill --format json
  codegraph bench --data mvtec_ad --reports reports
  codegraph bench --data mvtec_ad --protocol musc --backbone dinov2-large
  codegraph bench --data visa --subset 50 --stratified --repeats 3`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Config != "" {
				if err := applyConfig(o.Config, cmd.Flags(), o.named); err != nil {
					return err
				}
			}
			if err := o.validate(); err != nil {
				return err
			}
			if err := o.fixed(cmd.Flags()); err != nil {
				return err
			}
			return p.runBench(cmd.Context(), o)
		},
	}
	o.addFlags(cmd.Flags())
	cmd.AddCommand(newBenchSynthCommand(p))
	return cmd
}

func layoutHelp() string {
	var b strings.Builder
	for _, l := range dataset.Layouts() {
		fmt.Fprintf(&b, "  %-8s  %s\n", l.Layout, l.Description)
	}
	return b.String()
}

func (p *program) runBench(ctx context.Context, o benchFlags) error {
	published, err := readPublished(o.Published)
	if err != nil {
		return err
	}
	d, err := openDataset(o.Data, o.Layout)
	if err != nil {
		return err
	}
	setting := ""
	if o.Protocol != "" {
		if setting, err = o.follow(benchmark.DatasetName(d)); err != nil {
			return err
		}
	}
	eval, show, err := p.evaluation(o.evaluateFlags)
	if err != nil {
		return err
	}
	defer show.stop()
	if o.Reports != "" {
		if err := checkReports(o, d); err != nil {
			return err
		}
		eval.Detect.Evidence = report.PagePatches
		eval.Scored = p.reporter(ctx, o)
	}
	eval.References, eval.HeldOut = o.References, o.HeldOut
	eval.Subset, eval.Stratified, eval.Side, eval.Original = o.Subset, o.Stratified, o.Resolution, o.Original
	doc, err := benchmark.Run(ctx, d, o.Categories, o.Repeats, eval)
	if err != nil {
		return err
	}
	show.stop()
	doc.Version = programVersion()
	network, err := o.network()
	if err != nil {
		return err
	}
	doc.Backbone = table.Backbone{Name: network.Name, Digest: network.Digest}
	doc.Options = o.recorded()
	if o.Protocol == "" {
		doc.Published = table.Select(table.Query{Dataset: doc.Dataset, Backbone: network.Name, Size: o.Size}, published)
	} else {
		benchmark.Protocol(o.Protocol).Keep(doc, o.Size)
		doc.Protocol.Setting = setting
	}
	return p.writeBench(o, doc)
}

func (p *program) writeBench(o benchFlags, doc *table.Document) error {
	format, err := table.ParseFormat(o.Format)
	if err != nil {
		return err
	}
	var out bytes.Buffer
	if err := table.Write(&out, doc, table.Options{Format: format, OtherBackbones: o.Reference || o.Protocol != ""}); err != nil {
		return err
	}
	if o.Out == "" {
		_, err = out.WriteTo(p.stdout)
		return err
	}
	return atomicfile.Write(o.Out, func(w io.Writer) error {
		_, err := out.WriteTo(w)
		return err
	})
}

// checkReports finds out before the work whether reports can be written.
func checkReports(o benchFlags, d *dataset.Dataset) error {
	categories := o.Categories
	if len(categories) == 0 {
		categories = d.Categories()
	}
	for _, name := range categories {
		if err := outdir.Check(filepath.Join(o.Reports, name)); err != nil {
			return withHint(err, "choose another folder with --reports")
		}
	}
	return nil
}

// reporter writes the output of a scan for each batch.
func (p *program) reporter(ctx context.Context, o benchFlags) func(string, *codegraph.Result, *report.Truth) error {
	return func(name string, res *codegraph.Result, truth *report.Truth) error {
		_, err := report.Write(ctx, filepath.Join(o.Reports, name), res, report.Options{
			Version: programVersion(), Load: p.engine.load(o.MaxPixels), Page: true, Truth: truth,
		})
		return err
	}
}

func readPublished(file string) ([]table.Published, error) {
	if file == "" {
		return nil, nil
	}
	f, err := regular.Open(file)
	if err != nil {
		return nil, usagef("--published: %w", err)
	}
	defer f.Close()
	list, err := table.ReadPublished(f, filepath.Base(file))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return list, nil
}
