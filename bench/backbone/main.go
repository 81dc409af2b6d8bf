// Command backbone compares feature networks, their layers, input sizes, grids and
// neighbourhoods, on batches with known truth. It makes the tables of
// docs/backbone.md.
//
//	go run ./bench/backbone [-weights DIR] [-align auto] FOLDER… < configurations > table
//
// A folder is a category in the layout of MVTec AD, or holds a folder of good images
// beside others. A configuration is a line of five words: network, stages, input
// size, side of the grid, radii r. The network is lite0 or lite2, which are embedded;
// another name, whose weights are DIR/name.cgw; learnt, a descriptor learnt from the
// batch itself (see learnt); or lite0+learnt, both. Stage 5/3 is stage 5 averaged over
// 3 × 3 positions:
//
//	lite0 3+4 448 28 1,3,5
//	lite0 2+4+5/3 448 28 1
//
// For each folder and configuration it prints image AUROC by the maximum of MuSc's
// map and by the program's image score, families filtered; pixel AUROC and pixel AP
// of MuSc's map, all in per cent (NaN where a folder has no masks); and seconds of
// processor time per image, of all cores together, to embed (with reading, resizing,
// turning and learning) and to compare. Pixel figures are taken at 256 × 256.
package main

import (
	"bufio"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"codegraph"
	"codegraph/backbone"
	"codegraph/backbone/effnet"
	"codegraph/imageset"
	"codegraph/internal/anomap"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/eval/metric"
	"codegraph/internal/perf"
)

// side is the resolution of the pixel figures.
const side = 256

func main() {
	log.SetFlags(0)
	weights := flag.String("weights", ".", "folder of weight files")
	align := flag.String("align", string(codegraph.AlignOff), "whether parts are turned alike: auto, on or off")
	flag.Parse()
	configs, err := read(os.Stdin, *weights)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println("batch\timages\tnetwork\tstages\tsize\tgrid\tradii\tI-AUROC\tby score\tP-AUROC\tP-AP\tembed s\tcompare s")
	for _, dir := range flag.Args() {
		t, err := open(context.Background(), dir)
		if err != nil {
			log.Fatal(err)
		}
		for _, c := range configs {
			if err := t.evaluate(context.Background(), c, codegraph.Align(*align)); err != nil {
				log.Fatalf("%s, %s: %v", dir, c.line, err)
			}
		}
	}
}

// config is a line of the input.
type config struct {
	line   string
	net    *effnet.Network // nil: the learnt descriptor alone
	learnt bool
	size   int
	grid   int
	radii  []int
}

// read reads configurations; empty lines and those that begin with # are
// passed over.
func read(r io.Reader, weights string) ([]config, error) {
	var all []config
	in := bufio.NewScanner(r)
	for in.Scan() {
		words := strings.Fields(in.Text())
		if len(words) == 0 || words[0][0] == '#' {
			continue
		}
		c, err := parse(words, weights)
		if err != nil {
			return nil, fmt.Errorf("%q: %w", in.Text(), err)
		}
		all = append(all, c)
	}
	return all, in.Err()
}

func parse(words []string, weights string) (config, error) {
	c := config{line: strings.Join(words, "\t")}
	if len(words) != 5 {
		return c, errors.New("want network, stages, size, grid and radii")
	}
	var err error
	number := func(s string) int {
		v, e := strconv.Atoi(s)
		err = errors.Join(err, e)
		return v
	}
	c.size, c.grid = number(words[2]), number(words[3])
	for _, r := range strings.Split(words[4], ",") {
		c.radii = append(c.radii, number(r))
	}
	name, learnt := strings.CutSuffix(words[0], "+learnt")
	c.learnt = learnt || name == "learnt"
	if err != nil || name == "learnt" {
		return c, err
	}
	opts := effnet.Options{Size: c.size, Grid: c.grid, Radii: c.radii}
	for _, s := range strings.Split(words[1], "+") {
		opts.Taps = append(opts.Taps, "stage"+s)
	}
	if effnet.Has(name) {
		opts.Network = name
	} else if opts.Weights, err = os.ReadFile(filepath.Join(weights, name+".cgw")); err != nil {
		return c, err
	}
	c.net, err = effnet.New(opts)
	return c, err
}

