package pipeline

import (
	"context"
	"fmt"
	"slices"
	"time"

	"codegraph/imageset"
	"codegraph/internal/cache"
	"codegraph/internal/family"
	"codegraph/internal/imagescore"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/token"
)

// smallest is the number of images below which there is no graph.
const smallest = 8

// Detect scores a batch: see the package documentation. The result depends on
// the images and the options only, not on the number of threads. An image
// that cannot be read is listed in Result.Skipped, unless opts.Strict.
func Detect(ctx context.Context, images imageset.Set, opts Options) (*Result, error) {
	opts, err := option.Complete(opts)
	if err != nil {
		return nil, err
	}
	switch {
	case opts.Tile > 0:
		return detectTiled(ctx, images, opts)
	case opts.Base > 0 && opts.Base < len(images)+len(opts.References):
		res, state, err := scan(ctx, images, opts)
		if err != nil {
			return nil, err
		}
		return res, state.Close()
	}
	return detect(ctx, images, nil, opts)
}

// detect is Detect with all options filled in. Images of the same group, by
// name, are not compared with each other; nil: all are.
func detect(ctx context.Context, images imageset.Set, groups map[string]int, opts Options) (*Result, error) {
	d := newDetector(images, groups, opts)
	if err := d.run(ctx, withReferences(images, opts.References)); err != nil {
		return nil, err
	}
	return d.result, nil
}

func newDetector(images imageset.Set, groups map[string]int, opts Options) *detector {
	return &detector{opts: opts, scored: len(images), groups: groups, kept: newKept(opts), result: &Result{Method: opts.Method, Options: opts, Backbone: opts.Backbone.Info(), Size: opts.Size}}
}

type detector struct {
	opts    Options
	scored  int            // items, the first ones; the others are references
	groups  map[string]int // of images by name; nil: none
	result  *Result
	turns   []float64 // of each item
	tokens  *token.Store
	class   [][]float32 // class tokens, if images are ranked by them
	kept    *kept
	keys    []cache.Key // of the images' features
	pool    *mutual.Pool
	table   *mutual.Table // as measured
	musc    [][]float32   // MuSc's scores
	final   [][]float32
	pattern imagescore.Pattern // of final

	keep    bool // what follows, for state
	late    int  // images to be compared with those of the state, at a time
	state   *State
	removed map[int][]int
	guilty  []stateFamily
}

func (d *detector) run(ctx context.Context, images imageset.Set) (err error) {
	if err := d.timed(PhaseAlign, func() error { return d.align(ctx, images) }); err != nil {
		return err
	}
	if err := d.timed(PhaseEmbed, func() error { return d.embed(ctx, images) }); err != nil {
		return err
	}
	d.pool = mutual.NewPool(d.tokens.N(), d.tokens.P(), d.result.Plan.Spilled, d.opts.SpillDir)
	defer func() {
		if err != nil || d.state == nil && !d.opts.KeepIntermediates {
			d.release()
		}
		d.pool.Close()
	}()
	if err := d.timed(PhaseCompare, func() error { return d.compare(ctx) }); err != nil {
		return err
	}
	d.final = d.musc
	if d.opts.Method != MethodMuSc {
		if err := d.codegraph(ctx); err != nil {
			return err
		}
	}
	if note := d.kept.note(); note != "" {
		d.result.Notes = append(d.result.Notes, note)
	}
	if err := d.finish(ctx); err != nil {
		return err
	}
	if d.keep {
		if d.state, err = d.newState(ctx); err != nil {
			return err
		}
	}
	d.result.dropReferences()
	if err := d.result.conclude(); err != nil {
		return err
	}
	return ctx.Err()
}

// release lets go of what a state holds.
func (d *detector) release() {
	d.tokens.Close()
	if d.table != nil {
		d.table.Close()
	}
}

func (d *detector) timed(phase Phase, work func() error) error {
	start := time.Now()
	err := work()
	d.result.Timing = append(d.result.Timing, PhaseTime{phase, time.Since(start)})
	return err
}

func (d *detector) embed(ctx context.Context, images imageset.Set) error {
	b, err := embed(ctx, images, d.scored, d.turns, d.kept, d.opts, func(s *token.Store) (err error) {
		more := demand{stay: d.opts.KeepIntermediates, late: d.late}
		if d.result.Plan, err = plan(s, d.opts, more); err != nil {
			return err
		}
		if d.opts.Planned != nil {
			d.opts.Planned(d.result.Plan.Heap())
		}
		if d.result.Plan.TokensSpilled {
			return s.Spill(d.opts.SpillDir)
		}
		return nil
	})
	if err != nil {
		return err
	}
	r := d.result
	d.tokens, d.class, d.keys, r.Images, r.Skipped = b.tokens, b.class, b.keys, b.images, b.skipped
	r.GridH, r.GridW = d.tokens.H, d.tokens.W
	r.Variants = variants(d.opts)
	return nil
}

