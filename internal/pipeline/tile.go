package pipeline

import (
	"context"
	"fmt"
	"image"
	"slices"

	"codegraph/imageset"
	"codegraph/internal/tile"
)

// tiler scores a batch tile by tile.
type tiler struct {
	opts       Options
	layout     *tile.Layout
	images     imageset.Set // of one size, like the references
	references imageset.Set
	runs       []*tileRun
	out        *Result
}

// tileRun is one scoring of tiles: of one tile of all images, or of all tiles
// of all images.
type tileRun struct {
	images, references imageset.Set
	views              map[string]tileView // by name of the item
	groups             map[string]int      // what may not be compared with each other; nil: nothing
	result             *Result
}

// tileView is what one item of a run shows.
type tileView struct{ image, tile int }

// detectTiled is Detect for opts.Tile > 0.
func detectTiled(ctx context.Context, images imageset.Set, opts Options) (*Result, error) {
	t := &tiler{opts: opts, out: &Result{Method: opts.Method, Options: opts, Backbone: opts.Backbone.Info(), Size: opts.Size}}
	if err := t.divide(ctx, images); err != nil {
		return nil, err
	}
	if opts.TileMatch == TileAny {
		t.runs = []*tileRun{t.everywhere()}
	} else {
		for k := range t.layout.Len() {
			t.runs = append(t.runs, t.place(k))
		}
	}
	for k, run := range t.runs {
		if err := t.score(ctx, k, run, nil, nil); err != nil {
			return nil, err
		}
	}
	families := groupTileFamilies(t.runs)
	if err := t.judge(ctx, families); err != nil {
		return nil, err
	}
	t.merge(families)
	return t.out, t.out.conclude()
}

// divide keeps the images of the most frequent size, the first of those that
// are as frequent, and lays out its tiles.
func (t *tiler) divide(ctx context.Context, images imageset.Set) error {
	sizes, err := t.sizes(ctx, images)
	if err != nil {
		return err
	}
	times := make(map[image.Point]int)
	for _, size := range sizes {
		if size != (image.Point{}) {
			times[size]++
		}
	}
	var common image.Point
	for _, size := range sizes {
		if times[size] > times[common] {
			common = size
		}
	}
	if t.images, err = t.ofSize(images, sizes, common); err != nil {
		return err
	}
	if len(t.images) == 0 {
		return noImages(images, t.out.Skipped)
	}
	if sizes, err = t.sizes(ctx, t.opts.References); err != nil {
		return err
	}
	if t.references, err = t.ofSize(t.opts.References, sizes, common); err != nil {
		return err
	}
	if t.layout, err = tile.NewLayout(common.X, common.Y, t.opts.Tile); err != nil {
		return fmt.Errorf("%w: %w; choose smaller tiles, or none", ErrOptions, err)
	}
	return nil
}

// sizes measures images; (0, 0) stands for those that cannot be read.
func (t *tiler) sizes(ctx context.Context, images imageset.Set) ([]image.Point, error) {
	sizes := make([]image.Point, len(images))
	for i, it := range images {
		size, err := imageset.Dimensions(ctx, it, imageset.Limits{MaxPixels: t.opts.MaxPixels})
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		if err == nil {
			sizes[i] = size
		} else if err := t.skip(it, err); err != nil {
			return nil, err
		}
	}
	return sizes, nil
}

// ofSize keeps the images of a size.
func (t *tiler) ofSize(images imageset.Set, sizes []image.Point, common image.Point) (kept imageset.Set, err error) {
	for i, it := range images {
		switch sizes[i] {
		case common:
			kept = append(kept, it)
		case image.Point{}: // told already
		default:
			err := fmt.Errorf("is %d × %d pixels and most images are %d × %d: tiles need images of one size; scan it with others of its size", sizes[i].X, sizes[i].Y, common.X, common.Y)
			if err := t.skip(it, err); err != nil {
				return nil, err
			}
		}
	}
	return kept, nil
}

func (t *tiler) skip(it imageset.Item, err error) error {
	p := imageset.Problem{Name: it.Name, Err: err}
	if t.opts.Strict {
		return p
	}
	t.out.Skipped = append(t.out.Skipped, p)
	return nil
}

// place is the run for one tile of all images.
func (t *tiler) place(k int) *tileRun {
	run := &tileRun{views: make(map[string]tileView)}
	for _, it := range t.references {
		run.references = append(run.references, t.crop(it, k))
	}
	for i, it := range t.images {
		run.views[it.Name] = tileView{i, k}
		run.images = append(run.images, t.crop(it, k))
	}
	return run
}

// everywhere is the run for all tiles of all images at once.
func (t *tiler) everywhere() *tileRun {
	run := &tileRun{views: make(map[string]tileView), groups: make(map[string]int)}
	for i, it := range t.references {
		for k := range t.layout.Len() {
			part := t.crop(it, k)
			part.Name = fmt.Sprintf("%s, reference, tile %d", it.Name, k+1)
			run.groups[part.Name] = -1 - i
			run.references = append(run.references, part)
		}
	}
	for i, it := range t.images {
		for k := range t.layout.Len() {
			part := t.crop(it, k)
			part.Name = fmt.Sprintf("%s, tile %d", it.Name, k+1)
			run.views[part.Name] = tileView{i, k}
			run.groups[part.Name] = i
			run.images = append(run.images, part)
		}
	}
	return run
}

func (t *tiler) crop(it imageset.Item, k int) imageset.Item {
	it.Crop = t.layout.Rect(k).Add(it.Crop.Min)
	return it
}

// score does run k; confirm and reject name families of its own.
func (t *tiler) score(ctx context.Context, k int, run *tileRun, confirm, reject []string) (err error) {
	o := t.opts
	o.References = run.references
	o.Tile, o.FDR, o.Confirm, o.Reject, o.KeepIntermediates, o.Evidence = 0, 0, confirm, reject, false, 0
	if len(t.runs) > 1 {
		n := len(t.images)
		o.Progress = func(phase Phase, done, total int) {
			if phase == PhaseEmbed {
				t.opts.Progress.Report(PhaseTile, k*n+done, len(t.runs)*n)
			}
		}
	}
	run.result, err = detect(ctx, run.images, run.groups, o)
	if err != nil && len(t.runs) > 1 {
		return fmt.Errorf("tile %d of %d: %w", k+1, len(t.runs), err)
	}
	return err
}

// judge scores the runs again in which there are families that the user
// confirmed or rejected.
func (t *tiler) judge(ctx context.Context, families [][]tileFamily) error {
	for k, run := range t.runs {
		var confirm, reject []string
		for f, parts := range families {
			for _, p := range parts {
				switch {
				case p.run != k:
				case slices.Contains(t.opts.Confirm, familyID(f)):
					confirm = append(confirm, familyID(p.family))
				case slices.Contains(t.opts.Reject, familyID(f)):
					reject = append(reject, familyID(p.family))
				}
			}
		}
		if len(confirm)+len(reject) == 0 {
			continue
		}
		if err := t.score(ctx, k, run, confirm, reject); err != nil {
			return err
		}
	}
	return nil
}
