package main

import (
	"context"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"text/tabwriter"
	"time"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/outdir"
	"codegraph/internal/perf"
	"codegraph/report"
)

// sampled is how many images of a folder perf scans to forecast a scan of all.
const sampled = 16

// folderForecast is what perf says of a folder.
type folderForecast struct {
	*perf.Forecast
	Sampled int           `json:"sampled"` // images
	Decode  float64       `json:"decode_seconds"`
	Advice  []perf.Advice `json:"advice"`
}

// forecast says what a scan of the images in roots will take on this machine: it
// scans some of them.
func (p *program) forecast(ctx context.Context, flags detectFlags, roots []string, asJSON bool) error {
	images, _, err := p.engine.walk(ctx, roots)
	if err != nil {
		return err
	}
	if images, _ = outdir.Exclude(images); len(images) < 4 {
		return withHint(fmt.Errorf("%d images are too few to forecast a scan", len(images)), "name a folder of 4 images or more")
	}
	opts, err := flags.options()
	if err != nil {
		return err
	}
	show := newProgress(p.stderr, asJSON)
	defer show.stop()
	opts.Progress = show.update
	f, err := p.measureFolder(ctx, images, opts)
	show.stop()
	if err != nil {
		return err
	}
	if asJSON {
		return p.printJSON(f)
	}
	return p.printForecast(f)
}

func (p *program) measureFolder(ctx context.Context, images imageset.Set, opts codegraph.Options) (*folderForecast, error) {
	many := spread(images, min(sampled, len(images)))
	few := spread(many, len(many)/2)
	decode, pixels, err := decodeTime(ctx, few)
	if err != nil {
		return nil, err
	}
	one, _, err := p.scanSample(ctx, few, opts)
	if err != nil {
		return nil, err
	}
	two, res, err := p.scanSample(ctx, many, opts)
	if err != nil {
		return nil, err
	}
	f := &folderForecast{Forecast: perf.Extrapolate(one, two, len(images)), Sampled: len(many), Decode: decode}
	if opts.MaxMemory == 0 {
		f.Memory = held(f.Memory + min(keptImages, int64(4*pixels)*int64(len(images))))
	}
	f.Advice = f.Advise(pixels, decode, res.Options.Threads, res.Size, max(res.GridH, res.GridW))
	return f, nil
}

// held is the memory of a process whose scan needs so much without --max-memory:
// garbage is collected when there is as much of it as of what is needed, or where
// the limit is that limitMemory sets.
func held(need int64) int64 { return min(2*need, max(need, smallHeap)) }

// spread takes n images at equal distances: folders are often sorted by kind.
func spread(images imageset.Set, n int) imageset.Set {
	out := make(imageset.Set, n)
	for k := range out {
		out[k] = images[k*len(images)/n]
	}
	return out
}

// decodeTime is the seconds that reading an image takes, and its pixels, on
// average over those that can be read.
func decodeTime(ctx context.Context, images imageset.Set) (seconds, pixels float64, err error) {
	n := 0.0
	for _, it := range images {
		start := time.Now()
		picture, err := imageset.Load(ctx, it, imageset.Limits{})
		if ctx.Err() != nil {
			return 0, 0, ctx.Err()
		}
		if err == nil {
			n++
			seconds += time.Since(start).Seconds()
			pixels += float64(picture.Width) * float64(picture.Height)
		}
	}
	return seconds / max(1, n), pixels / max(1, n), nil
}

// scanSample scans images as scan does, into a folder that is removed.
func (p *program) scanSample(ctx context.Context, images imageset.Set, opts codegraph.Options) (s perf.Sample, res *codegraph.Result, err error) {
	dir, err := os.MkdirTemp("", "codegraph-perf-*")
	if err != nil {
		return s, nil, err
	}
	defer os.RemoveAll(dir)
	var previews report.Previews
	opts.Evidence, opts.Seen = report.PagePatches, previews.Add
	if res, err = p.engine.detect(ctx, images, opts); err != nil {
		return s, nil, err
	}
	start := time.Now()
	if _, err = report.Write(ctx, filepath.Join(dir, "out"), res, report.Options{Load: p.engine.load(opts.MaxPixels), Previews: &previews, Page: true}); err != nil {
		return s, nil, err
	}
	s = perf.Sample{Images: len(res.Images), Plan: res.Plan, Seconds: map[codegraph.Phase]float64{codegraph.PhaseWrite: time.Since(start).Seconds()}}
	for _, t := range res.Timing {
		s.Seconds[t.Phase] += t.Duration.Seconds()
	}
	return s, res, nil
}

func (p *program) printForecast(f *folderForecast) error {
	fmt.Fprintf(p.stdout, "A scan of these %d images will take about %s and %s of memory on this machine,\njudged by scanning %d of them.\n\n", f.Images, duration(f.Seconds), mebibytes(f.Memory), f.Sampled)
	w := tabwriter.NewWriter(p.stdout, 0, 0, 2, ' ', tabwriter.AlignRight)
	for _, phase := range f.Phases {
		fmt.Fprintf(w, "%s\t%s\t%.0f %%\t\n", phase.Name, duration(phase.Seconds), 100*phase.Seconds/max(f.Seconds, 1e-9))
	}
	if err := w.Flush(); err != nil {
		return err
	}
	if f.Family > 0.01*f.Seconds {
		fmt.Fprintf(p.stdout, "\nUp to %s more if images share a defect: they are compared again without it.\n", duration(f.Family))
	}
	if len(f.Advice) > 0 {
		fmt.Fprint(p.stdout, "\nFaster:\n\n")
	}
	for _, a := range f.Advice {
		fmt.Fprintf(p.stdout, "  %s: about %s; %s\n", a.Do, duration(a.Seconds), a.But)
	}
	return nil
}

// duration is a forecast: two digits are more than it is worth.
func duration(seconds float64) string {
	switch {
	case seconds < 10:
		return fmt.Sprintf("%.1f s", seconds)
	case seconds < 120:
		return fmt.Sprintf("%.0f s", seconds)
	case seconds < 7200:
		return fmt.Sprintf("%.0f min", math.Ceil(seconds/60))
	}
	return fmt.Sprintf("%.1f h", seconds/3600)
}
