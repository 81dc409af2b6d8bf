package benchmark

import (
	"context"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"codegraph"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/eval/table"
)

// Run evaluates categories of a dataset, each as often as repeats says, with
// the seeds from o.Detect.Seed on. A category that cannot be evaluated is
// noted, and the rest goes on; an error is returned if none could be.
func Run(ctx context.Context, d *dataset.Dataset, categories []string, repeats int, o Options) (*table.Document, error) {
	r := &runner{dataset: d, opts: o, doc: &table.Document{
		Dataset: DatasetName(d), Layout: string(d.Layout), Notes: slices.Clone(d.Warnings),
		Protocol: table.Protocol{
			Size: sizeText(o.Side), Subset: o.Subset, Stratified: o.Stratified, Repeats: repeats, Seed: o.Detect.Seed,
		},
	}}
	if len(categories) == 0 {
		categories = d.Categories()
	}
	var last error
	for _, name := range categories {
		if err := r.category(ctx, name, repeats); ctx.Err() != nil {
			return nil, ctx.Err()
		} else if err != nil {
			last = err
			r.note(fmt.Sprintf("%s was left out: %v", name, err))
		}
	}
	if len(r.rows[0]) == 0 && last != nil {
		return nil, last
	}
	return r.document()
}

// mvtecCategories tell MVTec AD from what is merely stored like it.
var mvtecCategories = []string{
	"bottle", "cable", "capsule", "carpet", "grid", "hazelnut", "leather", "metal_nut", "pill", "screw",
	"tile", "toothbrush", "transistor", "wood", "zipper",
}

// DatasetName is the dataset's name in the literature, or its folder's.
func DatasetName(d *dataset.Dataset) string {
	known := func(c string) bool { return slices.Contains(mvtecCategories, c) }
	own := d.Layout == dataset.Folder || d.Layout == dataset.MVTec && slices.IndexFunc(d.Categories(), func(c string) bool { return !known(c) }) >= 0
	if own {
		return filepath.Base(filepath.Clean(d.Root))
	}
	name, _, _ := strings.Cut(d.Info().Description, " (")
	return name
}

func sizeText(side int) string {
	if side == 0 {
		side = Side
	}
	return fmt.Sprintf("%d × %d", side, side)
}

// runner fills in a document.
type runner struct {
	dataset *dataset.Dataset
	opts    Options
	doc     *table.Document
	rows    [][]table.Row // of each repeat
}

func (r *runner) note(text string) {
	if !slices.Contains(r.doc.Notes, text) {
		r.doc.Notes = append(r.doc.Notes, text)
	}
}

// category evaluates one category. Types and families are those of the first
// repeat, and Options.Scored is told of that.
func (r *runner) category(ctx context.Context, name string, repeats int) error {
	for len(r.rows) < repeats {
		r.rows = append(r.rows, nil)
	}
	c, err := r.dataset.Category(ctx, name)
	if err != nil {
		return err
	}
	b := FromCategory(c)
	if err := b.withMasks(ctx, r.opts.ROIMasks); err != nil {
		return err
	}
	found := make([]*Evaluation, repeats)
	for k := range found {
		o := r.opts
		o.Detect.Seed += uint64(k)
		if k > 0 {
			o.Scored = nil
		}
		if found[k], err = Evaluate(ctx, b, o); err != nil {
			return err
		}
	}
	for k, e := range found {
		for _, m := range methods {
			row := table.Row{Category: name, Method: string(m), Figures: e.Figures[m], Repeats: 1}
			if f, ok := e.Original[m]; ok {
				row.Original = &f
			}
			r.rows[k] = append(r.rows[k], row)
		}
		for _, n := range e.Notes {
			r.note(n)
		}
	}
	r.details(name, found[0])
	return nil
}

func (r *runner) details(category string, e *Evaluation) {
	for _, t := range e.Types {
		r.doc.Consistency = append(r.doc.Consistency, table.Consistency{
			Category: category, Type: t.Type, Images: t.Images, Consistency: table.Percent(t.Consistency),
			MuScPixelAP:      table.Percent(t.PixelAP[codegraph.MethodMuSc]),
			CoDeGraphPixelAP: table.Percent(t.PixelAP[codegraph.MethodCoDeGraph]),
		})
	}
	for _, f := range e.Families {
		r.doc.Families = append(r.doc.Families, table.Family{
			Category: category, ID: f.ID, Status: string(f.Status), Types: f.Types, Area: f.Area, Gain: f.Gain, PatchesRemoved: f.Removed,
		})
	}
}

// document puts the repeats together.
func (r *runner) document() (*table.Document, error) {
	var all table.Repeats
	for _, rows := range r.rows {
		if err := all.Add(rows); err != nil {
			return nil, err
		}
	}
	r.doc.Results, r.doc.Mean = all.Rows(), all.Means()
	return r.doc, nil
}
