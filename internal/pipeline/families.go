package pipeline

import (
	"context"
	"fmt"
	"slices"

	"codegraph/internal/family"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/pose"
)

// smallest is the number of images below which no families are looked for.
const smallest = 8

// Families are the groups of images of a batch that share something no others
// have, and what is done about each.
type Families struct {
	Scores  [][]float32   // a(x) of the mean distances, [N][P]
	Graph   *family.Graph // of suspicious links between images
	Finding *family.Finding
	Status  []Status // of Finding.Families
}

// noFamilies says why families are not looked for in a batch; "" if they are.
func noFamilies(d *Distances) string {
	if n := d.Table.N; n < smallest {
		return fmt.Sprintf("%d images are too few to look for recurring defects (at least %d); the scores are MuSc's", n, smallest)
	}
	for _, scores := range d.MuSc {
		for _, s := range scores {
			if s != 0 {
				return ""
			}
		}
	}
	return "all images are identical: every score is 0"
}

// findFamilies looks for the families of a batch and decides what is done about
// them: confirm and reject name those that the user has judged.
func findFamilies(ctx context.Context, b *Batch, d *Distances, pool *mutual.Pool, plan MemoryPlan, confirm, reject []string, o Options) (*Families, error) {
	f := &Families{Scores: d.Table.Scores(d.K, o.Threads)}
	var err error
	if f.Graph, err = family.NewGraph(ctx, d.Table, o.Seed, o.Threads); err != nil {
		return nil, err
	}
	o.Progress.Report(PhaseGraph, 1, 2)
	p := familyParams(o)
	p.NewTable, p.H, p.W = pool.Table, b.Tokens.H, b.Tokens.W
	p.Spilled, p.SpillDir = plan.Spilled, o.SpillDir
	if o.Method == option.MethodPublished {
		f.Finding, err = family.Published(ctx, d.Table, f.Graph, f.Scores, p)
	} else {
		f.Finding, err = family.Find(ctx, d.Table, f.Scores, p)
	}
	if err != nil {
		return nil, err
	}
	o.Progress.Report(PhaseGraph, 2, 2)
	for k := range f.Finding.Families {
		f.Status = append(f.Status, status(b, k, &f.Finding.Families[k], confirm, reject))
	}
	return f, nil
}

// footprint is how many patches a token averages over at most.
func footprint(o Options) float64 {
	r := slices.Max(o.Radii)
	return float64(r * r)
}

// FamilyID names family k of a run.
func FamilyID(k int) string { return fmt.Sprintf("F%d", k+1) }

// status says what to do about family k. What is known to be good is not a
// defect, however often it recurs, unless the user says so.
func status(b *Batch, k int, f *family.Family, confirm, reject []string) Status {
	reference := func(m family.Member) bool { return b.Images[m.Image].Role == RoleReference }
	switch {
	case slices.Contains(reject, FamilyID(k)):
		return StatusRejected
	case slices.Contains(confirm, FamilyID(k)):
		return StatusDefect
	case slices.ContainsFunc(f.Members, reference):
		return StatusRejected
	case f.Defect:
		return StatusDefect
	}
	return StatusCandidate
}

// Group is a family by items.
type Group struct {
	ID      string
	Status  Status
	Density float64
	Area    float64 // mean share of its image that a member's patches cover
	Gain    float64
	Removed int // patches out of the comparison
	Members []GroupMember
	// Evidence is nil where there is none: see Family.
	Evidence *FamilyEvidence
}

// GroupMember is an item of a group, with patches on the item as it is.
type GroupMember struct {
	Item           int // index
	Patches        []int
	Representative int
}

// groupsOf are the families of a batch by items.
func groupsOf(b *Batch, f *Families) []Group {
	if f == nil {
		return nil
	}
	var out []Group
	for k, fam := range f.Finding.Families {
		g := Group{ID: FamilyID(k), Status: f.Status[k], Density: f.Graph.Density(fam.Images()), Area: fam.Evidence.Area, Gain: fam.Evidence.Gain}
		if e := fam.Evidence; e.Burnout > 0 {
			g.Evidence = &FamilyEvidence{e.Deflated, e.Burnout, e.Limit, e.Next, e.Z, e.Alone, e.Area, e.Border, e.Share, fam.Whole}
		}
		for _, m := range fam.Members {
			im := &b.Images[m.Image]
			g.Members = append(g.Members, NewGroupMember(im, m.Patches, m.Representative, b.Tokens.H, b.Tokens.W))
			if g.Status == StatusDefect {
				g.Removed += len(m.Patches)
			}
		}
		out = append(out, g)
	}
	return out
}

// NewGroupMember places the patches of a member, those of the image as rotated,
// on the image as it is, on a grid of h × w.
func NewGroupMember(e *Embedded, patches []int, representative, h, w int) GroupMember {
	if e.Angle == 0 {
		return GroupMember{e.Index, patches, representative}
	}
	valid := validPatches(e.ROI, h, w, 0)
	out := GroupMember{Item: e.Index, Representative: -1}
	for p := range h * w {
		q := pose.ToRotated(p, h, w, e.Angle)
		if _, in := slices.BinarySearch(patches, q); in && (valid == nil || valid[p]) {
			out.Patches = append(out.Patches, p)
			if q == representative {
				out.Representative = p
			}
		}
	}
	if out.Representative < 0 {
		out.Representative = max(0, pose.ToOriginal(representative, h, w, e.Angle))
	}
	return out
}

// variantNotes say which families divide the batch: their members differ from the
// other images as a whole. They are asked about, and nobody is suspicious for it.
func variantNotes(families []Family, images int) (notes []string) {
	for _, f := range families {
		if f.Evidence != nil && f.Evidence.Whole && f.Status == StatusCandidate {
			notes = append(notes, fmt.Sprintf("%s (%d images) differs from the other %d as a whole: two variants of the part, or two kinds of parts in one folder; say --reject %s if it is harmless, or scan them apart",
				f.ID, len(f.Members), images-len(f.Members), f.ID))
		}
	}
	return notes
}

// unknownFamilies notes which families do not exist that the user judged.
func unknownFamilies(groups []Group, confirm, reject []string) (notes []string) {
	for _, id := range slices.Concat(confirm, reject) {
		if !slices.ContainsFunc(groups, func(g Group) bool { return g.ID == id }) {
			notes = append(notes, fmt.Sprintf("there is no family %s in this batch to confirm or reject", id))
		}
	}
	return notes
}
