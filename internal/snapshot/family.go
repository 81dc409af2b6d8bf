package snapshot

import (
	"math"
	"slices"

	"codegraph/internal/pipeline"
)

// family is a family of status defect.
type family struct {
	ID        string           `json:"id"`
	Anomalous []anomalousImage `json:"anomalous"` // ascending by image
	Rise      float64          `json:"rise"`      // topRise of an image's rises, the median over Anomalous
	Depends   float64          `json:"depends"`   // the same of ln(a′/a), the change of a patch's score
	Density   float64          `json:"density"`
	Gain      float64          `json:"gain"`
}

// anomalousImage is an image of the gallery with the patches, as compared, that
// are out of the comparison.
type anomalousImage struct {
	Image   int   `json:"image"`
	Patches []int `json:"patches"`
}

// reach gives the distance of a patch to image j of the gallery, with all of its patches
// and without those that are out of the comparison.
type reach func(patch, j int) (before, after float32)

// rises is, of each patch, the mean over the images j of f, but for self, of
// ln(d′_j/d_j): d_j is its distance to image j, d′_j that without the anomalous
// patches of f. It is large for a patch that nothing but those matches.
func (f *family) rises(patches []int, self int, to reach) []float64 {
	each := make([]float64, len(patches))
	for k, x := range patches {
		n := 0
		for _, g := range f.Anomalous {
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

// maxRise stands for the rise of a patch that finds nothing else.
const maxRise = 10

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

// families are the defects of a run and how far the patches of their members
// rise. The distances without what is out of the comparison must be at hand.
func families(run *pipeline.Run) []family {
	if run.Filtered == nil || run.Filtered.Masked == nil {
		return nil
	}
	before, after := run.Distances.Table, run.Filtered.Masked
	var all []family
	for k, f := range run.Families.Finding.Families {
		if run.Families.Status[k] != pipeline.StatusDefect {
			continue
		}
		out := family{ID: pipeline.FamilyID(k), Density: run.Families.Graph.Density(f.Images()), Gain: f.Evidence.Gain}
		for _, m := range f.Members {
			out.Anomalous = append(out.Anomalous, anomalousImage{m.Image, m.Patches})
		}
		var rises, depends []float64
		for _, g := range out.Anomalous {
			rises = append(rises, topRise(out.rises(g.Patches, g.Image, func(x, j int) (float32, float32) {
				return before.Row(g.Image, x)[j], after.Row(g.Image, x)[j]
			})))
			own := make([]float64, len(g.Patches))
			for n, x := range g.Patches {
				own[n] = logRatio(run.Families.Scores[g.Image][x], run.Filtered.Scores[g.Image][x])
			}
			depends = append(depends, topRise(own))
		}
		slices.Sort(rises)
		slices.Sort(depends)
		out.Rise, out.Depends = rises[len(rises)/2], depends[len(depends)/2]
		all = append(all, out)
	}
	return all
}

// logRatio is ln(after/before), 0 where it does not grow.
func logRatio(before, after float32) float64 {
	if before <= 0 || after <= before {
		return 0
	}
	return min(math.Log(float64(after)/float64(before)), maxRise)
}

// enough is the share of a family's own rise, and of its change of the score,
// that an image or a patch must have to belong to it (our choice).
const enough = 0.5

// assignFamily returns the family that an image belongs to and which of its
// compared patches carry the defect; −1 for none. depends is ln(a′/a) of each
// patch. An image belongs to a family if it has enough of the members' rise: its
// patches match the anomalous ones. And it must have enough of their change of
// the score: its patches are not what good parts show, too. Of several families
// it is that of which it has the largest share.
func (s *Snapshot) assignFamily(compared []int, depends []float64, to reach) (k int, patches []int) {
	best := enough
	k = -1
	for i := range s.about.Families {
		f := &s.about.Families[i]
		if f.Rise <= 0 || topRise(depends) < enough*f.Depends {
			continue
		}
		each := f.rises(compared, -1, to)
		if topRise(each) < best*f.Rise {
			continue
		}
		best, k, patches = topRise(each)/f.Rise, i, nil
		for n, v := range each {
			if x := compared[n]; v >= enough*f.Rise && depends[x] > 0 {
				patches = append(patches, x)
			}
		}
	}
	if len(patches) == 0 {
		return -1, nil
	}
	return k, patches
}