func variants(o Options) (all []Variant) {
	for _, layer := range o.Backbone.Info().Layers {
		for _, radius := range o.Radii {
			all = append(all, Variant{layer, radius})
		}
	}
	return all
}

func (d *detector) compare(ctx context.Context) (err error) {
	k := d.neighbours()
	batch := cache.Batch{Images: d.keys, Grid: d.opts.Grid, Radii: d.opts.Radii, MatchRadius: d.opts.MatchRadius, Groups: d.apart(), Fast: d.fast()}
	d.table, d.musc, err = d.kept.distances(ctx, batch, k, d.newTable, func() (*mutual.Table, [][]float32, error) {
		return mutual.Compare(ctx, d.tokens, mutual.Options{
			Neighbours: k,
			Window:     d.window(),
			Groups:     d.apart(),
			Block:      d.result.Plan.Block,
			Fast:       d.fast(),
			Threads:    d.opts.Threads,
			NewTable:   d.newTable,
			Progress:   func(done, total int) { d.opts.Progress.Report(PhaseCompare, done, total) },
		})
	})
	if err != nil {
		return err
	}
	d.hide()
	return d.gatherVectors(ctx)
}

func (d *detector) fast() bool { return d.opts.Precision == PrecisionFast }

// window limits matches as Options.MatchRadius says.
func (d *detector) window() mutual.Window {
	return mutual.Window{H: d.tokens.H, W: d.tokens.W, Radius: d.opts.MatchRadius}
}

// apart returns the group of each image, of which the images are not compared
// with each other; nil for none.
func (d *detector) apart() []int {
	if d.groups == nil {
		return nil
	}
	groups := make([]int, len(d.result.Images))
	for i, im := range d.result.Images {
		groups[i] = d.groups[im.Item.Name]
	}
	return groups
}

// neighbours is K: a share of the images that an image is compared with.
func (d *detector) neighbours() int {
	n := len(d.result.Images)
	if groups := d.apart(); groups != nil {
		times := make(map[int]int)
		for _, g := range groups {
			times[g]++
		}
		largest := 0
		for _, t := range times {
			largest = max(largest, t)
		}
		n -= largest - 1
	}
	return mutual.Neighbours(n, d.opts.Constants.Neighbours)
}

func (d *detector) newTable() (*mutual.Table, error) { return d.pool.Table() }

// codegraph finds families, filters and scores again.
func (d *detector) codegraph(ctx context.Context) error {
	r := d.result
	if n := len(r.Images); n < smallest {
		r.Notes = append(r.Notes, fmt.Sprintf("%d images are too few to look for recurring defects (at least %d); the scores are MuSc's", n, smallest))
		return nil
	}
	if d.identical() {
		r.Notes = append(r.Notes, "all images are identical: every score is 0")
		return nil
	}
	k := d.neighbours()
	before := d.table.Scores(k, d.opts.Threads)
	var graph *family.Graph
	var finding *family.Finding
	err := d.timed(PhaseGraph, func() (err error) {
		graph, finding, err = d.families(ctx, before)
		return err
	})
	if err != nil {
		return err
	}
	if d.opts.KeepIntermediates {
		r.Intermediates = &Intermediates{Table: d.table, Tokens: d.tokens, Before: before, After: before, Links: graph.Links, Finding: finding}
	}
	return d.timed(PhaseFilter, func() error { return d.filter(ctx, k, before, graph, finding) })
}

// identical reports whether no patch is at any distance from another image.
func (d *detector) identical() bool {
	for _, scores := range d.musc {
		for _, s := range scores {
			if s != 0 {
				return false
			}
		}
	}
	return true
}

func (d *detector) familyParams() family.Params {
	p := familyParams(d.opts)
	p.NewTable, p.H, p.W = d.newTable, d.tokens.H, d.tokens.W
	return p
}

// footprint is how many patches a token averages over at most.
func (d *detector) footprint() float64 {
	r := slices.Max(d.opts.Radii)
	return float64(r * r)
}

func (d *detector) families(ctx context.Context, before [][]float32) (*family.Graph, *family.Finding, error) {
	graph, err := family.NewGraph(ctx, d.table, d.opts.Seed, d.opts.Threads)
	if err != nil {
		return nil, nil, err
	}
	d.opts.Progress.Report(PhaseGraph, 1, 2)
	var finding *family.Finding
	if d.opts.Method == option.MethodPublished {
		finding, err = family.Published(ctx, d.table, graph, before, d.familyParams())
	} else {
		finding, err = family.Find(ctx, d.table, before, d.familyParams())
	}
	d.opts.Progress.Report(PhaseGraph, 2, 2)
	return graph, finding, err
}

