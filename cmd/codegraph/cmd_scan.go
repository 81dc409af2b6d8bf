package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/atomicfile"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/option"
	"codegraph/internal/outdir"
	"codegraph/internal/regular"
	"codegraph/report"
)

// scanOptions are the flags of scan.
type scanOptions struct {
	detectFlags
	snapshotFlags
	Out      string
	JSON     bool
	Quiet    bool
	Timing   bool
	ExitCode bool
	Masks    string
	Config   string
	NoPage   bool
	Zip      string
	Title    string
}

func (o *scanOptions) addFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	heading(f, string(option.Output), func(f *pflag.FlagSet) {
		f.StringVarP(&o.Out, "out", "o", "codegraph-out", "output `folder`")
		f.BoolVar(&o.JSON, "json", false, "print results.json instead of the summary, errors as JSON too")
		f.BoolVarP(&o.Quiet, "quiet", "q", false, "print neither progress nor summary, only what is wrong")
		f.BoolVar(&o.Timing, "timing", false, "list the time of each phase in the summary")
		f.BoolVar(&o.NoPage, "no-report", false, "leave out report.html")
		f.StringVar(&o.Zip, "zip", "", "write the page with all that it links to, photographs included, to this archive, a `file`")
		f.StringVar(&o.Title, "title", "", "`name` of the batch on the page (default: that of the folder)")
		f.BoolVar(&o.ExitCode, "exit-code", false, "end with exit code 4 if an image fails")
		f.StringVar(&o.Masks, "masks", "", "`folder` of masks of known defects, named like the images: the report measures the scores by them")
	})
	o.detectFlags.addFlags(f, option.Groups()...)
	o.snapshotFlags.addFlags(f)
	f.StringVar(&o.Config, "config", "", "TOML `file` of options by name; the command line wins")
	o.addSet(f)
	o.addHelpAll(f)
}

// validate finds what is wrong whatever the input.
func (o *scanOptions) validate() error {
	if o.Out == "" {
		return usagef("--out is empty")
	}
	for _, id := range o.Confirm {
		if slices.Contains(o.Reject, id) {
			return usagef("family %s is both confirmed and rejected", id)
		}
	}
	if o.Zip != "" && o.NoPage {
		return usagef("--zip packs the page, which --no-report leaves out")
	}
	return errors.Join(o.detectFlags.validate(), o.snapshotFlags.validate(o.Snapshot))
}

// known finds families that --confirm and --reject name and that are not
// there.
func (o *scanOptions) known(families []codegraph.Family) error {
	var ids []string
	for _, f := range families {
		ids = append(ids, f.ID)
	}
	for _, id := range slices.Concat(o.Confirm, o.Reject) {
		if slices.Contains(ids, id) {
			continue
		}
		if len(ids) == 0 {
			return usagef("there is no family %s to confirm or reject: this batch has none", id)
		}
		return usagef("there is no family %s to confirm or reject: there are %s", id, strings.Join(ids, ", "))
	}
	return nil
}

// detectOptions are the options of the library.
func (o *scanOptions) detectOptions() (codegraph.Options, error) {
	d, err := o.options()
	if err != nil {
		return d, err
	}
	if !o.NoPage {
		d.Evidence = report.PagePatches
	}
	if o.Said != "" {
		d.Answers, err = codegraph.LoadAnswers(o.Said)
	}
	return d, err
}

