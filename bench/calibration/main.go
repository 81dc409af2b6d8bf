// Command calibration scores many rendered batches and keeps what a verdict
// could be based on: the image scores, the maps, the families, and the truth.
// Given such files, it judges the batches by package verdict, which takes a
// moment, and prints how often it is right.
//
//	go run ./bench/calibration --shares 0 --seeds 1-200 --out good.jsonl
//	go run ./bench/calibration --shares 0,10,20,30,40,50,60 --seeds 1001-1020 --out shares.jsonl
//	go run ./bench/calibration --dataset mvtec_ad --out categories.jsonl
//	go run ./bench/calibration --dataset mvtec_ad --shares 10,30,50 --seeds 1-3 --size 320 --grid 20 --out mixed.jsonl
//	go run ./bench/calibration good.jsonl shares.jsonl
//	go run ./bench/calibration --vary good.jsonl shares.jsonl
//
//	go run ./bench/calibration --beds ../shared/data --split tuning --every 3 --size 320 --grid 20 --out beds.jsonl
//	go run ./bench/calibration --scores beds.jsonl
//	go run ./bench/calibration --dataset mvtec_ad categories.jsonl
//
// --scores compares image scores by the patches that were kept. The last one compares the regions of scored categories with their masks.
//
// A line is appended for each batch. A run that was interrupted goes on where
// it was. Half of the defective parts have one and the same defect, the others
// one of their own.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"log"
	"math"
	"math/rand/v2"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"

	"codegraph"
	"codegraph/backbone/effnet"
	"codegraph/internal/cache"
	"codegraph/internal/eval/beds"
	"codegraph/internal/eval/benchmark"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/eval/synth"
	"codegraph/internal/verdict"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

// settings are the flags.
type settings struct {
	out, dataset  string
	beds          string
	selection     beds.Selection
	cache         string
	without       string
	draw          int
	kinds, shares string
	seeds         string
	scores, vary  bool
	image         int
	network       string
	size, grid    int
	align         string
	threads       int
}

func run(ctx context.Context) error {
	var s settings
	flag.StringVar(&s.out, "out", "batches.jsonl", "`file` that lines are appended to")
	flag.StringVar(&s.dataset, "dataset", "", "`folder` of a dataset of photographs; without it, parts are rendered")
	flag.StringVar(&s.beds, "beds", "", "`folder` of the photographs of planted beds: batches of them in place of rendered ones")
	s.selection = beds.Selection{Split: beds.HeldOut, Every: 5}
	s.selection.AddFlags(flag.CommandLine)
	flag.StringVar(&s.without, "without", "", "type of defect of the dataset to leave out")
	flag.IntVar(&s.draw, "draw", 0, "images of a batch drawn from a category, 0 for all good ones and the share of defective ones")
	flag.StringVar(&s.cache, "cache", "", "`folder` that features are kept in")
	flag.StringVar(&s.kinds, "kinds", "washer,bracket,fabric", "kinds that the seeds take in turn")
	flag.StringVar(&s.shares, "shares", "0", "shares of defective parts, in per cent; of a dataset 0 alone takes whole categories")
	flag.StringVar(&s.seeds, "seeds", "1-200", "`first-last` seed; a batch has 30 + seed mod 11 images")
	flag.IntVar(&s.image, "image-size", 160, "side of the rendered images in `pixels`")
	flag.StringVar(&s.network, "backbone", "", "embedded `network`, lite0-245, lite2 or lite0; the default is the program's")
	flag.IntVar(&s.size, "size", 192, "input side in `pixels`")
	flag.IntVar(&s.grid, "grid", 16, "patches a side")
	flag.StringVar(&s.align, "align", string(codegraph.AlignAuto), "turn parts alike: auto, on or off")
	flag.IntVar(&s.threads, "threads", 1, "number of threads")
	flag.BoolVar(&s.scores, "scores", false, "print how well image scores rank the batches")
	flag.BoolVar(&s.vary, "vary", false, "print how many verdicts change with each constant, halved and doubled")
	flag.Parse()
	if s.scores {
		return printScores(os.Stdout, flag.Args())
	}
	if s.vary {
		return printVariations(os.Stdout, flag.Args(), verdict.DefaultParams())
	}
	if flag.NArg() > 0 && s.dataset != "" {
		return measureRegions(ctx, s.dataset, flag.Args())
	}
	if flag.NArg() > 0 {
		return s.judge(flag.Args())
	}
	jobs, err := s.jobs()
	if err != nil {
		return err
	}
	return s.score(ctx, jobs)
}

// judge judges the batches of files and prints how good that is.
func (s settings) judge(files []string) error {
	groups, err := judgeAll(files, verdict.DefaultParams())
	if err != nil {
		return err
	}
	return printGroups(os.Stdout, append(groups, merged(groups)...))
}