// filter takes the patches of defects out and scores again: the final score of
// a patch is MuSc's times a′/a, the change of its score in mean distances. What
// nothing was taken from keeps MuSc's score exactly.
func (d *detector) filter(ctx context.Context, k int, before [][]float32, graph *family.Graph, finding *family.Finding) error {
	d.describe(graph, finding)
	d.gatherGraph(graph, finding)
	families := d.result.Families
	d.removed = family.Removed(finding.Families, func(f int) bool { return families[f].Status == StatusDefect })
	if d.opts.Method != option.MethodPublished {
		d.result.Outlying = d.clean(d.removed, before, finding)
	}
	masked, after := d.table, before
	if len(d.removed) > 0 {
		var err error
		if masked, err = d.mask(ctx, d.removed); err != nil {
			return err
		}
		defer masked.Close()
		after = masked.Scores(k, d.opts.Threads)
		if d.keep {
			d.keepFamilies(finding, d.table, masked, before, after)
		}
	}
	after = family.Within(masked, after, d.harmless(finding), d.opts.Constants.Neighbours)
	if d.result.Intermediates != nil {
		d.result.Intermediates.After = after
	}
	d.final = make([][]float32, len(after))
	for i := range after {
		d.final[i] = slices.Clone(d.musc[i])
		for p, a := range before[i] {
			d.final[i][p] = rescore(d.musc[i][p], a, after[i][p])
		}
	}
	return nil
}

// mask returns the distances without the patches that are removed.
func (d *detector) mask(ctx context.Context, removed map[int][]int) (*mutual.Table, error) {
	return mutual.Mask(ctx, d.tokens, d.table, removed, mutual.Options{
		Window:   d.window(),
		Groups:   d.apart(),
		Block:    d.result.Plan.Block,
		Fast:     d.fast(),
		Threads:  d.opts.Threads,
		NewTable: d.newTable,
		Progress: func(done, total int) { d.opts.Progress.Report(PhaseFilter, done, total) },
	})
}

// harmless lists the families that were rejected.
func (d *detector) harmless(finding *family.Finding) []family.Family {
	var rejected []family.Family
	for k, f := range finding.Families {
		if d.result.Families[k].Status == StatusRejected {
			rejected = append(rejected, f)
		}
	}
	return rejected
}

// rescore is the final score of a patch: MuSc's times the change that filtering
// makes to its score in mean distances, from before to after.
func rescore(musc, before, after float32) float32 {
	if before > 0 && after != before {
		return musc * (after / before)
	}
	return musc
}

// clean adds to removed the patches that score above all of the most normal
// images, and returns how many those are. What a harmless or undecided family
// is made of stays.
func (d *detector) clean(removed map[int][]int, before [][]float32, finding *family.Finding) int {
	spared := family.Removed(finding.Families, func(f int) bool { return d.result.Families[f].Status != StatusDefect })
	added := 0
	for i, patches := range family.Outlying(before, d.opts.Constants.NormalShare, d.opts.Constants.OutlyingMargin) {
		all := slices.Concat(removed[i], slices.DeleteFunc(patches, func(x int) bool {
			return slices.Contains(removed[i], x) || slices.Contains(spared[i], x)
		}))
		if len(all) > 0 {
			added += len(all) - len(removed[i])
			slices.Sort(all)
			removed[i] = all
		}
	}
	return added
}

// describe turns findings into families with an ID and a status.
func (d *detector) describe(graph *family.Graph, finding *family.Finding) {
	r := d.result
	for k, f := range finding.Families {
		out := Family{ID: familyID(k), Density: graph.Density(f.Images()), Area: f.Evidence.Area, Gain: f.Evidence.Gain, Status: d.status(familyID(k), &f)}
		for _, m := range f.Members {
			out.Members = append(out.Members, uprightMember(Member{m.Image, m.Patches, m.Representative}, r.Images[m.Image].Turn, r.GridH, r.GridW))
			if r.Images[m.Image].Family < 0 {
				r.Images[m.Image].Family = k
			}
			if out.Status == StatusDefect {
				out.Removed += len(m.Patches)
			}
		}
		r.Families = append(r.Families, out)
	}
	r.noteUnknown(d.opts)
}

// status says what to do about a family. What is known to be good is no
// defect, however often it recurs, unless the user says so.
func (d *detector) status(id string, f *family.Family) Status {
	reference := func(m family.Member) bool { return d.result.Images[m.Image].reference }
	switch {
	case slices.Contains(d.opts.Reject, id):
		return StatusRejected
	case slices.Contains(d.opts.Confirm, id):
		return StatusDefect
	case slices.ContainsFunc(f.Members, reference):
		return StatusRejected
	case f.Defect:
		return StatusDefect
	}
	return StatusCandidate
}

// familyID names family k of a result.
func familyID(k int) string { return fmt.Sprintf("F%d", k+1) }

// noteUnknown notes which families do not exist that the user judged.
func (r *Result) noteUnknown(o Options) {
	for _, id := range slices.Concat(o.Confirm, o.Reject) {
		if !slices.ContainsFunc(r.Families, func(f Family) bool { return f.ID == id }) {
			r.Notes = append(r.Notes, fmt.Sprintf("there is no family %s in this batch to confirm or reject", id))
		}
	}
}
