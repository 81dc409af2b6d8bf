package snapshot

import (
	"context"
	"math"
	"slices"
	"time"

	"codegraph/imageset"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/parallel"
	"codegraph/internal/pipeline"
	"codegraph/internal/token"
)

// blockSize is how many queries are in memory at a time.
const blockSize = 16

// Score scores images against the gallery. It uses Backbone, Precision, FDR, Threads,
// Strict, MaxPixels, Cache and Progress of o; the other options are those of the scan
// that left the snapshot. The families of the result are those of the snapshot, with
// the images that belong to them. The score and verdict of an image do not depend on
// the other images: it is judged as if it had been in that scan.
func (s *Snapshot) Score(ctx context.Context, images imageset.Set, o option.Options) (*pipeline.Result, error) {
	o, err := s.options(o)
	if err != nil {
		return nil, err
	}
	res, _, err := s.score(ctx, images, false, o)
	return res, err
}

func (s *Snapshot) score(ctx context.Context, images imageset.Set, keep bool, o option.Options) (*pipeline.Result, *answers, error) {
	images, o = pipeline.WithRegions(images, o)
	images, o, err := pipeline.WithIntensity(ctx, images, o)
	if err != nil {
		return nil, nil, err
	}
	items := pipeline.NewItems(images, nil)
	for i := range items {
		items[i].Role = pipeline.RoleQuery
	}
	a, err := s.query(ctx, items, keep, o)
	if err != nil {
		return nil, nil, err
	}
	if len(a.images) == 0 {
		return nil, nil, pipeline.NoImages(len(items), a.skipped)
	}
	res, err := pipeline.Project(ctx, pipeline.Outcome{
		Options: o, Items: items, GridH: s.tokens.H, GridW: s.tokens.W, Images: a.images, Groups: s.joinGroups(nil, a),
		Skipped: a.skipped, Timing: a.timing, References: len(s.about.Images) - len(s.Images()), Earlier: pipeline.Earlier{Images: s.about.Judged, Memos: &s.memos}, Before: &s.about.Looks,
	}, nil)
	if err == nil {
		res.TailIndex = s.ownTailIndex()
	}
	return res, a, err
}

// answers are what became of queries, in their order.
type answers struct {
	images  []pipeline.ItemImage
	members [][]pipeline.GroupMember // by family of the snapshot
	skipped []pipeline.Skipped
	timing  pipeline.Timing
	read    []pipeline.Embedded
	tokens  []*token.Store          // of each of read, if they are kept
	queries []mutual.QueryDistances // their distances to the gallery, too
}

// query scores items against the gallery, blockSize of them at a time; keep
// keeps tokens and distances of each.
func (s *Snapshot) query(ctx context.Context, items []pipeline.Item, keep bool, o option.Options) (*answers, error) {
	out := &answers{members: make([][]pipeline.GroupMember, len(s.about.Families))}
	c := pipeline.NewCache(o)
	report := func(phase option.Phase, done int) {
		if o.Progress != nil {
			o.Progress(phase, done, len(items))
		}
	}
	done := 0
	for block := range slices.Chunk(items, blockSize) {
		start := time.Now()
		b, err := s.embed(ctx, block, c, o, func(n int) { report(option.PhaseEmbed, done+n) })
		if err != nil {
			return nil, err
		}
		out.timing = out.timing.Add(option.PhaseEmbed, time.Since(start))
		out.skipped = append(out.skipped, b.Skipped...)
		done += len(block)
		if len(b.Images) == 0 {
			continue
		}
		start = time.Now()
		queries, err := s.distances(ctx, b.Tokens, o)
		if err != nil {
			return nil, err
		}
		out.timing = out.timing.Add(option.PhaseCompare, time.Since(start))
		report(option.PhaseCompare, done)
		for k, e := range b.Images {
			s.answer(out, e, queries[k], o)
			if keep {
				out.read, out.tokens, out.queries = append(out.read, e), append(out.tokens, b.Tokens.Only(k)), append(out.queries, queries[k])
			}
		}
	}
	return out, nil
}

// embed reads, rotates and embeds items.
func (s *Snapshot) embed(ctx context.Context, items []pipeline.Item, c *pipeline.Cache, o option.Options, progress func(done int)) (*pipeline.Batch, error) {
	angles, read, err := s.angles(ctx, items, o)
	if err != nil {
		return nil, err
	}
	return pipeline.Embed(ctx, items, pipeline.Embedding{
		Angles: angles, Read: read, Cache: c, Progress: progress,
		Store: token.NewStore(len(items), s.tokens.Layers(), s.tokens.H, s.tokens.W, s.about.Options.Radii),
	}, o)
}