// backbone builds what c says, learning from items if it must.
func (c config) backbone(ctx context.Context, items imageset.Set) (backbone.Backbone, error) {
	if c.learnt {
		return learn(ctx, c, items)
	}
	return c.net, nil
}

// truth is a batch and what is wrong with it.
type truth struct {
	name   string
	items  imageset.Set
	labels []bool // of the images
	masks  []bool // side × side of each image, one after the other; nil: there are none
}

func open(ctx context.Context, dir string) (*truth, error) {
	d, err := dataset.Open(dir, dataset.Auto)
	if err != nil {
		return nil, err
	}
	c, err := d.Category(ctx, d.Categories()[0])
	if err != nil {
		return nil, err
	}
	t := &truth{name: filepath.Base(dir), items: c.Items()}
	masked := true
	for _, s := range c.Samples {
		t.labels = append(t.labels, s.Anomalous)
		if masked = masked && s.HasPixelTruth(); masked {
			m, _, err := dataset.LoadMask(ctx, s, side, side)
			if err != nil {
				return nil, err
			}
			t.masks = append(t.masks, m...)
		}
	}
	if !masked {
		t.masks = nil
	}
	return t, nil
}

func (t *truth) evaluate(ctx context.Context, c config, align codegraph.Align) error {
	var embedded, compared time.Duration
	start := perf.ProcessTime()
	b, err := c.backbone(ctx, t.items)
	if err != nil {
		return err
	}
	res, err := codegraph.Detect(ctx, t.items, codegraph.Options{
		Align: align, Strict: true,
		Backbone: b, Size: c.size, Grid: c.grid, Radii: c.radii,
		Progress: func(phase codegraph.Phase, done, total int) {
			switch {
			case done < total:
			case phase == codegraph.PhaseEmbed:
				embedded = perf.ProcessTime()
			case phase == codegraph.PhaseCompare:
				compared = perf.ProcessTime()
			}
		},
	})
	if err != nil {
		return err
	}
	f, err := t.figures(res)
	if err != nil {
		return err
	}
	n := float64(len(t.items))
	fmt.Printf("%s\t%d\t%s\t%.2f\t%.2f\t%.2f\t%.2f\t%.3f\t%.3f\n", t.name, len(t.items), c.line,
		100*f.maximum, 100*f.score, 100*f.pixel, 100*f.ap, (embedded-start).Seconds()/n, (compared-embedded).Seconds()/n)
	return nil
}

// figures are image AUROC by the maximum of the map and by the program's score,
// pixel AUROC and pixel AP.
type figures struct{ maximum, score, pixel, ap float64 }

func (t *truth) figures(res *codegraph.Result) (f figures, err error) {
	var maxima, scores []float64
	var maps []float32
	for i, im := range res.Images {
		if im.Item.Name != t.items[i].Name {
			return f, fmt.Errorf("image %d is %s, want %s", i, im.Item.Name, t.items[i].Name)
		}
		maxima, scores = append(maxima, im.MuScScore), append(scores, im.Score)
		maps = append(maps, anomap.New(im.MuScMap, res.GridH, res.GridW).Upsample(side, side)...)
	}
	var errs [4]error
	f.maximum, errs[0] = metric.AUROC(maxima, t.labels)
	f.score, errs[1] = metric.AUROC(scores, t.labels)
	f.pixel, f.ap = math.NaN(), math.NaN()
	if t.masks != nil {
		f.pixel, errs[2] = metric.AUROC(maps, t.masks)
		f.ap, errs[3] = metric.AP(maps, t.masks)
	}
	return f, errors.Join(errs[:]...)
}