func newScanCommand(p *program) *cobra.Command {
	var opts scanOptions
	cmd := &cobra.Command{
		Use:   "scan [flags] PATH...",
		Short: "Score a batch of images",
		Long: `Scan scores the images in the given files and folders against each other and
writes scores, anomaly maps and groups of images with the same anomaly to the
output folder. Names of families, as results.json gives them, can be confirmed
or rejected in a later run on the same images.

What a person says of images and families on the page is handed out by it as a
file, which --answers takes: images are good, bad or references, families a
defect, harmless or not a group.

Each image passes, fails or is left unsure, for a person to judge. --fdr bounds
the expected share of good images among those that fail; it takes 12 images, and
at most half of them defective. --threshold sets the limit to fail instead.

Where it is known which parts are defective, the report says how good the scores
are. The truth never reaches the method. It is read from --masks, where the mask
of a/001.jpg is a/001_mask.png or a/001.png, and an image without a marked pixel
is good; or from a folder in the layout of MVTec AD, whose test images are
scanned.
` + exitCodes,
		Example: `  codegraph scan photos
  codegraph scan --out results --json photos > results.json
  codegraph scan --answers answers.json photos
  codegraph scan --fdr 0.01 --exit-code photos
  codegraph scan --masks masks photos
  codegraph scan --reference good photos
  codegraph scan --roi fixture.png photos
  codegraph scan --base 100 --save-snapshot line4.snapshot monday
  codegraph scan --snapshot line4.snapshot --json tuesday/0001.jpg
  codegraph scan --config line4.toml --max-memory 2GiB photos`,
		RunE: func(cmd *cobra.Command, args []string) error {
			var err error
			if opts.Config != "" {
				err = applyConfig(opts.Config, cmd.Flags(), opts.named)
			}
			p.json = p.json || opts.JSON
			if err != nil {
				return err
			}
			if err := opts.validate(); err != nil {
				return err
			}
			return p.runScan(cmd.Context(), opts, args)
		},
		Args: atLeast(1, "scan needs at least one file or folder"),
	}
	opts.addFlags(cmd.Flags())
	return cmd
}

// keptImages bounds the decoded images that a scan without --max-memory, or a run of a
// server without, keeps for its overlays.
const keptImages = 256 << 20

func (p *program) runScan(ctx context.Context, opts scanOptions, roots []string) error {
	release, err := claimOut(opts.Out)
	if err != nil {
		return err
	}
	defer release()
	in, err := p.inputs(ctx, opts, roots)
	if err != nil {
		return err
	}
	images, problems, detect := in.images, in.problems, in.detect
	reads := opts.reads(images, detect.References)
	if err := outdir.Guard(opts.Out, reads); err != nil {
		return withHint(err, "choose another folder with --out")
	}
	for _, file := range []string{opts.Zip, opts.Save} {
		if err := outdir.GuardFile(file, reads); err != nil {
			return err
		}
	}
	limitMemory(&detect)
	show := newProgress(p.stderr, opts.Quiet)
	defer show.stop()
	detect.Progress = show.update
	var previews report.Previews
	if !opts.NoPage {
		detect.Seen = previews.Add
	}
	if detect.MaxMemory == 0 && report.OverlayMode(opts.Overlays) != report.OverlaysNone {
		previews.Keep = keptImages
	}
	res, err := p.score(ctx, opts, images, detect)
	if err != nil {
		p.leftOut(problems)
		return err
	}
	if err := opts.known(res.Families); err != nil {
		return err
	}
	missing, remarks := imageset.Split(problems)
	res.Skipped = append(missing, res.Skipped...)
	res.Notes = append(res.Notes, remarks...)
	truth, err := truthOf(in.known, res)
	if err != nil {
		return err
	}
	created, err := sourceDate()
	if err != nil {
		return err
	}
	doc, err := report.Write(ctx, opts.Out, res, report.Options{
		Title:    cmp.Or(opts.Title, titleOf(roots)),
		Folder:   strings.Join(roots, ", "),
		Created:  created,
		Version:  programVersion(),
		Load:     p.engine.load(opts.MaxPixels),
		Previews: &previews,
		Scale:    report.ScaleMode(opts.Scale),
		Overlays: report.OverlayMode(opts.Overlays),
		Page:     !opts.NoPage,
		Truth:    truth,
		MinArea:  opts.MinArea,
		Progress: show.update,
	})
	if err != nil {
		return err
	}
	if opts.Zip != "" {
		if err := zipOutput(ctx, opts.Zip, opts.Out); err != nil {
			return err
		}
	}
	show.stop()
	return p.conclude(doc, opts)
}

