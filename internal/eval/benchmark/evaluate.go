package benchmark

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"codegraph"
	"codegraph/internal/anomap"
	"codegraph/internal/cache"
	"codegraph/internal/eval/dataset"
	"codegraph/internal/eval/metric"
	"codegraph/internal/eval/synth"
	"codegraph/internal/eval/table"
	"codegraph/report"
)

// Side is the resolution of the pixel figures in MuSc's protocol.
const Side = report.TruthSide

// Options say how batches are evaluated.
type Options struct {
	// Detect holds the options of the pipeline. Progress and KeepIntermediates
	// are set here.
	Detect codegraph.Options
	// Subset is the size M of the sub-batches that are scored alone; 0: whole.
	Subset     int
	Stratified bool // see divide
	Side       int  // resolution of the pixel figures; 0: Side
	// References is how many of the good images of a batch, drawn at random
	// by the seed, are told to be good: the others are compared with them, and
	// they are not judged.
	References int
	// HeldOut is how many of the same images, in the same order, are left out
	// altogether: what references are worth shows against that.
	HeldOut int
	// Original adds pixel figures at the images' own resolution.
	Original bool
	// ROIMasks is a folder with a region of interest for each image of a dataset, in
	// a folder of its category where there are several; "": none.
	ROIMasks string
	// Progress, if not nil, is told how far the scoring of a batch is.
	Progress func(batch string, phase codegraph.Phase, done, total int)
	// Scored, if not nil, is told the result of every batch and sub-batch, NAME
	// or NAME-1of3, and the truth about it.
	Scored func(name string, res *codegraph.Result, truth *report.Truth) error
	// Finished keeps finished evaluations between runs, so that a run that
	// was killed goes on where it was; nil: does not.
	Finished *cache.Dir
}

// methods are the methods that are compared.
var methods = []codegraph.Method{codegraph.MethodMuSc, codegraph.MethodCoDeGraph}

// Evaluation is what a batch gives.
type Evaluation struct {
	Images   int
	Figures  map[codegraph.Method]table.Figures
	Original map[codegraph.Method]table.PixelFigures // nil without Options.Original
	Types    []TypeEvaluation                        // by name
	Families []FamilyEvaluation
	Notes    []string // what is missing or odd
}

// TypeEvaluation is how well one type of defect is found.
type TypeEvaluation struct {
	Type        string
	Images      int
	Consistency float64                      // in per cent, NaN without masks
	PixelAP     map[codegraph.Method]float64 // in per cent, NaN without masks
}

// recurring is the type of rendered defects that recur; without figures if
// there is none.
func (e *Evaluation) recurring() TypeEvaluation {
	for _, t := range e.Types {
		if t.Type == synth.TypeRecurring {
			return t
		}
	}
	none := TypeEvaluation{Type: synth.TypeRecurring, Consistency: math.NaN(), PixelAP: make(map[codegraph.Method]float64)}
	for _, m := range methods {
		none.PixelAP[m] = math.NaN()
	}
	return none
}

// FamilyEvaluation is a family that was reported, with its members by type.
type FamilyEvaluation struct {
	ID      string
	Status  codegraph.Status
	Gain    float64
	Area    float64
	Removed int // patches kept out of the comparison
	Types   map[string]int
}

// Evaluate scores a batch and judges the scores.
func Evaluate(ctx context.Context, b *Batch, o Options) (*Evaluation, error) {
	return memoise(ctx, b, o, func() (*Evaluation, error) { return evaluate(ctx, b, o) })
}

func evaluate(ctx context.Context, b *Batch, o Options) (*Evaluation, error) {
	b, drawn, err := b.draw(max(o.References, o.HeldOut), o.Detect.Seed)
	if err != nil {
		return nil, err
	}
	o.Detect.References = drawn[:o.References]
	j := newEvaluator(b, o)
	parts := divide(b.Types, o.Subset, o.Stratified, o.Detect.Seed)
	for k, images := range parts {
		if err := j.part(ctx, images, k, len(parts)); err != nil {
			return nil, fmt.Errorf("%s: %w", b.Name, err)
		}
	}
	return j.evaluation()
}

// evaluator gathers the scores of all sub-batches.
type evaluator struct {
	batch    *Batch
	opts     Options
	scores   map[codegraph.Method][]float64
	labels   []bool
	good     map[codegraph.Method]*metric.Pixels // of the good images
	original map[codegraph.Method]*metric.Pixels
	types    map[string]*typeJudge
	out      Evaluation
	masks    int // defective images with a mask
	aligned  bool
}

