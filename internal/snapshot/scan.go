package snapshot

import (
	"context"
	"fmt"
	"slices"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/coreset"
	"codegraph/internal/option"
	"codegraph/internal/pipeline"
)

// Scan scores a batch and returns what it takes to score later images like
// those of the batch. With o.Base the gallery is a part of the batch. o is
// complete.
func Scan(ctx context.Context, images imageset.Set, o option.Options) (*pipeline.Result, *Snapshot, error) {
	if o.Tile > 0 {
		return nil, nil, fmt.Errorf("%w: tiles leave no snapshot behind for later images", option.Err)
	}
	if o.Rerank != option.RerankNone {
		return nil, nil, fmt.Errorf("%w: rerank %s leaves no snapshot behind for later images", option.Err, o.Rerank)
	}
	d, err := divide(ctx, images, o)
	if err != nil {
		return nil, nil, err
	}
	q := pipeline.Request{
		Items: d.gallery, Decided: pipeline.DecisionsOf(o), Template: true, Masked: true,
		Keep: o.KeepIntermediates && len(d.queries) == 0, Queries: min(blockSize, len(d.queries)),
	}
	run, err := pipeline.Start(ctx, q, o)
	if err != nil {
		return nil, nil, err
	}
	s := newSnapshot(run)
	s.shared = q.Keep
	res, err := s.finish(ctx, run, d, o)
	if err != nil {
		s.Close()
		return nil, nil, err
	}
	return res, s, nil
}

// finish scores the queries and makes the result of all items.
func (s *Snapshot) finish(ctx context.Context, run *pipeline.Run, d *division, o option.Options) (*pipeline.Result, error) {
	if err := run.CloseMasked(); err != nil {
		return nil, err
	}
	outcome := run.Outcome()
	outcome.Items = d.items
	outcome.Skipped = slices.Concat(outcome.Skipped, d.skipped)
	if len(d.queries) > 0 {
		answers, err := s.query(ctx, d.queries, false, o)
		if err != nil {
			return nil, err
		}
		outcome.Images = slices.Concat(outcome.Images, answers.images)
		outcome.Groups = s.joinGroups(outcome.Groups, answers)
		outcome.Skipped = append(outcome.Skipped, answers.skipped...)
		outcome.Timing = outcome.Timing.Join(answers.timing)
	}
	s.about.Looks = pipeline.LooksOf(outcome.Images)
	s.about.Judged = pipeline.Judged(outcome.Images, outcome.Groups, o)
	return pipeline.Project(ctx, outcome, run)
}

// division is which items of a scan are what.
type division struct {
	items   []pipeline.Item // all
	gallery []pipeline.Item
	queries []pipeline.Item
	skipped []pipeline.Skipped // references that cannot be read; images are reported when they are scored
}

// divide divides the items of a scan. Without o.Base all are the gallery;
// references that are not chosen are left out.
func divide(ctx context.Context, images imageset.Set, o option.Options) (*division, error) {
	d := &division{items: pipeline.NewItems(images, o.References)}
	if o.Base == 0 || o.Base >= len(d.items) {
		d.gallery = d.items
		return d, nil
	}
	descriptors, wrong, err := describe(ctx, d.items, o)
	if err != nil {
		return nil, err
	}
	chosen := choose(descriptors, d.items, o)
	for i := range d.items {
		switch it := &d.items[i]; {
		case chosen[i]:
			d.gallery = append(d.gallery, *it)
		case it.Role == pipeline.RoleScored:
			it.Role = pipeline.RoleQuery
			d.queries = append(d.queries, *it)
		case wrong[i] != nil:
			s := pipeline.Skipped{Item: *it, Err: wrong[i]}
			if o.Strict {
				return nil, s.Problem()
			}
			d.skipped = append(d.skipped, s)
		}
	}
	return d, nil
}

// choose marks the items of the gallery: references first, then images that
// differ most. What has no descriptor is not chosen.
func choose(descriptors [][]float32, items []pipeline.Item, o option.Options) []bool {
	var references, images []int
	for i, d := range descriptors {
		switch {
		case d == nil:
		case items[i].Role == pipeline.RoleReference:
			references = append(references, i)
		default:
			images = append(images, i)
		}
	}
	size := max(2, o.Base)
	first := coreset.KCenterGreedy(descriptors, nil, references, size-1, o.Seed) // one place is for an image to score
	rest := coreset.KCenterGreedy(descriptors, first, images, size-len(first), o.Seed)
	chosen := make([]bool, len(items))
	for _, i := range slices.Concat(first, rest) {
		chosen[i] = true
	}
	return chosen
}

// describe returns the descriptors of items, nil for those that cannot be read,
// and what is wrong with these. It is an error if no image can be read that is
// to be scored.
func describe(ctx context.Context, items []pipeline.Item, o option.Options) (descriptors [][]float32, wrong []error, err error) {
	descriptors, wrong = make([][]float32, len(items)), make([]error, len(items))
	done := 0
	err = pipeline.EachView(ctx, items, o, func(i int, m backbone.Map, err error) {
		if wrong[i] = err; err == nil {
			descriptors[i] = coreset.Descriptor(m.Data, m.C)
		}
	}, func() {
		done++
		if o.Progress != nil {
			o.Progress(option.PhaseAlign, done, len(items))
		}
	})
	if err != nil {
		return nil, nil, err
	}
	var unread []pipeline.Skipped
	scored := 0
	for i, it := range items {
		if it.Role != pipeline.RoleScored {
			continue
		}
		if scored++; wrong[i] == nil {
			return descriptors, wrong, nil
		}
		unread = append(unread, pipeline.Skipped{Item: it, Err: wrong[i]})
	}
	return nil, nil, pipeline.NoImages(scored, unread)
}
