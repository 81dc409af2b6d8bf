package snapshot

import (
	"context"
	"fmt"
	"math"
	"slices"

	"codegraph/imageset"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/pipeline"
	"codegraph/internal/token"
)

// Add scores images as Score does and returns a snapshot in whose gallery they
// are, too. It compares them with the gallery, both ways, and with each other;
// what was compared before is not compared again. Families are found anew.
func (s *Snapshot) Add(ctx context.Context, images imageset.Set, o option.Options) (*pipeline.Result, *Snapshot, error) {
	o, err := s.options(o)
	if err != nil {
		return nil, nil, err
	}
	if err := s.checkNames(images); err != nil {
		return nil, nil, err
	}
	r, a, err := s.score(ctx, images, true, o)
	if err != nil {
		return nil, nil, err
	}
	grown, err := s.grow(ctx, a, o)
	if err != nil {
		return nil, nil, err
	}
	grown.about.Judged = slices.Concat(s.about.Judged, pipeline.Judged(a.images, s.joinGroups(nil, a), o))
	return r, grown, nil
}

// checkNames returns an error if an image has the name of one of the gallery.
func (s *Snapshot) checkNames(images imageset.Set) error {
	taken := make(map[string]bool)
	for _, name := range s.Images() {
		taken[name] = true
	}
	for _, it := range images {
		if taken[it.Name] {
			return fmt.Errorf("%w: it has an image %q already; rename the new one", Err, it.Name)
		}
	}
	return nil
}

// grow makes a snapshot of the gallery and the images that were scored.
func (s *Snapshot) grow(ctx context.Context, a *answers, o option.Options) (*Snapshot, error) {
	late := token.NewStore(len(a.tokens), s.tokens.Layers(), s.tokens.H, s.tokens.W, s.about.Options.Radii)
	for i, one := range a.tokens {
		for l := range one.Layers() {
			late.SetBlock(l, i, one.Block(l, 0))
		}
	}
	table, err := s.extend(ctx, late, a, o)
	if err != nil {
		return nil, err
	}
	b := &pipeline.Batch{Regions: s.about.Regions, Tokens: token.Join(s.tokens, late)}
	valid := s.valid()
	for i, name := range s.about.Images {
		e := pipeline.Embedded{Item: pipeline.Item{Item: imageset.Item{Name: name}, Image: i}, Angle: s.about.Angles[i]}
		e.Valid = valid[i]
		if s.about.Reference[i] {
			e.Role = pipeline.RoleReference
		}
		b.Images = append(b.Images, e)
	}
	for i, e := range a.read {
		e.Role, e.Image = pipeline.RoleScored, len(s.about.Images)+i
		b.Images = append(b.Images, e)
	}
	run, err := pipeline.Resume(ctx, b, table, o)
	if err != nil {
		return nil, err
	}
	grown := newSnapshot(run)
	grown.template, grown.about.Pattern, grown.about.Looks = s.template, s.about.Pattern, s.about.Looks
	return grown, run.CloseMasked()
}

// extend returns the distances of the gallery and, behind it, the new images.
func (s *Snapshot) extend(ctx context.Context, late *token.Store, a *answers, o option.Options) (*mutual.Table, error) {
	search := s.search(o)
	if search.Valid = nil; s.about.Regions {
		for _, e := range a.read {
			search.Valid = append(search.Valid, e.Valid)
		}
	}
	back, err := mutual.NewGallery(late, nil, search, false).Against(ctx, s.tokens, search)
	if err != nil {
		return nil, err
	}
	among := mutual.NewTable(1, s.tokens.P())
	if late.N() > 1 {
		if among, _, err = mutual.Compare(ctx, late, search); err != nil {
			return nil, err
		}
	}
	m, fresh := s.tokens.N(), late.N()
	t := mutual.NewTable(m+fresh, s.tokens.P())
	fill := func(i int, valid []bool, write func(row []float32, p int)) {
		for p := range t.P {
			row := t.Row(i, p)
			if valid == nil || valid[p] {
				write(row, p)
			}
			row[i] = float32(math.Inf(1))
		}
	}
	known := s.valid()
	for i := range m {
		fill(i, known[i], func(row []float32, p int) {
			copy(row, s.table.Row(i, p))
			copy(row[m:], back[i].Before[p*fresh:(p+1)*fresh])
		})
	}
	for i := range fresh {
		fill(m+i, a.read[i].Valid, func(row []float32, p int) {
			copy(row, a.queries[i].Before[p*m:(p+1)*m])
			copy(row[m:], among.Row(i, p))
		})
	}
	return t, nil
}
