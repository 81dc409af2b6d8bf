package family

import (
	"cmp"
	"iter"
	"math"
	"slices"
)

// decide says what to do about the groups of the two tables: defects first,
// then the questions, those first on which most depends.
//
// Deflation takes away what many patches of an image share, so that images
// alike as a whole are no longer alike: a group that is left, is local and
// rises without its look-alikes is a defect. On plain distances poses, finishes
// and light make groups, too, and more than one: there a group must also stand
// alone: its lead over the next would make a group by itself, and is more than
// chance makes among the groups of its batch.
//
// What deflation takes away while it leaves others is a variant of the whole, however
// alone it stands: only a defect that is all that the batch has in common goes with it.
// What it leaves is judged there, unless its images stand out as they are: a variant
// that a third of the batch has scores like any other.
//
// Most images are normal, and so is what most images have in common with some:
// where the groups that are local and rise hold more than half of the n images
// together, they are poses, and a defect must stand alone on deflated distances, too.
//
// A group whose complement is a group, too, is one of two variants, however little of
// the picture they differ in, and so is what deflation leaves of it.
//
// What stands alone but does not rise as much, covers much of the picture or lies at
// its border cannot be told from a harmless variant: a question, unless it would fall by
// as much, which is what normal images have in common. Of poses that would be defects by
// themselves the one of each table that burns out most is a question, too.
func decide(groups [2][]Family, n int, p Params) []Family {
	var out []Family
	variants := dividing(groups, n)
	poses, first := crowd(groups, variants, n, p)
	for t, table := range groups {
		for k, f := range table {
			e := &f.Evidence
			f.Whole = e.Area > p.Local
			e.Next = next(table, f, p)
			alone := e.Burnout-e.Next >= max(e.Limit, -math.Log(p.Level)*excess(table, f, p))
			variant := among(variants, f, p)
			f.Defect = f.claims(p) && !variant && (alone && f.remains(groups[1], p) || e.Deflated && !poses)
			f.Whole = f.Whole || variant
			if f.Defect || alone && e.Rise() > -p.StandOut || poses && &table[k] == first[t] {
				out = join(out, f, p.Same)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b Family) int {
		switch {
		case a.Defect && !b.Defect:
			return -1
		case b.Defect && !a.Defect:
			return 1
		}
		return cmp.Compare(b.weight(), a.weight())
	})
	return out
}

// remains reports whether a group that stands alone is no variant of the whole: it is
// one of deflated distances, or stands out and is left there, or all that deflation
// took away.
func (f *Family) remains(deflated []Family, p Params) bool {
	same := func(g Family) bool { return alike(g, *f, p.Same) }
	stays := func(g Family) bool { return g.local(p) && g.Evidence.Rise() > 0 }
	switch {
	case f.Evidence.Deflated:
		return true
	case slices.ContainsFunc(deflated, same):
		return f.Evidence.Z >= p.StandOut
	}
	return !slices.ContainsFunc(deflated, stays)
}

// dividing lists the groups, of both tables, that are one of two variants.
func dividing(groups [2][]Family, n int) (variants []Family) {
	for _, table := range groups {
		for _, f := range table {
			if slices.ContainsFunc(table, func(g Family) bool { return divide(f, g, n) }) {
				variants = append(variants, f)
			}
		}
	}
	return variants
}

// among reports whether f is one of the variants, or the same by its images.
func among(variants []Family, f Family, p Params) bool {
	return slices.ContainsFunc(variants, func(v Family) bool { return alike(v, f, p.Same) })
}

// divide reports whether f and g are all of the n images but for fewer than make a
// group.
func divide(f, g Family, n int) bool {
	in := make([]bool, n)
	for _, m := range f.Members {
		in[m.Image] = true
	}
	rest := n - len(f.Members)
	for _, m := range g.Members {
		if !in[m.Image] {
			rest--
		}
	}
	return len(f.Members) < n && rest < fewest
}

// claims reports whether a group would be a defect by itself: it rises, is local
// and no more at the border than the picture is.
func (f *Family) claims(p Params) bool {
	return f.Evidence.Rise() >= p.StandOut && f.local(p)
}

// local reports whether a group covers little of the picture, not at its border.
func (f *Family) local(p Params) bool {
	return f.Evidence.Area <= p.Local && !f.Evidence.atBorder(p)
}

// atBorder reports whether a group is at the border more than the picture is.
func (e *Evidence) atBorder(p Params) bool { return e.Border > ring(p.H, p.W) }

// crowd reports whether the groups that are local and rise, without variants, hold
// more than half of the n images together, and returns of each table the one that
// burns out most of those that would be defects by themselves; nil: there is none.
func crowd(groups [2][]Family, variants []Family, n int, p Params) (poses bool, first [2]*Family) {
	in, images := make([]bool, n), 0
	for t, table := range groups {
		for k := range table {
			f := &table[k]
			if !f.local(p) || f.Evidence.Rise() <= 0 || among(variants, *f, p) {
				continue
			}
			if f.claims(p) && (first[t] == nil || f.Evidence.Burnout > first[t].Evidence.Burnout) {
				first[t] = f
			}
			for _, m := range f.Members {
				if !in[m.Image] {
					in[m.Image] = true
					images++
				}
			}
		}
	}
	return 2*images > n, first
}

// ring is the share of the picture that is at its border: what lies there no
// more than the picture does is not about the border.
func ring(h, w int) float64 {
	if h < 3 || w < 3 {
		return 1
	}
	return 1 - float64((h-2)*(w-2))/float64(h*w)
}

// join adds f to families. Where one of them is the same by its images, the
// one with the higher burnout stays, as a defect if either is.
func join(families []Family, f Family, same float64) []Family {
	for k := range families {
		g := &families[k]
		if !alike(*g, f, same) {
			continue
		}
		defect := g.Defect || f.Defect
		if f.Evidence.Burnout > g.Evidence.Burnout {
			*g = f
		}
		g.Defect = defect
		return families
	}
	return append(families, f)
}

// Rise is how far the images of a family would rise above what they and the
// median image score, if they were not there for each other, in σ.
func (e *Evidence) Rise() float64 { return e.Alone - max(0, e.Z) }

// next is the burnout of the best other group of the table like f, but at
// least what makes a group.
func next(table []Family, f Family, p Params) float64 {
	best := f.Evidence.Limit
	for g := range rivals(table, f, p) {
		best = max(best, g.Burnout)
	}
	return best
}

// excess is how far the other groups of the table like f are above what makes
// one, on average. Where such excesses are exponential, the highest exceeds the
// next by as much on average, and by −ln q times as much with a chance of q.
func excess(table []Family, f Family, p Params) float64 {
	sum, n := 0.0, 0
	for g := range rivals(table, f, p) {
		sum += g.Burnout - g.Limit
		n++
	}
	return sum / float64(max(1, n))
}

// rivals are the other groups of the table like f: local or whole, at the border or
// not.
func rivals(table []Family, f Family, p Params) iter.Seq[*Evidence] {
	return func(yield func(*Evidence) bool) {
		for k := range table {
			e := &table[k].Evidence
			if (e.Area > p.Local) == f.Whole && e.atBorder(p) == f.Evidence.atBorder(p) && !slices.Equal(table[k].Images(), f.Images()) && !yield(e) {
				return
			}
		}
	}
}

// weight is how much depends on whether f is a defect.
func (f *Family) weight() float64 {
	return f.Evidence.Share * f.Evidence.Rise()
}

// alike reports whether two families are the same by their images.
func alike(f, g Family, same float64) bool {
	both := 0
	a, b := f.Images(), g.Images()
	for _, i := range a {
		if slices.Contains(b, i) {
			both++
		}
	}
	return float64(both) >= same*float64(len(a)+len(b)-both)
}
