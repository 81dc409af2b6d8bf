package report

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"image"
	"image/png"
	"io"
	"io/fs"
	"os"
	"path"
	"runtime"
	"slices"
	"time"

	"golang.org/x/sync/semaphore"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/anomap"
	"codegraph/internal/option"
	"codegraph/internal/outdir"
	"codegraph/internal/parallel"
	"codegraph/internal/verdict"
)

// ScaleMode says what the colours of an overlay are relative to.
type ScaleMode string

const (
	// ScaleBatch colours all overlays alike.
	ScaleBatch ScaleMode = "batch"
	// ScaleImage stretches the colours of each overlay over its own scores.
	ScaleImage ScaleMode = "image"
)

// OverlayMode says which images get an overlay.
type OverlayMode string

const (
	// OverlaysAuto are all where the photographs have at most maxOverlaid pixels
	// together, and none beyond.
	OverlaysAuto OverlayMode = option.OverlaysAuto
	// OverlaysAll are those of all images.
	OverlaysAll OverlayMode = option.OverlaysAll
	// OverlaysFlagged are those of images that do not pass.
	OverlaysFlagged OverlayMode = option.OverlaysFlagged
	// OverlaysNone are none.
	OverlaysNone OverlayMode = option.OverlaysNone
)

// maxOverlaid is how many pixels are overlaid unasked: 200 photographs of
// 800 × 800. Overlays of large photographs take longer than all else about a
// scan, and the page shows maps over the photographs without them.
const maxOverlaid = 128_000_000

// Loader decodes one image, upright, at its original size.
type Loader func(ctx context.Context, item imageset.Item) (image.Image, error)

// Options control Write.
type Options struct {
	Version string // of the program
	Load    Loader // required: how to read an image again for its overlay
	// Previews are the images of the page that were made during the scan; nil:
	// none, all are read again.
	Previews *Previews
	Scale    ScaleMode
	Overlays OverlayMode // "": OverlaysAuto
	// Created is the time noted in the output, on the page, too. Zero: now, and not
	// on the page, so that the same scan gives the same page.
	Created time.Time
	// Title names the batch and Folder says where its images are from, for the page;
	// "": nothing.
	Title, Folder string
	// Page writes PageName, too. It shows what res.Evidence holds.
	Page bool
	// Truth is what is known about the images, for the page; nil: nothing.
	Truth *Truth
	// MinArea is the least number of pixels of a defect region; smaller ones
	// are left out.
	MinArea int
	// Inputs is a folder made by outdir.TempDir, or empty. Its files are moved to
	// InputDir and belong to the output.
	Inputs   string
	Progress codegraph.Progress
}

// pixelBudget bounds the pixels that are in memory at a time, at about bytesPerPixel
// each. A larger image is rendered alone.
const (
	pixelBudget   = 32 << 20
	bytesPerPixel = 24 // of its regions, or as a decoder makes it, as RGB and its overlay
)

// Write writes the output for res to the folder dir, which it makes if need
// be, and returns the content of its results.json. Images that can no longer
// be read have no overlay and a warning. On an error, a cancelled context
// included, what was in dir before is still there, and nothing else.
func Write(ctx context.Context, dir string, res *codegraph.Result, opts Options) (*Document, error) {
	start := time.Now()
	opts.Scale = cmp.Or(opts.Scale, ScaleBatch)
	opts.Overlays = cmp.Or(opts.Overlays, OverlaysAuto)
	doc, err := newDocument(res, opts)
	if err != nil {
		return nil, err
	}
	out, err := outdir.Open(dir)
	if err != nil {
		return nil, err
	}
	defer out.Close()
	w := newWriter(out, doc, res, opts)
	w.chooseOverlays()
	if err := w.images(ctx); err != nil {
		return nil, err
	}
	if err := w.sheets(); err != nil {
		return nil, err
	}
	err = out.Write(ScoresName, func(f io.Writer) error { return writeScores(f, doc.Images) })
	if err != nil {
		return nil, err
	}
	err = out.Write(RegionsName, newCOCO(doc, w.outlines).encode)
	if err != nil {
		return nil, err
	}
	if opts.Page {
		page := w.page(dir)
		if err := out.Write(PageName, func(f io.Writer) error { return writePage(f, page) }); err != nil {
			return nil, err
		}
	}
	if doc.Files, err = w.files(); err != nil {
		return nil, err
	}
	doc.Run = newRun(res, opts, time.Since(start))
	if err := out.Write(ResultsName, doc.Encode); err != nil {
		return nil, err
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	return doc, out.Publish(doc.Files, opts.Inputs)
}

// Encode writes the document as indented JSON. Numbers are the shortest that
// read back the same; bytes of a path that are not UTF-8 become U+FFFD.
func (d *Document) Encode(w io.Writer) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", " ")
	return enc.Encode(d)
}