// typeJudge gathers the pixels of the images of a type.
type typeJudge struct {
	images, masks int
	tally         tally
	pixels        map[codegraph.Method]*metric.Pixels
}

func newPixels() map[codegraph.Method]*metric.Pixels {
	p := make(map[codegraph.Method]*metric.Pixels)
	for _, m := range methods {
		p[m] = &metric.Pixels{}
	}
	return p
}

func newEvaluator(b *Batch, o Options) *evaluator {
	j := &evaluator{
		batch: b, opts: o, scores: make(map[codegraph.Method][]float64),
		good: newPixels(), types: make(map[string]*typeJudge),
	}
	if o.Original {
		j.original = newPixels()
	}
	if j.opts.Side == 0 {
		j.opts.Side = Side
	}
	for _, t := range b.Types {
		if t != dataset.Good && j.types[t] == nil {
			j.types[t] = &typeJudge{pixels: newPixels()}
		}
	}
	j.out.Notes = slices.Concat(b.Warnings, b.check())
	return j
}

// part scores one sub-batch, the k-th of parts.
func (j *evaluator) part(ctx context.Context, images []int, k, parts int) error {
	b := j.batch.of(images)
	opts := j.opts.Detect
	opts.KeepIntermediates = true
	if j.opts.Progress != nil {
		opts.Progress = func(phase codegraph.Phase, done, total int) { j.opts.Progress(b.Name, phase, done, total) }
	}
	res, err := codegraph.Detect(ctx, b.Items, opts)
	if err != nil {
		return err
	}
	b, err = j.readable(b, res)
	if err != nil {
		return err
	}
	for _, note := range res.Notes {
		if question(res, note) {
			continue
		}
		j.out.Notes = append(j.out.Notes, fmt.Sprintf("%s: %s", b.Name, note))
	}
	prefix := ""
	if parts > 1 {
		prefix = fmt.Sprintf("%d/", k+1)
	}
	j.families(res, b.Types, prefix)
	j.aligned = j.aligned || res.Alignment != nil && res.Alignment.Applied
	if err := j.truth(ctx, b, res); err != nil || j.opts.Scored == nil {
		return err
	}
	truth, err := b.Truth(res, j.opts.Side)
	if err != nil {
		return err
	}
	name := b.Name
	if parts > 1 {
		name = fmt.Sprintf("%s-%dof%d", name, k+1, parts)
	}
	return j.opts.Scored(name, res, truth)
}

// readable leaves out of b what the run could not read.
func (j *evaluator) readable(b *Batch, res *codegraph.Result) (*Batch, error) {
	for _, p := range res.Skipped {
		j.out.Notes = append(j.out.Notes, fmt.Sprintf("%s: %s was left out: %v", b.Name, p.Name, p.Err))
	}
	return b.scored(res)
}

func (j *evaluator) families(res *codegraph.Result, types []string, prefix string) {
	for _, f := range res.Families {
		e := FamilyEvaluation{ID: prefix + f.ID, Status: f.Status, Gain: f.Gain, Area: f.Area, Removed: f.Removed, Types: make(map[string]int)}
		for _, m := range f.Members {
			e.Types[types[m.Image]]++
		}
		j.out.Families = append(j.out.Families, e)
	}
}

// truth adds the scores and maps of a sub-batch beside their truth.
func (j *evaluator) truth(ctx context.Context, b *Batch, res *codegraph.Result) error {
	grid := make([][]bool, len(b.Types))
	for i := range b.Types {
		if err := ctx.Err(); err != nil {
			return err
		}
		im := &res.Images[i]
		j.labels = append(j.labels, b.Types[i] != dataset.Good)
		j.scores[codegraph.MethodMuSc] = append(j.scores[codegraph.MethodMuSc], im.MuScScore)
		j.scores[codegraph.MethodCoDeGraph] = append(j.scores[codegraph.MethodCoDeGraph], im.Score)
		if t := j.types[b.Types[i]]; t != nil {
			t.images++
		}
		if !b.HasMask[i] {
			continue
		}
		mask, warnings, err := b.mask(ctx, i, im.Width, im.Height)
		j.out.Notes = append(j.out.Notes, warnings...)
		if err != nil {
			j.out.Notes = append(j.out.Notes, fmt.Sprintf("%s: %s counts per image only: %v", b.Name, b.Items[i].Name, err))
			continue
		}
		grid[i] = anomap.ScaleMask(mask, im.Height, im.Width, res.GridH, res.GridW)
		if err := j.pixelsOf(res, i, b.Types[i], mask); err != nil {
			return err
		}
	}
	tallies, err := consistency(ctx, res, b.Types, grid)
	if err != nil {
		return err
	}
	for name, t := range tallies {
		sum := &j.types[name].tally
		sum.all, sum.same = sum.all+t.all, sum.same+t.same
	}
	return nil
}

