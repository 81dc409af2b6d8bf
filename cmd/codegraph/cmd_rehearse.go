package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/atomicfile"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/outdir"
	"codegraph/internal/plant"
	"codegraph/internal/regular"
	"codegraph/internal/rehearse"
	"codegraph/internal/verdict"
)

// rehearseOptions are the flags of rehearse.
type rehearseOptions struct {
	evaluateFlags
	Out     string
	JSON    bool
	Good    bool
	Defects string
	Masks   string
	Kinds   string
	Sizes   []float64
	Shares  []float64
	Repeats int
	Images  int
}

// Names of the files of a rehearsal.
const (
	rehearsalJSON = "rehearsal.json"
	rehearsalCSV  = "rehearsal.csv"
	rehearsalPNG  = "rehearsal.png"
)

func newRehearseCommand(p *program) *cobra.Command {
	var o rehearseOptions
	c := rehearse.DefaultConfig()
	cmd := &cobra.Command{
		Use:   "rehearse [flags] PATH...",
		Short: "Plant defects on your photographs: what would be missed?",
		Long: `Rehearse plants defects on copies of the photographs in the given files and
folders, scans these batches and reports which defects would be missed: by
kind, size and share of the photographs they recur on. It also makes changes
that are harmless, such as another finish, and reports false alarms.

Photographs that stand out as they are, are left out first, unless --good says
that all show good parts. Defects are drawn; with --defects and --masks your own
are cut out of photographs of defective parts and planted, too. The mask of
a/001.jpg is a/001_mask.png or a/001.png; boxes in a file in the format of COCO,
as scan writes regions.coco.json, will do.

The report is printed and written to rehearsal.json, rehearsal.csv and
rehearsal.png in the output folder. What was scanned is kept in the cache: a
run that was interrupted goes on where it was.
` + exitCodes,
		Example: `  codegraph rehearse photos
  codegraph rehearse --good --kinds scratch,spot --sizes 6,12,24 photos
  codegraph rehearse --defects bad --masks bad-masks photos
  codegraph rehearse --defects bad --masks boxes.json photos`,
		Args: atLeast(1, "rehearse needs at least one file or folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.json = p.json || o.JSON
			if err := o.validate(); err != nil {
				return err
			}
			return p.runRehearse(cmd.Context(), o, args)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVarP(&o.Out, "out", "o", "codegraph-rehearsal", "output `folder`")
	f.BoolVar(&o.Good, "good", false, "all photographs show good parts: leave none out")
	f.StringVar(&o.Defects, "defects", "", "`folder` of photographs of defective parts, to plant their defects")
	f.StringVar(&o.Masks, "masks", "", "`folder` of the masks of --defects, or a .json file of boxes in the format of\nCOCO")
	f.StringVar(&o.Kinds, "kinds", "all", "`kinds` of defects to draw: scratch, stain, missing, misprint, spot, shifted;\nall, or none with --defects")
	f.Float64SliceVar(&o.Sizes, "sizes", nil, "`sizes` of defects to draw, in pixels of the photographs (default: 1/50 to 1/6\nof the part)")
	f.Float64SliceVar(&o.Shares, "shares", c.Shares, "`shares` of the photographs that a defect recurs on, 0 to 0.5")
	f.IntVar(&o.Repeats, "repeats", c.Repeats, "`number` of defects of each kind and size, and of batches of each share")
	f.IntVar(&o.Images, "images", 40, "rehearse on at most so many `photographs`, drawn at random; 0 is all, which\ntakes some 10 MB of memory each")
	f.BoolVar(&o.JSON, "json", false, "print rehearsal.json instead of the tables, errors as JSON too")
	o.evaluateFlags.addFlags(f, "print neither progress nor tables")
	o.addSet(f)
	o.addHelpAll(f)
	return cmd
}

// validate finds what is wrong whatever the input.
func (o *rehearseOptions) validate() error {
	switch {
	case o.Out == "":
		return usagef("--out is empty")
	case (o.Defects == "") != (o.Masks == ""):
		return usagef("--defects and --masks belong together: photographs of defective parts, and where the defects are")
	case o.Images < 0 || o.Images > 0 && o.Images < rehearse.Fewest:
		return usagef("--images is %d: it must be at least %d, or 0 for all", o.Images, rehearse.Fewest)
	case o.Kinds == "none" && o.Defects == "":
		return usagef("--kinds none leaves nothing to plant without --defects")
	}
	if _, err := o.config(); err != nil {
		return asUsage(err)
	}
	return errors.Join(o.withoutMasks(), o.detectFlags.validate())
}

func (o *rehearseOptions) config() (rehearse.Config, error) {
	c := rehearse.Config{Sizes: o.Sizes, Shares: o.Shares, Repeats: o.Repeats, Seed: o.Seed, Threads: o.threads()}
	var err error
	if o.Kinds != "none" {
		c.Kinds, err = plant.ParseKinds(o.Kinds)
	}
	return c, errors.Join(err, c.Check())
}

// threads is how many photographs are planted on at a time.
func (o *rehearseOptions) threads() int {
	if o.Threads > 0 {
		return o.Threads
	}
	return runtime.GOMAXPROCS(0)
}

// phaseRehearse is the progress of a rehearsal.
const phaseRehearse codegraph.Phase = "rehearse"

func (p *program) runRehearse(ctx context.Context, o rehearseOptions, roots []string) error {
	if err := checkRehearsal(o.Out); err != nil {
		return err
	}
	release, err := claimOut(o.Out)
	if err != nil {
		return err
	}
	defer release()
	images, problems, err := p.photographs(ctx, o, roots)
	if err != nil {
		return err
	}
	if err := apart(o.Out, images); err != nil {
		return err
	}
	dir, err := o.open()
	if err != nil {
		return err
	}
	detect, err := o.options()
	if err != nil {
		return err
	}
	limitMemory(&detect)
	detect.Cache = dir
	show := newProgress(p.stderr, o.Quiet)
	defer show.stop()
	detect.Progress = show.update
	images, leftOut, more, err := p.standOut(ctx, o, images, detect)
	if err != nil {
		return err
	}
	problems = append(problems, more...)
	defective, err := p.defective(ctx, o)
	if err != nil {
		return err
	}
	photographs, err := rehearse.Read(ctx, images, defective, detect.ROI, imageset.Limits{MaxPixels: o.MaxPixels}, o.threads())
	if err != nil {
		return withHint(err, "name a folder with more photographs of good parts, and masks that mark the defects only")
	}
	config, err := o.config()
	if err != nil {
		return err
	}
	detect.Progress = nil
	scan := func(ctx context.Context, set imageset.Set) (*codegraph.Result, error) {
		return p.engine.detect(ctx, set, detect)
	}
	r, err := rehearse.Run(ctx, photographs, config, scan, func(done, total int) { show.update(phaseRehearse, done, total) })
	if err != nil {
		return err
	}
	r.Version, r.LeftOut = programVersion(), leftOut
	show.stop()
	if err := writeRehearsal(o.Out, r); err != nil {
		return err
	}
	if err := p.printRehearsal(r, problems, o); err != nil {
		return err
	}
	if len(problems) > 0 {
		return errPartial
	}
	return nil
}

// photographs finds the images, and draws some where there are many.
func (p *program) photographs(ctx context.Context, o rehearseOptions, roots []string) (imageset.Set, []imageset.Problem, error) {
	images, problems, err := p.engine.walk(ctx, roots)
	if err != nil {
		return nil, nil, err
	}
	problems, remarks := imageset.Split(problems)
	p.warn(remarks, o.Quiet)
	if o.Strict && len(problems) > 0 {
		return nil, nil, problems[0]
	}
	images, _ = outdir.Exclude(images)
	images = outside(outside(images, o.Defects), o.Masks)
	if len(images) < rehearse.Fewest {
		return nil, nil, withHint(fmt.Errorf("%d images in %s: a rehearsal needs %d", len(images), strings.Join(roots, ", "), rehearse.Fewest),
			"name a folder with photographs of good parts of one kind")
	}
	if o.Images == 0 || len(images) <= o.Images {
		return images, problems, nil
	}
	drawn := rand.New(rand.NewPCG(o.Seed, 0)).Perm(len(images))[:o.Images]
	slices.Sort(drawn)
	var some imageset.Set
	for _, i := range drawn {
		some = append(some, images[i])
	}
	return some, problems, nil
}

// standOut leaves out the photographs that fail as they are, or belong to a
// family reported as a defect; none where all are known to be good.
func (p *program) standOut(ctx context.Context, o rehearseOptions, images imageset.Set, detect codegraph.Options) (kept imageset.Set, left []string, problems []imageset.Problem, err error) {
	left = []string{}
	res, err := p.engine.detect(ctx, images, detect)
	if err != nil {
		return nil, nil, nil, err
	}
	for _, im := range res.Images {
		bad := im.Verdict.Label == verdict.Fail || im.Family >= 0 && res.Families[im.Family].Status == codegraph.StatusDefect
		if bad && !o.Good {
			left = append(left, im.Item.Name)
			continue
		}
		kept = append(kept, im.Item)
	}
	return kept, left, res.Skipped, nil
}

// defective finds the photographs of defective parts and their masks.
func (p *program) defective(ctx context.Context, o rehearseOptions) ([]rehearse.Defective, error) {
	if o.Defects == "" {
		return nil, nil
	}
	images, problems, err := p.engine.walk(ctx, []string{o.Defects})
	if err != nil {
		return nil, err
	}
	if problems, _ = imageset.Split(problems); len(problems) > 0 {
		return nil, problems[0]
	}
	if strings.EqualFold(filepath.Ext(o.Masks), ".json") {
		f, err := regular.Open(o.Masks)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return rehearse.Boxes(f, images)
	}
	c, err := dataset.Match(ctx, outside(images, o.Masks), o.Masks)
	if err != nil {
		return nil, withHint(err, "correct --masks: a mask is named like its image")
	}
	p.warn(c.Warnings, o.Quiet)
	var all []rehearse.Defective
	for i, it := range c.Items() {
		s := c.Samples[i]
		if !s.Anomalous || !s.HasPixelTruth() {
			continue
		}
		all = append(all, rehearse.Defective{Item: it, Mask: func(ctx context.Context, w, h int) ([]bool, error) {
			mask, _, err := dataset.LoadMask(ctx, s, w, h)
			return mask, err
		}})
	}
	if len(all) == 0 {
		return nil, withHint(fmt.Errorf("no image in %s has a mask in %s that marks a pixel", o.Defects, o.Masks), "correct --masks: a mask is named like its image")
	}
	return all, nil
}

// maxRehearsal bounds the report of a rehearsal, in bytes.
const maxRehearsal = 256 << 20

// checkRehearsal refuses a folder with files of our names that are not ours.
func checkRehearsal(dir string) error {
	ours := false
	if data, err := regular.Read(filepath.Join(dir, rehearsalJSON), maxRehearsal); err == nil {
		var r rehearse.Report
		ours = json.Unmarshal(data, &r) == nil && r.Schema == rehearse.Schema
	}
	for _, name := range []string{rehearsalJSON, rehearsalCSV, rehearsalPNG} {
		if _, err := os.Stat(filepath.Join(dir, name)); err == nil && !ours {
			return fmt.Errorf("output folder %s: %s is %w: name another folder, or move it away", dir, name, outdir.ErrForeign)
		}
	}
	return nil
}

// apart refuses an output folder among the photographs: a later scan would
// take the figure for one.
func apart(dir string, images imageset.Set) error {
	for _, it := range images {
		if filepath.Clean(filepath.Dir(it.Path)) == filepath.Clean(dir) {
			return withHint(fmt.Errorf("output folder %s: it holds the photograph %s", dir, filepath.Base(it.Path)), "choose another folder with --out")
		}
	}
	return nil
}

// writeRehearsal writes the files, rehearsal.json last.
func writeRehearsal(dir string, r *rehearse.Report) error {
	if err := makeOut(dir); err != nil {
		return err
	}
	for _, file := range []struct {
		name  string
		write func(io.Writer) error
	}{{rehearsalCSV, r.CSV}, {rehearsalPNG, r.Draw}, {rehearsalJSON, r.Encode}} {
		if err := atomicfile.Write(filepath.Join(dir, file.name), file.write); err != nil {
			return err
		}
	}
	return nil
}

func (p *program) printRehearsal(r *rehearse.Report, problems []imageset.Problem, o rehearseOptions) error {
	if !o.Quiet {
		for _, s := range problems {
			fmt.Fprintf(p.stderr, "left out: %s\n", oneLine(s.Error()))
		}
		for _, name := range r.LeftOut {
			fmt.Fprintf(p.stderr, "left out, as it stands out already: %s\n", oneLine(name))
		}
		p.warn(r.Notes, false)
	}
	switch {
	case o.JSON:
		return r.Encode(p.stdout)
	case o.Quiet:
		return nil
	}
	if err := r.Print(p.stdout); err != nil {
		return err
	}
	_, err := fmt.Fprintf(p.stdout, "\n%s, %s and %s are in %s\n", rehearsalJSON, rehearsalCSV, rehearsalPNG, o.Out)
	return err
}