func newRun(res *codegraph.Result, opts Options, write time.Duration) Run {
	created := opts.Created
	if created.IsZero() {
		created = time.Now()
	}
	r := Run{
		Created:   created.UTC().Format(time.RFC3339),
		Go:        runtime.Version(),
		System:    runtime.GOOS + "/" + runtime.GOARCH,
		Threads:   res.Options.Threads,
		MaxMemory: res.Options.MaxMemory,
		Memory:    Memory(res.Plan),
		Phases:    []PhaseTime{},
	}
	phases := append(slices.Clip(res.Timing), codegraph.PhaseTime{Phase: codegraph.PhaseWrite, Duration: write})
	var total time.Duration
	for _, p := range phases {
		total += p.Duration
		r.Phases = append(r.Phases, PhaseTime{string(p.Phase), seconds(p.Duration)})
	}
	r.Seconds = seconds(total)
	return r
}

// writer renders the images of one output.
type writer struct {
	out        *outdir.Folder
	doc        *Document
	res        *codegraph.Result
	opts       Options
	stems      []string
	slots      map[int][]sheetSlot // by image
	overlaid   []bool              // by image
	thumbnails *thumbnails         // nil without a page
	evaluator  *evaluator          // nil without a page or truth

	finder   *regionFinder
	colours  Colours
	outlines [][][][]int // of the regions of each image

	tiles [][]*image.NRGBA // by family and member; nil: not shown
}

// sheetSlot is the place in a contact sheet that an image has to fill.
type sheetSlot struct{ family, member int }

func newWriter(out *outdir.Folder, doc *Document, res *codegraph.Result, opts Options) *writer {
	names := make([]string, len(res.Images))
	for i := range names {
		names[i] = res.Images[i].Item.Name
	}
	w := &writer{
		out: out, doc: doc, res: res, opts: opts,
		stems: fileStems(names),
		slots: map[int][]sheetSlot{},
		tiles: make([][]*image.NRGBA, len(res.Families)),

		finder:   newRegionFinder(res, opts.MinArea),
		outlines: make([][][][]int, len(res.Images)),
	}
	w.colours = newColours(res, w.finder, doc.Scale)
	if opts.Page {
		w.thumbnails = newThumbnails(out, w.stems)
		if opts.Truth != nil {
			w.evaluator = newEvaluator(opts.Truth, res)
		}
	}
	for f := range res.Families {
		members := res.Families[f].Members
		shown := min(len(members), sheetMax)
		w.tiles[f] = make([]*image.NRGBA, shown)
		for m := range shown {
			w.slots[members[m].Image] = append(w.slots[members[m].Image], sheetSlot{f, m})
		}
	}
	return w
}