// conclude prints what was written, and says by its error how the scan ended.
func (p *program) conclude(doc *report.Document, opts scanOptions) error {
	if err := p.printResults(doc, opts); err != nil {
		return fmt.Errorf("print results: %w", err)
	}
	if opts.ExitCode && doc.Verdicts.Fail > 0 {
		return errDefective
	}
	if len(doc.Skipped) > 0 {
		return errPartial
	}
	return nil
}

// titleOf names a batch by the folder that it is in; "" for several.
func titleOf(roots []string) string {
	if len(roots) != 1 {
		return ""
	}
	dir, err := filepath.Abs(roots[0])
	if info, wrong := os.Stat(dir); err != nil || wrong != nil || !info.IsDir() {
		return ""
	}
	return filepath.Base(dir)
}

// dateEnv is the time that a report is dated by, in seconds since 1970; without it
// the page of a scan has no date, so that the same scan gives the same page.
const dateEnv = "SOURCE_DATE_EPOCH"

func sourceDate() (time.Time, error) {
	text := os.Getenv(dateEnv)
	if text == "" {
		return time.Time{}, nil
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	if err != nil || seconds <= 0 {
		return time.Time{}, usagef("%s is %q: it must be a number of seconds since 1970", dateEnv, text)
	}
	return time.Unix(seconds, 0), nil
}

// zipOutput packs the output folder.
func zipOutput(ctx context.Context, file, dir string) error {
	return atomicfile.Write(file, func(w io.Writer) error {
		return report.Zip(ctx, w, dir, func(im *report.Image) (io.ReadCloser, error) { return regular.Open(imageset.Original(im.Path)) })
	})
}

// claimOut makes sure that the output folder can be written, and keeps other scans
// from it until release is called.
func claimOut(dir string) (release func(), err error) {
	if err = outdir.Check(dir); err == nil {
		release, err = outdir.Lock(dir)
	}
	if err != nil && !errors.Is(err, outdir.ErrForeign) && !errors.Is(err, outdir.ErrBusy) {
		err = withHint(err, "choose another folder with --out")
	}
	return release, err
}

// reads lists the files and folders that the scan reads.
func (o *scanOptions) reads(sets ...imageset.Set) []string {
	var files []string
	for _, set := range sets {
		for _, it := range set {
			if it.Path != "" {
				files = append(files, it.Path)
			}
		}
	}
	for _, f := range []string{o.Masks, o.ROIMasks, o.Snapshot, o.Said} {
		if f != "" {
			files = append(files, f)
		}
	}
	return files
}

// inputs are what a scan is given.
type inputs struct {
	images   imageset.Set
	problems []imageset.Problem // with images and references
	known    *dataset.Category  // what is known about them; nil: nothing
	detect   codegraph.Options
}

// inputs finds images and references, and opens the network.
func (p *program) inputs(ctx context.Context, opts scanOptions, roots []string) (*inputs, error) {
	in := new(inputs)
	var err error
	if in.images, in.problems, in.known, err = p.gather(ctx, opts, roots); err != nil {
		return nil, err
	}
	if in.detect, err = opts.detectOptions(); err != nil {
		return nil, err
	}
	references, more, err := p.references(ctx, opts)
	if err != nil {
		return nil, err
	}
	in.problems = append(in.problems, more...)
	in.images, in.detect.References, err = p.regions(ctx, opts, in.images, references)
	return in, err
}

// gather finds the images of the batch and what is known about them, nil for
// nothing.
func (p *program) gather(ctx context.Context, opts scanOptions, roots []string) (imageset.Set, []imageset.Problem, *dataset.Category, error) {
	if opts.Masks == "" && len(roots) == 1 && isCategory(roots[0]) {
		c, err := p.category(ctx, roots[0], opts.Quiet)
		if err != nil {
			return nil, nil, nil, err
		}
		if missing, _ := imageset.Split(c.Problems); opts.Strict && len(missing) > 0 {
			return nil, nil, nil, missing[0]
		}
		if err := opts.enough(ctx, c.Items(), c.Problems, roots); err != nil {
			p.leftOut(c.Problems)
			return nil, nil, nil, err
		}
		return c.Items(), c.Problems, c, nil
	}
	images, problems, err := p.engine.walk(ctx, roots)
	if err != nil {
		return nil, nil, nil, err
	}
	if missing, _ := imageset.Split(problems); opts.Strict && len(missing) > 0 {
		return nil, nil, nil, missing[0]
	}
	images, dropped := outdir.Exclude(images)
	if dropped > 0 && !opts.Quiet {
		fmt.Fprintf(p.stderr, "left out %d maps and overlays of earlier runs\n", dropped)
	}
	images = outside(images, opts.Masks)
	if err := opts.enough(ctx, images, problems, roots); err != nil {
		p.leftOut(problems)
		return nil, nil, nil, err
	}
	known, err := p.matchMasks(ctx, images, opts)
	return images, problems, known, err
}

// regions gives images and references the regions of interest that --roi-masks has
// for each of them.
func (p *program) regions(ctx context.Context, opts scanOptions, sets ...imageset.Set) (images, references imageset.Set, err error) {
	if opts.ROIMasks == "" {
		return sets[0], sets[1], nil
	}
	without := 0
	for k := range sets {
		var n int
		if sets[k], n, err = imageset.WithMasks(ctx, sets[k], opts.ROIMasks); err != nil {
			return nil, nil, withHint(err, "correct --roi-masks, or leave it out")
		}
		without += n
	}
	if without > 0 && opts.ROI == nil {
		p.warn([]string{fmt.Sprintf("%d images have no mask in %s: all of them is compared", without, opts.ROIMasks)}, false)
	}
	return sets[0], sets[1], nil
}

// enough wants a batch, or one image where there is something to compare it
// with.
func (o *scanOptions) enough(ctx context.Context, images imageset.Set, problems []imageset.Problem, roots []string) error {
	where := strings.Join(roots, ", ")
	switch {
	case len(images) == 0:
		if missing, _ := imageset.Split(problems); len(missing) > 0 {
			return fmt.Errorf("no image could be read: %w", missing[0])
		}
		return withHint(fmt.Errorf("no images in %s", where), "name a folder with photographs of the same kind of part")
	case len(images) == 1 && o.Snapshot == "" && len(o.References) == 0:
		if _, err := imageset.Dimensions(ctx, images[0], imageset.Limits{MaxPixels: o.MaxPixels}); err != nil {
			return fmt.Errorf("no image could be read: %s: %w", images[0].Name, err)
		}
		return withHint(fmt.Errorf("one image only in %s: images are scored against each other", where),
			"add images of the same kind of part, ten or more")
	}
	return nil
}

// leftOut says before an error what was not taken: that may be why.
func (p *program) leftOut(problems []imageset.Problem) {
	missing, remarks := imageset.Split(problems)
	for _, m := range missing {
		p.notScored(m.Name, m.Err.Error())
	}
	p.warn(remarks, false)
}

func (p *program) notScored(name, reason string) {
	fmt.Fprintf(p.stderr, "not scored: %s: %s\n", oneLine(name), oneLine(reason))
}

func (p *program) printResults(doc *report.Document, opts scanOptions) error {
	for _, s := range doc.Skipped { // with --quiet, too: nothing is left out silently
		p.notScored(s.Name, s.Reason)
	}
	if opts.JSON {
		return doc.Encode(p.stdout)
	}
	if opts.Quiet {
		return nil
	}
	return report.Summary(p.stdout, doc, report.SummaryOptions{Dir: opts.Out, Timing: opts.Timing})
}
