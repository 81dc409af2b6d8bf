package tiled

import (
	"context"
	"fmt"
	"image"

	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/pipeline"
)

// Detect scores a batch in tiles of o.Tile pixels a side. o is complete.
func Detect(ctx context.Context, images imageset.Set, o option.Options) (*pipeline.Result, error) {
	items := pipeline.NewItems(images, o.References)
	whole, skipped, size, err := ofOneSize(ctx, items, o)
	if err != nil {
		return nil, err
	}
	layout, err := newLayout(size.X, size.Y, o.Tile)
	if err != nil {
		return nil, fmt.Errorf("%w: %w; choose smaller tiles, or none", option.Err, err)
	}
	runs := divide(whole, layout, o.TileMatch)
	outcomes := make([]pipeline.Outcome, len(runs))
	for k, tiles := range runs {
		if outcomes[k], err = score(ctx, k, len(runs), tiles, nil, o); err != nil {
			return nil, err
		}
	}
	families := groupFamilies(outcomes)
	if err := decide(ctx, runs, outcomes, families, o); err != nil {
		return nil, err
	}
	m := &merger{opts: o, layout: layout, patches: outcomes[0].GridH, outcomes: outcomes}
	return pipeline.Project(ctx, m.merge(items, skipped, families), nil)
}

// ofOneSize returns the items of the most frequent size of images, the first of
// those that are as frequent, and that size in pixels. The others are skipped.
func ofOneSize(ctx context.Context, items []pipeline.Item, o option.Options) (whole []pipeline.Item, skipped []pipeline.Skipped, common image.Point, err error) {
	sizes := make([]image.Point, len(items)) // (0, 0): cannot be read
	wrong := make([]error, len(items))
	times := make(map[image.Point]int)
	scored := 0
	for i, it := range items {
		sizes[i], wrong[i] = imageset.Dimensions(ctx, it.Item, imageset.Limits{MaxPixels: o.MaxPixels})
		if ctx.Err() != nil {
			return nil, nil, common, ctx.Err()
		}
		if it.Role == pipeline.RoleScored {
			scored++
			if wrong[i] == nil {
				times[sizes[i]]++
			}
		}
	}
	for i := range scored {
		if wrong[i] == nil && times[sizes[i]] > times[common] {
			common = sizes[i]
		}
	}
	for i, it := range items {
		if wrong[i] == nil && sizes[i] != common {
			wrong[i] = fmt.Errorf("is %d × %d pixels and most images are %d × %d: tiles need images of one size; scan it with others of its size", sizes[i].X, sizes[i].Y, common.X, common.Y)
		}
		if wrong[i] == nil {
			whole = append(whole, it)
			continue
		}
		s := pipeline.Skipped{Item: it, Err: wrong[i]}
		if o.Strict {
			return nil, nil, common, s.Problem()
		}
		skipped = append(skipped, s)
	}
	if len(times) == 0 {
		return nil, nil, common, pipeline.NoImages(scored, skipped)
	}
	return whole, skipped, common, nil
}

// divide lists the tiles of each run: those of one place, or all.
func divide(whole []pipeline.Item, layout *Layout, match option.TileMatch) [][]pipeline.Item {
	if match == option.TileAny {
		var all []pipeline.Item
		for _, it := range whole {
			for k := range layout.Len() {
				all = append(all, tile(it, layout, k, len(all)))
			}
		}
		return [][]pipeline.Item{all}
	}
	runs := make([][]pipeline.Item, layout.Len())
	for k := range runs {
		for _, it := range whole {
			runs[k] = append(runs[k], tile(it, layout, k, len(runs[k])))
		}
	}
	return runs
}

// tile is tile k of an item as item index of a run. Its Image is the index of
// the item.
func tile(it pipeline.Item, layout *Layout, k, index int) pipeline.Item {
	if it.ROI != nil {
		it.ROI = it.ROI.Part(layout.Rect(k), layout.Width, layout.Height)
	}
	it.Crop = layout.Rect(k).Add(it.Crop.Min)
	it.Image, it.Tile, it.Index = it.Index, k, index
	return it
}

// score does run k of several; decided are families of its own. Answers are about
// whole images and those of the batch.
func score(ctx context.Context, k, runs int, tiles []pipeline.Item, decided pipeline.Decisions, o option.Options) (pipeline.Outcome, error) {
	o.Answers = nil
	if runs > 1 {
		report := o.Progress
		o.Progress = func(phase option.Phase, done, total int) {
			if phase == option.PhaseEmbed && report != nil {
				report(option.PhaseTile, k*len(tiles)+done, runs*len(tiles))
			}
		}
	}
	run, err := pipeline.Start(ctx, pipeline.Request{Items: tiles, Decided: decided}, o)
	if err != nil && runs > 1 {
		return pipeline.Outcome{}, fmt.Errorf("tile %d of %d: %w", k+1, runs, err)
	}
	if err != nil {
		return pipeline.Outcome{}, err
	}
	return run.Outcome(), run.Close()
}

// decide scores the runs again in which there are families that the user decided
// about.
func decide(ctx context.Context, runs [][]pipeline.Item, outcomes []pipeline.Outcome, families [][]part, o option.Options) (err error) {
	decided := make([]pipeline.Decisions, len(runs)) // by run
	byID := pipeline.DecisionsOf(o)
	for f, parts := range families {
		status, named := byID[pipeline.FamilyID(f)]
		if !named {
			if status, named = pipeline.StatusByAnswers(o, names(parts, outcomes)); !named {
				continue
			}
		}
		for _, p := range parts {
			if decided[p.run] == nil {
				decided[p.run] = make(pipeline.Decisions)
			}
			decided[p.run][outcomes[p.run].Groups[p.group].ID] = status
		}
	}
	for k, tiles := range runs {
		if decided[k] == nil {
			continue
		}
		if outcomes[k], err = score(ctx, k, len(runs), tiles, decided[k], o); err != nil {
			return err
		}
	}
	return nil
}

// names are those of the images of a family.
func names(parts []part, outcomes []pipeline.Outcome) (out []string) {
	for _, p := range parts {
		for _, m := range outcomes[p.run].Groups[p.group].Members {
			out = append(out, outcomes[p.run].Items[m.Item].Name)
		}
	}
	return out
}