// images writes grids, maps and overlays, several images at a time.
func (w *writer) images(ctx context.Context) error {
	threads := w.res.Options.Threads
	if threads <= 0 {
		threads = runtime.GOMAXPROCS(0)
	}
	done := -1
	progress := func() {
		if done++; w.opts.Progress != nil {
			w.opts.Progress(codegraph.PhaseWrite, done, len(w.res.Images))
		}
	}
	progress()
	most := int64(pixelBudget)
	memory := w.res.Options.MaxMemory
	if memory > 0 {
		most = max(1, min(most, memory/2/bytesPerPixel))
	}
	budget := semaphore.NewWeighted(most)
	err := parallel.Do(ctx, len(w.res.Images), threads, func(i int) error {
		im := &w.res.Images[i]
		pixels := int64(im.Width) * int64(im.Height)
		need := min(pixels, most)
		if err := budget.Acquire(ctx, need); err != nil {
			return err
		}
		defer budget.Release(need)
		w.reclaim(pixels)
		return w.image(ctx, i)
	}, progress)
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// reclaim gives back what was done with, where so many pixels come next that little may
// be left of the memory there may be: the runtime lets both be there for a while.
func (w *writer) reclaim(pixels int64) {
	if most := w.res.Options.MaxMemory; most > 0 && pixels*bytesPerPixel > most/8 {
		runtime.GC()
	}
}

// image writes everything about image i.
func (w *writer) image(ctx context.Context, i int) error {
	im, entry := &w.res.Images[i], &w.doc.Images[i]
	entry.Grid = path.Join(outdir.Grids, w.stems[i]+".npy")
	entry.MuScGrid = path.Join(outdir.Grids, w.stems[i]+".musc.npy")
	entry.Map = path.Join(outdir.Maps, w.stems[i]+".png")
	if err := w.grid(entry.Grid, im.Map); err != nil {
		return err
	}
	if err := w.grid(entry.MuScGrid, im.MuScMap); err != nil {
		return err
	}
	m := anomap.New(im.Map, w.res.GridH, w.res.GridW)
	// Of a single image the map is written beside the rest.
	return parallel.Do(ctx, 2, w.beside(), func(k int) error {
		if k == 0 {
			return w.png(ctx, entry.Map, func() image.Image { return grey(m, im.Width, im.Height, w.doc.Scale) })
		}
		return w.shown(ctx, i, m)
	}, nil)
}

// beside is how many files of an image are written at a time.
func (w *writer) beside() int {
	if len(w.res.Images) > 1 || w.res.Options.MaxMemory > 0 {
		return 1
	}
	return cmp.Or(w.res.Options.Threads, 2)
}

// shown writes the regions, the overlay and what the page shows of image i, of which m
// is the map.
func (w *writer) shown(ctx context.Context, i int, m anomap.Map) error {
	entry := &w.doc.Images[i]
	if err := w.regions(ctx, i); err != nil {
		return err
	}
	if w.evaluator != nil {
		if err := w.evaluator.add(ctx, i); err != nil {
			if ctx.Err() != nil {
				return context.Cause(ctx)
			}
			entry.Warnings = append(slices.Clip(entry.Warnings), "its mask does not count: "+err.Error())
		}
	}
	return w.photograph(ctx, i, m)
}

// photograph writes what shows image i itself: its overlay, its places in
// contact sheets and on the page. The image is read again only for what was not
// made of it during the scan.
func (w *writer) photograph(ctx context.Context, i int, m anomap.Map) error {
	im, entry := &w.res.Images[i], &w.doc.Images[i]
	made, seen := w.opts.Previews.take(im.Item, image.Pt(im.Width, im.Height))
	if seen && w.thumbnails != nil {
		if err := w.thumbnails.add(i, made.thumbnail); err != nil {
			return err
		}
	}
	preview := w.thumbnails != nil && !seen
	if !preview && !w.overlaid[i] && len(w.slots[i]) == 0 {
		return nil
	}
	w.reclaim(int64(im.Width) * int64(im.Height)) // of its regions
	img, err := made.decoded, error(nil)
	if !seen || img == nil {
		img, err = w.load(ctx, im)
	}
	if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		entry.Warnings = append(slices.Clip(entry.Warnings), "no overlay: "+err.Error())
		return nil
	}
	if w.overlaid[i] {
		name := path.Join(outdir.Overlays, w.stems[i]+".png")
		if err := w.png(ctx, name, func() image.Image { return overlay(img, m, im.Width, im.Height, w.scale(im)) }); err != nil {
			return err
		}
		entry.Overlay = &name
	}
	for _, s := range w.slots[i] {
		w.tiles[s.family][s.member] = crop(img, w.doc.Families[s.family].Members[s.member].Box)
	}
	if preview {
		return w.thumbnails.add(i, newThumbnail(img))
	}
	return nil
}

// scale is that of the colours of an overlay.
func (w *writer) scale(im *codegraph.Image) Colours {
	colours := w.colours
	if w.opts.Scale == ScaleImage {
		_, colours.Limit = mapRange(im.Map)
	}
	return colours
}