// angles estimates how items have to be rotated; those that cannot be read are
// left for Embed to report. read is nil where there is nothing to estimate.
func (s *Snapshot) angles(ctx context.Context, items []pipeline.Item, o option.Options) (angles []float64, read *pipeline.Readings, err error) {
	angles = make([]float64, len(items))
	if s.template == nil {
		return angles, nil, nil
	}
	if read, err = pipeline.ReadAll(ctx, items, o, nil); err != nil {
		return nil, nil, err
	}
	defer read.CloseViews()
	places := read.Readable()
	return angles, read, parallel.Do(ctx, len(places), o.Threads, func(k int) error {
		angles[places[k]] = s.template.Angle(read.Grey(places[k]))
		return nil
	}, nil)
}

// valid marks the patches of the gallery that are compared.
func (s *Snapshot) valid() mutual.Valid {
	out := make(mutual.Valid, s.tokens.N())
	for i, hidden := range s.about.Hidden {
		out[i] = slices.Repeat([]bool{true}, s.tokens.P())
		for _, x := range hidden {
			out[i][x] = false
		}
	}
	return out
}

// distances compares images with the gallery.
func (s *Snapshot) distances(ctx context.Context, images mutual.Source, o option.Options) ([]mutual.QueryDistances, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	how := s.search(o)
	if s.gallery == nil || s.fast != how.Fast {
		keep := !s.bounded && mutual.PackedBytes(s.tokens, how.Fast) <= pipeline.MaxPacked
		s.gallery, s.fast = mutual.NewGallery(s.tokens, s.about.Removed, how, keep), how.Fast
	}
	return s.gallery.Against(ctx, images, how)
}

// search says how images are compared.
func (s *Snapshot) search(o option.Options) mutual.Options {
	var valid mutual.Valid
	if s.about.Regions {
		valid = s.valid()
	}
	return mutual.Options{
		Neighbours: s.about.Neighbours, Valid: valid, Window: pipeline.Window(s.tokens.H, s.tokens.W, o),
		Fast: o.Precision == option.PrecisionFast, Block: s.block, Threads: o.Threads,
	}
}

// answer adds what becomes of one image.
func (s *Snapshot) answer(out *answers, e pipeline.Embedded, query mutual.QueryDistances, o option.Options) {
	h, w, m, p := s.tokens.H, s.tokens.W, s.tokens.N(), s.tokens.P()
	final, musc, depends, buf := make([]float32, p), slices.Clone(query.Scores), make([]float64, p), make([]float32, m)
	var compared []int
	for x := range p {
		if e.Valid != nil && !e.Valid[x] || musc[x] > math.MaxFloat32 {
			musc[x] = 0
			continue
		}
		compared = append(compared, x)
		before := mutual.LowestMean(query.Before[x*m:(x+1)*m], buf, s.about.Neighbours)
		after := mutual.LowestMean(query.After[x*m:(x+1)*m], buf, s.about.Neighbours)
		depends[x] = logRatio(before, after)
		final[x] = pipeline.FilterRatio(musc[x], before, after)
	}
	im := pipeline.NewItemImage(e, final, musc, s.about.Pattern, h, w, o)
	im.Image.TailIndex = s.tailIndex(query.Before)
	out.images = append(out.images, im)
	k, patches := s.assignFamily(compared, depends, func(x, j int) (float32, float32) { return query.Before[x*m+j], query.After[x*m+j] })
	if k < 0 {
		return
	}
	representative := patches[0]
	for _, x := range patches {
		if final[x] > final[representative] {
			representative = x
		}
	}
	out.members[k] = append(out.members[k], pipeline.NewGroupMember(&e, patches, representative, h, w))
}

// joinGroups returns groups, those of the scan that left s, with the members
// among the answers; without groups those of s have no other members.
func (s *Snapshot) joinGroups(groups []pipeline.Group, a *answers) []pipeline.Group {
	out := slices.Clone(groups)
	for k, f := range s.about.Families {
		at := slices.IndexFunc(out, func(g pipeline.Group) bool { return g.ID == f.ID })
		if at < 0 {
			at, out = len(out), append(out, pipeline.Group{ID: f.ID, Status: pipeline.StatusDefect, Density: f.Density, Gain: f.Gain})
		}
		g := &out[at]
		area := g.Area * float64(len(g.Members))
		for _, m := range a.members[k] {
			area += float64(len(m.Patches)) / float64(s.tokens.P())
		}
		g.Members = slices.Concat(g.Members, a.members[k])
		g.Area = area / float64(max(1, len(g.Members)))
	}
	return out
}
