package pipeline

import (
	"cmp"
	"context"
	"slices"

	"codegraph/internal/option"
)

// Outcome is what is known at the end of a scan, by items. Nothing in it is
// numbered by place in a result.
type Outcome struct {
	Options      option.Options
	Items        []Item // all, in the order of their indices
	Alignment    *Alignment
	GridH, GridW int
	Images       []ItemImage // of items that were read, in any order
	Groups       []Group
	Skipped      []Skipped
	Notes        []string
	Timing       Timing
	Plan         MemoryPlan
	// References counts references that are not among Images.
	References int
	// Earlier are the images of the scan that these came after.
	Earlier Earlier
	// Before is what the images of that scan look like as files; nil: there is none.
	Before *Looks
}

// Numbering says where items and groups are in a result.
type Numbering struct {
	Images int   // in the result
	Image  []int // by item: index into Result.Images, −1 for none
	Group  []int // by group: index into Result.Families, −1 for none
}

// Project makes the result of a scan: the only place where items become images
// of a result, in the order of their indices. References are left out, and so
// are families of nothing else. run gives the evidence and the intermediates
// that the options ask for; nil: none.
func Project(ctx context.Context, o Outcome, run *Run) (*Result, error) {
	opts := o.Options
	n := o.number()
	r := &Result{
		Method: opts.Method, Options: opts, Backbone: opts.Backbone.Info(), Size: opts.Size,
		Alignment: o.Alignment, GridH: o.GridH, GridW: o.GridW, Variants: variants(opts),
		Families: o.families(n), References: o.References, Plan: o.Plan, Timing: o.Timing,
		Notes: slices.Concat(o.Notes, unknownFamilies(o.Groups, opts.Confirm, opts.Reject)),
	}
	var items []int // of r.Images
	for _, im := range inOrder(o.Images) {
		if im.Item.Role == RoleReference {
			r.References++
			continue
		}
		r.Images = append(r.Images, im.Image)
		items = append(items, im.Item.Index)
	}
	r.Notes = append(r.Notes, o.batchNotes()...)
	r.Notes = append(r.Notes, questions(r.Families, len(r.Images))...)
	r.Notes = append(r.Notes, lostAnswers(r, opts)...)
	scores := make([]float64, len(r.Images))
	for i, im := range r.Images {
		scores[i] = im.Score
	}
	j, err := judge(o.Images, o.Groups, o.Earlier, opts)
	if err != nil {
		return nil, err
	}
	verdicts, family, ranks := j.byItem(o.Images), familyOf(r), ranks(scores)
	for i := range r.Images {
		im := &r.Images[i]
		im.Rank, im.Family, im.Verdict = ranks[i], family[i], verdicts[items[i]]
	}
	r.Null, r.Limits, r.VerdictNote, r.MapNull = j.Null, j.Limits, j.Note, j.mapNull
	for _, s := range slices.SortedStableFunc(slices.Values(o.Skipped), func(a, b Skipped) int { return cmp.Compare(a.Item.Index, b.Item.Index) }) {
		r.Skipped = append(r.Skipped, s.Problem())
	}
	if run == nil {
		return r, ctx.Err()
	}
	r.Intermediates = run.intermediates()
	var timing Timing
	if timing, err = o.Timing.Time(option.PhaseCompare, func() (err error) {
		r.Evidence, err = run.evidence(ctx, n)
		return err
	}); err != nil {
		return nil, err
	}
	r.Timing = timing
	return r, ctx.Err()
}

// inOrder are images in the order of their items.
func inOrder(images []ItemImage) []ItemImage {
	return slices.SortedStableFunc(slices.Values(images), func(a, b ItemImage) int { return cmp.Compare(a.Item.Index, b.Item.Index) })
}

// number numbers what the result has.
func (o *Outcome) number() Numbering {
	n := Numbering{Image: make([]int, len(o.Items)), Group: make([]int, len(o.Groups))}
	for i := range n.Image {
		n.Image[i] = -1
	}
	for _, im := range inOrder(o.Images) {
		if im.Item.Role != RoleReference {
			n.Image[im.Item.Index] = n.Images
			n.Images++
		}
	}
	next := 0
	for k, g := range o.Groups {
		n.Group[k] = -1
		if len(g.Members) == 0 || slices.ContainsFunc(g.Members, func(m GroupMember) bool { return n.Image[m.Item] >= 0 }) {
			n.Group[k] = next
			next++
		}
	}
	return n
}

// families are the groups, but for those of references alone.
func (o *Outcome) families(n Numbering) (out []Family) {
	for k, g := range o.Groups {
		if n.Group[k] < 0 {
			continue
		}
		f := Family{ID: g.ID, Status: g.Status, Asked: g.Asked, Density: g.Density, Removed: g.Removed, Area: g.Area, Gain: g.Gain, Evidence: g.Evidence}
		for _, m := range g.Members {
			if i := n.Image[m.Item]; i >= 0 {
				f.Members = append(f.Members, Member{Image: i, Patches: m.Patches, Representative: m.Representative})
			}
		}
		slices.SortFunc(f.Members, func(a, b Member) int { return cmp.Compare(a.Image, b.Image) })
		out = append(out, f)
	}
	return out
}

// familyOf is the family of each image, −1 for none; of several the first.
func familyOf(r *Result) []int {
	out := make([]int, len(r.Images))
	for i := range out {
		out[i] = -1
	}
	for k, f := range r.Families {
		for _, m := range f.Members {
			if out[m.Image] < 0 {
				out[m.Image] = k
			}
		}
	}
	return out
}

func variants(o option.Options) (all []Variant) {
	for _, layer := range o.Backbone.Info().Layers {
		for _, radius := range o.Radii {
			all = append(all, Variant{layer, radius})
		}
	}
	return all
}