// chooseOverlays settles which images get one.
func (w *writer) chooseOverlays() {
	mode, pixels := w.opts.Overlays, int64(0)
	for i := range w.res.Images {
		pixels += int64(w.res.Images[i].Width) * int64(w.res.Images[i].Height)
	}
	if mode == OverlaysAuto {
		mode = OverlaysAll
		if pixels > maxOverlaid {
			mode = OverlaysNone
			w.doc.Notes = append(slices.Clip(w.doc.Notes), fmt.Sprintf(
				"no overlays: the photographs have %d million pixels together; --overlays flagged writes those of images that do not pass, --overlays all those of all", pixels/1e6))
		}
	}
	w.overlaid = make([]bool, len(w.res.Images))
	for i := range w.overlaid {
		v := w.res.Images[i].Verdict.Label
		w.overlaid[i] = mode == OverlaysAll || mode == OverlaysFlagged && v != verdict.Pass
	}
}

func (w *writer) load(ctx context.Context, im *codegraph.Image) (image.Image, error) {
	img, err := w.opts.Load(ctx, im.Item)
	if err != nil {
		return nil, err
	}
	if size := img.Bounds().Size(); size != image.Pt(im.Width, im.Height) {
		return nil, fmt.Errorf("the image was %d × %d pixels when it was scored and is %d × %d now",
			im.Width, im.Height, size.X, size.Y)
	}
	return img, nil
}

func (w *writer) grid(name string, data []float32) error {
	return w.out.Write(name, func(f io.Writer) error {
		return writeNPY(f, data, w.res.GridH, w.res.GridW)
	})
}

func (w *writer) png(ctx context.Context, name string, render func() image.Image) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	img := render()
	return w.out.Write(name, func(f io.Writer) error {
		return encodePNG(ctxWriter{ctx, f}, img)
	})
}

// ctxWriter fails once its context is done: encoding a large PNG takes longer
// than an interrupt should.
type ctxWriter struct {
	ctx context.Context
	w   io.Writer
}

func (s ctxWriter) Write(p []byte) (int, error) {
	if s.ctx.Err() != nil {
		return 0, context.Cause(s.ctx)
	}
	return s.w.Write(p)
}

// sheets writes the contact sheets.
func (w *writer) sheets() error {
	ids := make([]string, len(w.doc.Families))
	for i := range ids {
		ids[i] = w.doc.Families[i].ID + ".png" // the extension is cut off again
	}
	for i, stem := range fileStems(ids) {
		var tiles []sheetEntry
		for m, t := range w.tiles[i] {
			if t != nil {
				tiles = append(tiles, sheetEntry{t, w.doc.Families[i].Members[m].Name})
			}
		}
		if len(tiles) == 0 {
			continue
		}
		name := path.Join(outdir.Families, stem+".png")
		img := sheet(tiles)
		err := w.out.Write(name, func(f io.Writer) error { return png.Encode(f, img) })
		if err != nil {
			return err
		}
		w.doc.Families[i].Sheet = &name
	}
	return nil
}

// files lists everything that belongs to the output, sorted.
func (w *writer) files() ([]string, error) {
	files := []string{ResultsName, ScoresName, RegionsName}
	for i := range w.doc.Images {
		im := &w.doc.Images[i]
		files = append(files, im.Grid, im.MuScGrid, im.Map)
		if im.Overlay != nil {
			files = append(files, *im.Overlay)
		}
		if im.Mask != nil {
			files = append(files, *im.Mask)
		}
	}
	for i := range w.doc.Families {
		if s := w.doc.Families[i].Sheet; s != nil {
			files = append(files, *s)
		}
	}
	if w.thumbnails != nil {
		files = append(append(files, PageName), w.thumbnails.files()...)
	}
	if w.opts.Inputs != "" {
		err := fs.WalkDir(os.DirFS(w.opts.Inputs), ".", func(p string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, path.Join(InputDir, p))
			}
			return err
		})
		if err != nil {
			return nil, fmt.Errorf("list the input images: %w", err)
		}
	}
	slices.Sort(files)
	return files, nil
}