// pixelsOf adds the maps of image i.
func (j *evaluator) pixelsOf(res *codegraph.Result, i int, kind string, mask []bool) error {
	im, side := &res.Images[i], j.opts.Side
	small, to := muscMask(mask, im.Width, im.Height, side), j.good
	if kind != dataset.Good {
		j.masks++
		j.types[kind].masks++
		to = j.types[kind].pixels
	}
	for _, m := range methods {
		values := im.Map
		if m == codegraph.MethodMuSc {
			values = im.MuScMap
		}
		up := anomap.New(values, res.GridH, res.GridW).Upsample(side, side)
		if err := to[m].Add(up, small, side, side); err != nil {
			return err
		}
		if j.original != nil {
			up = anomap.New(values, res.GridH, res.GridW).Upsample(im.Height, im.Width)
			if err := j.original[m].Add(up, mask, im.Width, im.Height); err != nil {
				return err
			}
		}
	}
	return nil
}

// evaluation works out the figures.
func (j *evaluator) evaluation() (*Evaluation, error) {
	e := &j.out
	e.Images = len(j.labels)
	e.Figures = make(map[codegraph.Method]table.Figures)
	if j.original != nil {
		e.Original = make(map[codegraph.Method]table.PixelFigures)
	}
	for _, m := range methods {
		f := imageFigures(j.scores[m], j.labels)
		var all metric.Pixels
		all.Join(j.good[m])
		for _, name := range slices.Sorted(maps.Keys(j.types)) {
			all.Join(j.types[name].pixels[m])
		}
		f.PixelFigures = j.pixelFigures(&all)
		e.Figures[m] = f
		if j.original != nil {
			e.Original[m] = j.pixelFigures(j.original[m])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(j.types)) {
		e.Types = append(e.Types, j.typeEvaluation(name))
	}
	if j.aligned {
		e.Notes = append(e.Notes, fmt.Sprintf("%s: the parts were turned alike before they were compared, for both methods (--align off to leave them)", j.batch.Name))
	}
	return e, nil
}

func (j *evaluator) typeEvaluation(name string) TypeEvaluation {
	t := j.types[name]
	e := TypeEvaluation{Type: name, Images: t.images, Consistency: math.NaN(), PixelAP: make(map[codegraph.Method]float64)}
	if t.tally.all > 0 {
		e.Consistency = 100 * float64(t.tally.same) / float64(t.tally.all)
	}
	for _, m := range methods {
		e.PixelAP[m] = math.NaN()
		if t.masks > 0 {
			var both metric.Pixels
			both.Join(j.good[m])
			both.Join(t.pixels[m])
			f, _ := both.Figures()
			e.PixelAP[m] = 100 * f.AP
		}
	}
	return e
}

// imageFigures are the figures per image; NaN where only one class is there.
func imageFigures(scores []float64, labels []bool) table.Figures {
	f := table.Undefined()
	if !slices.Contains(labels, true) || !slices.Contains(labels, false) {
		return f
	}
	if v, err := metric.AUROC(scores, labels); err == nil {
		f.ImageAUROC = table.Percent(100 * v)
	}
	if v, err := metric.AP(scores, labels); err == nil {
		f.ImageAP = table.Percent(100 * v)
	}
	if v, _, err := metric.F1Max(scores, labels); err == nil {
		f.ImageF1 = table.Percent(100 * v)
	}
	return f
}

// pixelFigures are the figures per pixel; without masks none is defined.
func (j *evaluator) pixelFigures(p *metric.Pixels) table.PixelFigures {
	if j.masks == 0 {
		return table.Undefined().PixelFigures
	}
	v, _ := p.Figures() // an undefined figure is NaN
	per := func(v float64) table.Percent { return table.Percent(100 * v) }
	return table.PixelFigures{
		PixelAUROC: per(v.AUROC), PixelF1: per(v.F1Max), PixelAP: per(v.AP), PixelPRO: per(v.PRO), PixelPROMuSc: per(v.MuScPRO),
	}
}

// question reports whether a note asks a person about a family: nobody is asked here.
func question(res *codegraph.Result, note string) bool {
	return slices.ContainsFunc(res.Families, func(f codegraph.Family) bool {
		return f.Status == codegraph.StatusCandidate && (strings.HasPrefix(note, f.ID+":") || strings.HasPrefix(note, f.ID+" ("))
	})
}
