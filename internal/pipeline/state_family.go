package pipeline

import (
	"math"
	"slices"

	"codegraph/internal/family"
	"codegraph/internal/mutual"
)

// reach gives the distance of a patch to base image j, with all of its patches
// and without those that are out of the comparison.
type reach func(patch, j int) (before, after float32)

// rises says of each patch how far the guilty patches of f are matched by
// nothing else: the mean over the images of f, but for self, of ln(d′/d), with
// d its distance to the image and d′ that without the guilty patches.
func (f *stateFamily) rises(patches []int, self int, to reach) []float64 {
	each := make([]float64, len(patches))
	for k, x := range patches {
		n := 0
		for _, g := range f.Guilty {
			if g.Image == self {
				continue
			}
			n++
			each[k] += logRatio(to(x, g.Image))
		}
		each[k] /= float64(max(1, n))
	}
	return each
}

// mostRise stands for that of a patch that finds nothing else.
const mostRise = 10

// topRise is the mean of the three highest.
func topRise(each []float64) float64 {
	top := slices.Clone(each)
	slices.Sort(top)
	top = top[max(0, len(top)-3):]
	var sum float64
	for _, v := range top {
		sum += v
	}
	return sum / float64(max(1, len(top)))
}

// keepFamilies notes the defect families of the finding and how far the
// patches of their members rise: before and after are the distances with and
// without what is out of the comparison, and the scores these give.
func (d *detector) keepFamilies(finding *family.Finding, before, after *mutual.Table, scoresBefore, scoresAfter [][]float32) {
	for k, f := range finding.Families {
		r := &d.result.Families[k]
		if r.Status != StatusDefect {
			continue
		}
		out := stateFamily{ID: r.ID, Density: r.Density, Gain: r.Gain}
		for _, m := range f.Members {
			out.Guilty = append(out.Guilty, guiltyImage{m.Image, m.Patches})
		}
		var rises, depends []float64
		for _, g := range out.Guilty {
			rises = append(rises, topRise(out.rises(g.Patches, g.Image, func(x, j int) (float32, float32) {
				return before.Row(g.Image, x)[j], after.Row(g.Image, x)[j]
			})))
			own := make([]float64, len(g.Patches))
			for n, x := range g.Patches {
				own[n] = logRatio(scoresBefore[g.Image][x], scoresAfter[g.Image][x])
			}
			depends = append(depends, topRise(own))
		}
		slices.Sort(rises)
		slices.Sort(depends)
		out.Rise, out.Depends = rises[len(rises)/2], depends[len(depends)/2]
		d.guilty = append(d.guilty, out)
	}
}

// logRatio is ln(after/before), 0 where it does not grow.
func logRatio(before, after float32) float64 {
	if before <= 0 || after <= before {
		return 0
	}
	return min(math.Log(float64(after)/float64(before)), mostRise)
}

// join returns the family that an image belongs to and its patches, as
// compared, that are the defect; -1 for none. depends is ln(a′/a) of each patch.
// An image belongs to the family of whose members it has half the rise, or
// more, and half the change of the score: its patches match the guilty ones,
// and are not what good parts show, too.
func (s *State) join(depends []float64, to reach) (family int, patches []int) {
	all := make([]int, s.tokens.P())
	for x := range all {
		all[x] = x
	}
	best := 0.5
	family = -1
	for k := range s.about.Families {
		f := &s.about.Families[k]
		if f.Rise <= 0 || topRise(depends) < f.Depends/2 {
			continue
		}
		each := f.rises(all, -1, to)
		if topRise(each) < best*f.Rise {
			continue
		}
		best, family, patches = topRise(each)/f.Rise, k, nil
		for x, v := range each {
			if v >= f.Rise/2 && depends[x] > 0 {
				patches = append(patches, x)
			}
		}
	}
	if len(patches) == 0 {
		return -1, nil
	}
	return family, patches
}
