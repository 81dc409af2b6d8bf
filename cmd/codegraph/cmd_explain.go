package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/atomicfile"
	"codegraph/internal/explain"
	"codegraph/internal/outdir"
)

// explainOptions are the flags of explain.
type explainOptions struct {
	detectFlags
	cacheFlags
	JSON    bool
	Quiet   bool
	Nearest int
	Plots   string
}

func (o *explainOptions) addFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.BoolVar(&o.JSON, "json", false, "print JSON, with all images of the similarity vector, errors as JSON too")
	f.BoolVarP(&o.Quiet, "quiet", "q", false, "print no progress")
	f.IntVar(&o.Nearest, "nearest", 10, "`number` of nearest images to list, with what they match; 0 is all")
	f.StringVar(&o.Plots, "plots", "", "draw growth rates and normalised spacings into this `folder`, as PNG and SVG")
	o.cacheFlags.addFlags(f)
	o.addSet(f)
	o.detectFlags.addFlags(f, scoring...)
	o.addHelpAll(f)
}

func newExplainCommand(p *program) *cobra.Command {
	var o explainOptions
	cmd := &cobra.Command{
		Use:   "explain [flags] IMAGE[:X,Y] FOLDER...",
		Short: "Say why a place of an image scores as it does",
		Long: `Explain says of one place of an image in its batch why it scores as it does: the
images it resembles, nearest first, beside the distances that a normal patch
would have; the tail index α of the patch, the image, the position and the
batch; whether its look-alikes run out, with a p-value; and how well the batch
agrees with the model behind all that. IMAGE is a file in one of the folders, or
its name in results.json; X,Y is a pixel of it, the worst place where left out.
Distances are kept in the cache, so that the next place of the same batch is
explained in a moment.
` + exitCodes,
		Example: `  codegraph explain photos/012.png photos
  codegraph explain photos/012.png:340,212 photos
  codegraph explain --plots why --json 012.png photos > why.json`,
		RunE: func(cmd *cobra.Command, args []string) error {
			p.json = p.json || o.JSON
			if err := o.validate(); err != nil {
				return err
			}
			return p.runExplain(cmd.Context(), o, args[0], args[1:])
		},
		Args: atLeast(2, "explain needs an image and the folder of its batch"),
	}
	o.addFlags(cmd.Flags())
	return cmd
}

func (o *explainOptions) validate() error {
	if o.Nearest < 0 {
		return usagef("--nearest is %d: it must not be negative", o.Nearest)
	}
	if o.Tile > 0 || o.Base > 0 {
		return usagef("explain compares whole images with all others: leave out --tile and --base")
	}
	return o.detectFlags.validate()
}

func (p *program) runExplain(ctx context.Context, o explainOptions, place string, roots []string) error {
	images, problems, _, err := p.gather(ctx, scanOptions{detectFlags: o.detectFlags, Quiet: o.Quiet}, roots)
	if err != nil {
		return err
	}
	if images, _, err = p.regions(ctx, scanOptions{detectFlags: o.detectFlags}, images, nil); err != nil {
		return err
	}
	name, x, y := splitPlace(place)
	item, err := findItem(images, name)
	if err != nil {
		return err
	}
	e, res, err := p.explainer(ctx, o, images)
	if err != nil {
		return err
	}
	i := imageOf(res, item)
	if i < 0 {
		return fmt.Errorf("%s could not be read", item.Name)
	}
	patch := e.Worst(i)
	if x < 0 {
		x, y = e.Pixel(i, patch)
	} else if patch, err = e.PatchAt(i, x, y); err != nil {
		return asUsage(err)
	}
	nearest := o.Nearest
	if nearest == 0 {
		nearest = len(res.Images)
	}
	why, err := e.Place(ctx, i, patch, nearest)
	if err != nil {
		return err
	}
	if err := writePlots(o.Plots, images, e, why); err != nil {
		return err
	}
	doc := e.Document(why, x, y)
	if o.JSON {
		err = doc.Encode(p.stdout)
	} else {
		err = doc.Text(p.stdout, nearest)
	}
	if err == nil && len(problems)+len(res.Skipped) > 0 {
		err = errPartial
	}
	return err
}

// explainer scores the batch, over cached distances where there are some.
func (p *program) explainer(ctx context.Context, o explainOptions, images imageset.Set) (*explain.Explainer, *codegraph.Result, error) {
	dir, err := o.open()
	if err != nil {
		return nil, nil, err
	}
	detect, err := o.options()
	if err != nil {
		return nil, nil, err
	}
	limitMemory(&detect)
	show := newProgress(p.stderr, o.Quiet)
	defer show.stop()
	detect.Progress, detect.KeepIntermediates, detect.Cache = show.update, true, dir
	res, err := p.engine.detect(ctx, images, detect)
	if err != nil {
		return nil, nil, err
	}
	e, err := explain.New(ctx, res)
	return e, res, err
}

var placePattern = regexp.MustCompile(`^(.+):(\d{1,9}),(\d{1,9})$`)

// splitPlace splits IMAGE:X,Y; X and Y are −1 where they are left out.
func splitPlace(s string) (name string, x, y int) {
	m := placePattern.FindStringSubmatch(s)
	if m == nil {
		return s, -1, -1
	}
	x, _ = strconv.Atoi(m[2]) // nine digits at most
	y, _ = strconv.Atoi(m[3])
	return m[1], x, y
}

// findItem finds an image by its name in results, its path, or the end of its
// name if no other image has it.
func findItem(images imageset.Set, name string) (imageset.Item, error) {
	slashed := filepath.ToSlash(filepath.Clean(name))
	var ends []imageset.Item
	for _, it := range images {
		if it.Name == name || filepath.Clean(it.Path) == filepath.Clean(name) {
			return it, nil
		}
		if strings.HasSuffix("/"+it.Name, "/"+slashed) {
			ends = append(ends, it)
		}
	}
	switch len(ends) {
	case 0:
		return imageset.Item{}, usagef("%s is not in the batch of %d images; name a file in one of the folders", name, len(images))
	case 1:
		return ends[0], nil
	}
	return imageset.Item{}, usagef("%s may be %s or %s; write more of the path", name, ends[0].Name, ends[1].Name)
}

// imageOf is the index of an item in the result, −1 if it was left out.
func imageOf(res *codegraph.Result, item imageset.Item) int {
	for i, im := range res.Images {
		if im.Item.Name == item.Name {
			return i
		}
	}
	return -1
}

// writePlots draws both figures in both formats, over none of the images; nothing
// without a folder.
func writePlots(dir string, images imageset.Set, e *explain.Explainer, x *explain.Explanation) error {
	if dir == "" {
		return nil
	}
	if err := makeOut(dir); err != nil {
		return err
	}
	for _, f := range []struct {
		name   string
		figure *explain.Figure
	}{{"growth", e.Growth(x)}, {"qq", e.QQ(x)}} {
		for _, format := range []explain.Format{explain.PNG, explain.SVG} {
			file := filepath.Join(dir, f.name+"."+string(format))
			if err := outdir.GuardFile(file, (&scanOptions{}).reads(images)); err != nil {
				return err
			}
			if err := atomicfile.Write(file, func(w io.Writer) error { return f.figure.Write(w, format) }); err != nil {
				return err
			}
		}
	}
	return nil
}