// score scores the batches that the output file does not hold yet.
func (s settings) score(ctx context.Context, jobs []job) error {
	done := make(map[string]bool)
	err := benchmark.ReadLines(s.out, func(b *benchmark.ScoredBatch) error {
		done[b.Name] = true
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(s.out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return err
	}
	defer f.Close()
	for _, j := range jobs {
		if done[j.name] {
			continue
		}
		line, err := j.line(ctx, s)
		if err != nil {
			return err
		}
		if _, err := f.Write(line); err != nil {
			return err
		}
		log.Print(j.name)
	}
	return f.Close()
}

// job is one batch to score.
type job struct {
	name string
	load func(ctx context.Context) (*benchmark.Batch, error)
}

func (s settings) jobs() (jobs []job, err error) {
	if s.beds != "" {
		return s.planted()
	}
	var first, last uint64
	if _, err := fmt.Sscanf(s.seeds, "%d-%d", &first, &last); err != nil || last < first {
		return nil, fmt.Errorf("--seeds is %q: give the first and the last, such as 1-20", s.seeds)
	}
	var shares []float64
	for text := range strings.SplitSeq(s.shares, ",") {
		v, err := strconv.ParseFloat(text, 64)
		if err != nil || !(v >= 0 && v < 100) {
			return nil, fmt.Errorf("--shares has %q: shares are per cent, below 100", text)
		}
		shares = append(shares, v/100)
	}
	add := func(of func(share float64, seed uint64) job) {
		for seed := first; seed <= last; seed++ {
			for _, share := range shares {
				jobs = append(jobs, of(share, seed))
			}
		}
	}
	if s.dataset == "" {
		kinds := strings.Split(s.kinds, ",")
		add(func(share float64, seed uint64) job {
			return s.rendered(synth.Kind(kinds[seed%uint64(len(kinds))]), share, seed)
		})
		return jobs, nil
	}
	d, err := dataset.Open(s.dataset, dataset.Auto)
	if err != nil {
		return nil, err
	}
	for _, name := range d.Categories() {
		if s.shares == "0" && s.draw == 0 {
			jobs = append(jobs, s.whole(d, name))
			continue
		}
		add(func(share float64, seed uint64) job { return s.mixed(d, name, share, seed) })
	}
	return jobs, nil
}

// whole is a category as it is.
func (s settings) whole(d *dataset.Dataset, category string) job {
	return job{category, func(ctx context.Context) (*benchmark.Batch, error) {
		c, err := d.Category(ctx, category)
		if err != nil {
			return nil, err
		}
		return benchmark.FromCategory(without(c, s.without)), nil
	}}
}

// without leaves a type of defect out.
func without(c *dataset.Category, kind string) *dataset.Category {
	some := *c
	some.Samples = slices.DeleteFunc(slices.Clone(c.Samples), func(s dataset.Sample) bool { return s.Anomalous && s.Type == kind })
	return &some
}

// mixed is a batch of good and defective images of a category: draw of them, as
// far as there are so many good ones, or all good ones.
func (s settings) mixed(d *dataset.Dataset, category string, share float64, seed uint64) job {
	name := fmt.Sprintf("%s, %d drawn, %g %% defective, seed %d", category, s.draw, 100*share, seed)
	return job{name, func(ctx context.Context) (*benchmark.Batch, error) {
		c, err := d.Category(ctx, category)
		if err != nil {
			return nil, err
		}
		some := *without(c, s.without)
		var good, defective []dataset.Sample
		for _, sample := range some.Samples {
			if sample.Anomalous {
				defective = append(defective, sample)
			} else {
				good = append(good, sample)
			}
		}
		rng := rand.New(rand.NewPCG(seed, 0))
		for _, v := range [][]dataset.Sample{defective, good} {
			rng.Shuffle(len(v), func(i, j int) { v[i], v[j] = v[j], v[i] })
		}
		if s.draw > 0 {
			good = good[:min(len(good), s.draw-int(math.Round(share*float64(s.draw))))]
		}
		wanted := int(math.Round(share / (1 - share) * float64(len(good))))
		some.Name, some.Samples = name, slices.Concat(good, defective[:min(wanted, len(defective))])
		return benchmark.FromCategory(&some), nil
	}}
}

// planted lists beds of photographs with planted defects.
func (s settings) planted() (jobs []job, err error) {
	photographs := beds.Open(s.beds)
	chosen, err := s.selection.Beds()
	for _, b := range chosen {
		jobs = append(jobs, job{"bed " + b.Name, func(ctx context.Context) (*benchmark.Batch, error) {
			rendered, err := photographs.Render(ctx, b)
			if err != nil {
				return nil, err
			}
			out := &benchmark.Batch{Name: "bed " + b.Name, Items: rendered.Items()}
			for _, im := range rendered.Images {
				kind := string(im.Label)
				if !im.Label.Defective() {
					kind = dataset.Good
				}
				out.Types, out.HasMask = append(out.Types, kind), append(out.HasMask, false)
			}
			return out, nil
		}})
	}
	return jobs, err
}

// rendered is a batch of 30 to 40 parts.
func (s settings) rendered(kind synth.Kind, share float64, seed uint64) job {
	images := 30 + int(seed%11)
	defective := int(math.Round(share * float64(images)))
	cfg := synth.Config{
		Kind: kind, Size: s.image, Seed: seed, Threads: 1,
		Good: images - defective, Rare: defective / 2, Recurring: defective - defective/2,
	}
	name := fmt.Sprintf("%s, %d images, %g %% defective, seed %d", kind, images, 100*share, seed)
	return job{name, func(ctx context.Context) (*benchmark.Batch, error) {
		samples, err := synth.Render(ctx, cfg)
		if err != nil {
			return nil, err
		}
		return benchmark.FromSamples(name, samples), nil
	}}
}

func (j job) line(ctx context.Context, s settings) ([]byte, error) {
	b, err := j.load(ctx)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.name, err)
	}
	opts := codegraph.Options{Size: s.size, Grid: s.grid, Align: codegraph.Align(s.align), Threads: s.threads, KeepIntermediates: true}
	if opts.Backbone, err = effnet.Named(s.network); err != nil {
		return nil, err
	}
	if s.cache != "" {
		if opts.Cache, err = cache.Open(s.cache, 0); err != nil {
			return nil, err
		}
	}
	res, err := codegraph.Detect(ctx, b.Items, opts)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.name, err)
	}
	scored, err := benchmark.NewScoredBatch(b, res)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", j.name, err)
	}
	line, err := json.Marshal(scored)
	return append(line, '\n'), err
}
