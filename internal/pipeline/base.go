package pipeline

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"

	"codegraph/imageset"
	"codegraph/internal/option"
)

// Scan is Detect, and returns what it takes to score later images like those
// of the batch: see State, which must be closed.
func Scan(ctx context.Context, images imageset.Set, opts Options) (*Result, *State, error) {
	opts, err := option.Complete(opts)
	if err != nil {
		return nil, nil, err
	}
	if opts.Tile > 0 {
		return nil, nil, fmt.Errorf("%w: tiles leave no state behind for later images", ErrOptions)
	}
	if opts.Rerank != RerankNone {
		return nil, nil, fmt.Errorf("%w: rerank %s leaves no state behind for later images", ErrOptions, opts.Rerank)
	}
	res, state, err := scan(ctx, images, opts)
	if err != nil {
		return nil, nil, err
	}
	state.about.Judged = slices.Concat(res.believed, res.judged())
	return res, state, nil
}

// scan scores a batch against a base: all of it, or opts.Base images, which
// the others are compared with afterwards.
func scan(ctx context.Context, images imageset.Set, opts Options) (*Result, *State, error) {
	all := withReferences(images, opts.References)
	if opts.Base == 0 || opts.Base >= len(all) {
		return detectState(ctx, images, opts, 0)
	}
	chosen, err := chooseBase(ctx, all, len(images), opts)
	if err != nil {
		return nil, nil, err
	}
	base := opts
	base.Base, base.KeepIntermediates, base.References = 0, false, nil
	base.FDR = 0 // all are judged together
	var members, rest imageset.Set
	for i, it := range all {
		switch {
		case chosen[i] && i < len(images):
			members = append(members, it)
		case chosen[i]:
			base.References = append(base.References, it)
		case i < len(images):
			rest = append(rest, it)
		}
	}
	res, state, err := detectState(ctx, members, base, min(block, len(rest)))
	if err != nil {
		return nil, nil, err
	}
	late, err := state.Score(ctx, rest, opts)
	if err != nil {
		state.Close()
		return nil, nil, err
	}
	res.Options = opts
	res.join(late, images)
	if err := res.conclude(); err != nil {
		state.Close()
		return nil, nil, err
	}
	return res, state, nil
}

// detectState scores images and leaves a state, with which late images at a
// time will be compared.
func detectState(ctx context.Context, images imageset.Set, opts Options, late int) (*Result, *State, error) {
	d := newDetector(images, nil, opts)
	d.keep, d.late = true, late
	if err := d.run(ctx, withReferences(images, opts.References)); err != nil {
		return nil, nil, err
	}
	return d.result, d.state, nil
}

// chooseBase marks the images to compare with: references first, then those
// that differ most. Images that cannot be read are not chosen.
func chooseBase(ctx context.Context, all imageset.Set, scored int, opts Options) ([]bool, error) {
	descriptors, err := describe(ctx, all, opts)
	if err != nil {
		return nil, err
	}
	var references, others []int
	for i, d := range descriptors {
		switch {
		case d == nil:
		case i < scored:
			others = append(others, i)
		default:
			references = append(references, i)
		}
	}
	// An image must be left to be scored with the base.
	most := max(2, opts.Base)
	chosen := make([]bool, len(all))
	farthest(descriptors, chosen, references, min(most-1, len(references)), opts.Seed)
	farthest(descriptors, chosen, others, most-min(most-1, len(references)), opts.Seed)
	return chosen, nil
}

// describe returns the descriptors of images, nil for those that cannot be
// read. There may be many: each is forgotten once it is described.
func describe(ctx context.Context, images imageset.Set, opts Options) ([][]float32, error) {
	a, done := newAligner(opts), 0
	descriptors := make([][]float32, len(images))
	err := forEach(ctx, len(images), opts.Threads, func(i int) error {
		tensor, _, err := a.read(ctx, images[i])
		if err != nil {
			return ctx.Err()
		}
		m, err := a.embed(ctx, tensor)
		if err == nil {
			descriptors[i] = descriptor(m.Data, m.C)
		}
		return err
	}, func() {
		done++
		opts.Progress.Report(PhaseAlign, done, len(images))
	})
	return descriptors, err
}

// descriptor is the mean of the patches of a view and their mean deviation from
// it, which turning the part changes little.
func descriptor(data []float32, c int) []float32 {
	out := make([]float32, 2*c)
	n := len(data) / c
	for k, v := range data {
		out[k%c] += v / float32(n)
	}
	for k, v := range data {
		out[c+k%c] += float32(math.Abs(float64(v-out[k%c]))) / float32(n)
	}
	return out
}

// farthest marks n of the candidates: one after the other, that which is
// farthest from all that are marked (Gonzalez 1985), the first by the seed if
// none is. Of equals the first counts.
func farthest(descriptors [][]float32, chosen []bool, candidates []int, n int, seed uint64) {
	if n <= 0 || len(candidates) == 0 {
		return
	}
	near := make([]float64, len(candidates))
	for k := range near {
		near[k] = math.Inf(1)
	}
	mark := func(i int) {
		chosen[i] = true
		for k, c := range candidates {
			near[k] = min(near[k], squared(descriptors[i], descriptors[c]))
			if chosen[c] {
				near[k] = -1
			}
		}
	}
	if marked := slices.Index(chosen, true); marked >= 0 {
		for i, in := range chosen {
			if in {
				mark(i)
			}
		}
	} else {
		mark(candidates[rand.New(rand.NewPCG(seed, 0x62617365)).IntN(len(candidates))])
		n--
	}
	for ; n > 0; n-- {
		best := 0
		for k, d := range near {
			if d > near[best] {
				best = k
			}
		}
		if near[best] < 0 {
			return
		}
		mark(candidates[best])
	}
}

func squared(a, b []float32) (sum float64) {
	for k, v := range a {
		d := float64(v) - float64(b[k])
		sum += d * d
	}
	return sum
}

// join adds late, the result of images that were scored against those of r,
// and puts all in the order of images. They are neither ranked nor judged yet.
func (r *Result) join(late *Result, images imageset.Set) {
	place := make(map[string]int, len(images))
	for i, it := range images {
		place[it.Name] = i
	}
	first := len(r.Images)
	r.Images = append(r.Images, late.Images...)
	order := make([]int, len(r.Images))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return place[r.Images[a].Item.Name] - place[r.Images[b].Item.Name] })
	index, sorted := make([]int, len(order)), make([]Image, len(order))
	for to, from := range order {
		index[from], sorted[to] = to, r.Images[from]
	}
	for _, f := range late.Families {
		k := slices.IndexFunc(r.Families, func(o Family) bool { return o.ID == f.ID })
		own := &r.Families[k]
		area := own.Area * float64(len(own.Members))
		for _, m := range f.Members {
			sorted[index[first+m.Image]].Family = k
			own.Members = append(own.Members, Member{first + m.Image, m.Patches, m.Representative})
			area += float64(len(m.Patches)) / float64(r.GridH*r.GridW)
		}
		own.Area = area / float64(max(1, len(own.Members)))
	}
	r.Images = sorted
	r.renumber(index, len(index))
	r.Skipped = append(r.Skipped, late.Skipped...)
	slices.SortStableFunc(r.Skipped, func(a, b imageset.Problem) int { return place[a.Name] - place[b.Name] })
	for _, took := range late.Timing {
		k := slices.IndexFunc(r.Timing, func(p PhaseTime) bool { return p.Phase == took.Phase })
		if k < 0 {
			k, r.Timing = len(r.Timing), append(r.Timing, PhaseTime{Phase: took.Phase})
		}
		r.Timing[k].Duration += took.Duration
	}
}
