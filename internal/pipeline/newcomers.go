package pipeline

import (
	"context"
	"time"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/cache"
	"codegraph/internal/mutual"
	"codegraph/internal/pose"
	"codegraph/internal/token"
)

// block is how many newcomers are in memory at a time.
const block = 16

// mostArranged bounds the memory in which a base is kept laid out.
const mostArranged = 512 << 20

// newcomers scores images against a state.
type newcomers struct {
	*State
	opts Options
	kept *kept
	out  *Result

	stay   bool // keep what follows, of each image
	stores []*token.Store
	strips []mutual.Strip
}

func (n *newcomers) score(ctx context.Context, images imageset.Set) (*Result, error) {
	r := &Result{
		Method: n.opts.Method, Options: n.opts, Backbone: n.opts.Backbone.Info(), Size: n.opts.Size,
		GridH: n.tokens.H, GridW: n.tokens.W, Variants: variants(n.opts), References: len(n.about.Images) - len(n.Images()),
	}
	for _, f := range n.about.Families {
		r.Families = append(r.Families, Family{ID: f.ID, Status: StatusDefect, Density: f.Density, Gain: f.Gain})
	}
	n.out = r
	for from := 0; from < len(images); from += block {
		if err := n.block(ctx, images[from:min(len(images), from+block)], from, len(images)); err != nil {
			return nil, err
		}
	}
	if len(r.Images) == 0 {
		return nil, noImages(images, r.Skipped)
	}
	for k := range r.Families {
		f := &r.Families[k]
		for _, m := range f.Members {
			f.Area += float64(len(m.Patches)) / float64(len(f.Members)*n.tokens.P())
		}
	}
	r.earlier = n.about.Judged
	return r, r.conclude()
}

// block scores some of the images, from the one numbered from on.
func (n *newcomers) block(ctx context.Context, images imageset.Set, from, total int) error {
	start := time.Now()
	e, err := n.embed(ctx, images, func(done int) { n.opts.Progress.Report(PhaseEmbed, from+done, total) })
	if err != nil {
		return err
	}
	n.spend(PhaseEmbed, start)
	var keep []int
	for i, err := range e.errs {
		if err != nil {
			n.out.Skipped = append(n.out.Skipped, imageset.Problem{Name: images[i].Name, Err: err})
			continue
		}
		keep = append(keep, i)
	}
	if len(keep) == 0 {
		return nil
	}
	e.store.Keep(keep)
	start = time.Now()
	strips, err := n.against(ctx, e.store)
	if err != nil {
		return err
	}
	n.spend(PhaseCompare, start)
	n.opts.Progress.Report(PhaseCompare, from+len(images), total)
	for k, i := range keep {
		n.add(e.images[i], strips[k])
		if n.stay {
			n.stores, n.strips = append(n.stores, e.store.Only(k)), append(n.strips, strips[k])
		}
	}
	return nil
}

func (n *newcomers) spend(phase Phase, since time.Time) {
	took := time.Since(since)
	for k := range n.out.Timing {
		if n.out.Timing[k].Phase == phase {
			n.out.Timing[k].Duration += took
			return
		}
	}
	n.out.Timing = append(n.out.Timing, PhaseTime{phase, took})
}

// embed reads, turns and embeds images.
func (n *newcomers) embed(ctx context.Context, images imageset.Set, progress func(done int)) (*embedder, error) {
	e := &embedder{
		opts: n.opts, items: images, scored: len(images), turns: make([]float64, len(images)), kept: n.kept,
		keys: make([]cache.Key, len(images)), images: make([]Image, len(images)),
		digests: make([][32]byte, len(images)), errs: make([]error, len(images)),
		store: token.NewStore(len(images), n.tokens.Layers(), n.tokens.H, n.tokens.W, n.opts.Radii),
	}
	if n.template != nil {
		if err := n.turn(ctx, images, e.turns); err != nil {
			return nil, err
		}
	}
	done := 0
	return e, forEach(ctx, len(images), n.opts.Threads, func(i int) error { return e.one(ctx, i) }, func() {
		done++
		progress(done)
	})
}

// turn estimates how images have to be turned; those that cannot be read are
// left for embed to report.
func (n *newcomers) turn(ctx context.Context, images imageset.Set, turns []float64) error {
	a := newAligner(n.opts)
	a.quiet = true
	read, err := a.load(ctx, images)
	if err != nil {
		return err
	}
	return forEach(ctx, len(read), n.opts.Threads, func(k int) (err error) {
		i := read[k]
		turns[i], err = n.template.Angle(ctx, func(ctx context.Context, angle float64) (backbone.Map, error) { return a.view(ctx, i, angle) })
		return err
	}, func() {})
}

// against compares images with the base.
func (n *newcomers) against(ctx context.Context, s mutual.Source) ([]mutual.Strip, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	o := n.search()
	if n.base == nil || n.fast != o.Fast {
		keep := !n.bounded && mutual.ArrangedBytes(n.tokens, o.Fast) <= mostArranged
		n.base, n.fast = mutual.NewBase(n.tokens, n.about.Removed, o, keep), o.Fast
	}
	return n.base.Against(ctx, s, o)
}

// search says how images are compared.
func (n *newcomers) search() mutual.Options {
	return mutual.Options{
		Neighbours: n.about.Neighbours, Window: mutual.Window{H: n.tokens.H, W: n.tokens.W, Radius: n.opts.MatchRadius},
		Fast: n.opts.Precision == PrecisionFast, Block: n.State.block, Threads: n.opts.Threads,
	}
}

// add adds the result of one image.
func (n *newcomers) add(im Image, strip mutual.Strip) {
	r, m, p := n.out, n.tokens.N(), n.tokens.P()
	final, depends, buf := make([]float32, p), make([]float64, p), make([]float32, m)
	for x := range p {
		if pose.ToOriginal(x, r.GridH, r.GridW, im.Turn) < 0 {
			strip.Scores[x] = 0
			continue
		}
		before := mutual.LowestMean(strip.Before[x*m:(x+1)*m], buf, n.about.Neighbours)
		after := mutual.LowestMean(strip.After[x*m:(x+1)*m], buf, n.about.Neighbours)
		depends[x] = logRatio(before, after)
		final[x] = rescore(strip.Scores[x], before, after)
	}
	im.Base, im.Map, im.MuScMap = false, r.unrotate(final, im.Turn), r.unrotate(strip.Scores, im.Turn)
	r.score(&im, n.about.Pattern.Score(final))
	k, patches := n.join(depends, func(x, j int) (float32, float32) { return strip.Before[x*m+j], strip.After[x*m+j] })
	im.Family = k
	if k >= 0 {
		member := Member{Image: len(r.Images), Patches: patches, Representative: patches[0]}
		for _, x := range patches {
			if final[x] > final[member.Representative] {
				member.Representative = x
			}
		}
		r.Families[k].Members = append(r.Families[k].Members, uprightMember(member, im.Turn, r.GridH, r.GridW))
	}
	r.Images = append(r.Images, im)
}
