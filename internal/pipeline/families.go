package pipeline

import (
	"context"
	"fmt"
	"slices"

	"codegraph/internal/answer"
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
	Near    string   // a note on images that are almost copies; "" for none
}

// noFamilies says why families are not looked for in a batch; "" if they are.
func noFamilies(d *Distances) string {
	if n := len(d.MuSc); n < smallest {
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
// them: decided has those that the user has judged by name.
func findFamilies(ctx context.Context, b *Batch, d *Distances, pool *mutual.Pool, plan MemoryPlan, decided Decisions, o option.Options) (*Families, error) {
	ranked, err := mutual.Rank(ctx, d.Table, plan.Spilled, o.SpillDir, o.Threads)
	if err != nil {
		return nil, err
	}
	defer ranked.Close()
	f := &Families{Scores: d.Table.Scores(d.K, o.Threads)}
	if f.Graph, err = family.NewGraph(ctx, ranked, o.Seed, o.Threads); err != nil {
		return nil, err
	}
	o.Progress.Report(option.PhaseGraph, 1, 2)
	p := familyParams(o)
	p.NewTable, p.H, p.W = pool.Table, b.Tokens.H, b.Tokens.W
	p.Spilled, p.SpillDir = plan.Spilled, o.SpillDir
	if o.Method == option.MethodPublished {
		f.Finding, err = family.Published(ctx, ranked, f.Graph, f.Scores, p)
	} else {
		f.Finding, err = family.Find(ctx, ranked, f.Scores, p)
	}
	if err != nil {
		return nil, err
	}
	if f.Near, err = nearCopies(ctx, b, d, o.Threads); err != nil {
		return nil, err
	}
	o.Progress.Report(option.PhaseGraph, 2, 2)
	f.Status = statuses(b, f.Finding.Families, decided, o)
	return f, nil
}

// footprint is how many patches a token averages over at most.
func footprint(o option.Options) float64 {
	r := slices.Max(o.Radii)
	return float64(r * r)
}

// FamilyID names family k of a run.
func FamilyID(k int) string { return fmt.Sprintf("F%d", k+1) }

// Decisions are what a user said of families, by their IDs.
type Decisions map[string]Status

// DecisionsOf are those of the options.
func DecisionsOf(o option.Options) Decisions {
	d := make(Decisions)
	for _, id := range o.Confirm {
		d[id] = StatusDefect
	}
	for _, id := range o.Reject {
		d[id] = StatusRejected
	}
	return d
}

// StatusByAnswers is the status that a person's answers give to a family of
// images with these names; said is false where they say nothing of it. A family
// that a reference belongs to is harmless.
func StatusByAnswers(o option.Options, names []string) (status Status, said bool) {
	if o.Answers.Empty() {
		return "", false
	}
	if about := o.Answers.About(names, o.Constants.Same); about != nil {
		switch about.Answer {
		case answer.Defect:
			return StatusDefect, true
		case answer.Harmless:
			return StatusRejected, true
		}
		return StatusDismissed, true
	}
	byName := o.Answers.ByName()
	if slices.ContainsFunc(names, func(name string) bool { return byName[name] == answer.Reference }) {
		return StatusRejected, true
	}
	return "", false
}

// statuses say what to do about families. What is known to be good is not a
// defect, however often it recurs, unless the user says so.
func statuses(b *Batch, families []family.Family, decided Decisions, o option.Options) []Status {
	out := make([]Status, len(families))
	for k := range families {
		f := &families[k]
		names := make([]string, len(f.Members))
		for i, m := range f.Members {
			names[i] = b.Images[m.Image].Name
		}
		byID, named := decided[FamilyID(k)]
		byAnswer, said := StatusByAnswers(o, names)
		switch {
		case named:
			out[k] = byID
		case said:
			out[k] = byAnswer
		case b.knownGood(f):
			out[k] = StatusRejected
		case f.Defect:
			out[k] = StatusDefect
		default:
			out[k] = StatusCandidate
		}
	}
	return out
}

// knownGood says that a reference belongs to a family.
func (b *Batch) knownGood(f *family.Family) bool {
	return slices.ContainsFunc(f.Members, func(m family.Member) bool { return b.Images[m.Image].Role == RoleReference })
}

// Group is a family by items.
type Group struct {
	ID      string
	Status  Status
	Asked   bool // whether it is a defect only a person can say
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
		g := Group{ID: FamilyID(k), Status: f.Status[k], Asked: !fam.Defect && !b.knownGood(&fam), Density: f.Graph.Density(fam.Images()), Area: fam.Evidence.Area, Gain: fam.Evidence.Gain}
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

// questions say which families a person is asked about. Those whose members differ
// from the other images as a whole divide the batch: they are judged within themselves.
func questions(families []Family, images int) (notes []string) {
	for _, f := range families {
		switch {
		case f.Status != StatusCandidate:
		case f.Evidence == nil || !f.Evidence.Whole:
			notes = append(notes, fmt.Sprintf("%s: %d images share something that the others lack, and neither pass nor fail before you say what it is: --confirm %[1]s for a defect, --reject %[1]s if it is harmless", f.ID, len(f.Members)))
		default:
			notes = append(notes, fmt.Sprintf("%s (%d images) differs from the other %d as a whole: two kinds of parts in one folder, which are to be scanned apart, or two variants of the part, each judged within itself; --confirm %s if it is a defect",
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

// lostAnswers notes which answers are about nothing in the batch.
func lostAnswers(r *Result, o option.Options) (notes []string) {
	if o.Answers.Empty() {
		return nil
	}
	there := make(map[string]bool, len(r.Images))
	for _, im := range r.Images {
		there[im.Item.Name] = true
	}
	lost := 0
	for _, im := range o.Answers.Images {
		if !there[im.Name] {
			lost++
		}
	}
	if lost > 0 {
		notes = append(notes, fmt.Sprintf("%d of %d answers are about images that are not in this batch", lost, len(o.Answers.Images)))
	}
	for i := range o.Answers.Families {
		said := &o.Answers.Families[i]
		if !slices.ContainsFunc(r.Families, func(f Family) bool {
			var names []string
			for _, m := range f.Members {
				names = append(names, r.Images[m.Image].Item.Name)
			}
			return o.Answers.About(names, o.Constants.Same) == said
		}) {
			notes = append(notes, fmt.Sprintf("the answer %q is about a family (%s then, %d images) that is not found in this batch", said.Answer, said.ID, len(said.Members)))
		}
	}
	return notes
}

// familyParams are the constants that package family takes.
func familyParams(o option.Options) family.Params {
	c := o.Constants
	return family.Params{
		Neighbours: c.Neighbours, Level: c.Level, StandOut: c.StandOut, Local: c.Local, Same: c.Same,
		Threads: o.Threads,
	}
}
