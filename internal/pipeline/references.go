package pipeline

import (
	"cmp"
	"fmt"
	"slices"

	"codegraph/imageset"
	"codegraph/internal/burnout"
	"codegraph/internal/graph"
)

// withReferences appends the references to the images that are scored, under
// names that none of those has. A file that is scored is no reference: it would
// find itself.
func withReferences(images, references imageset.Set) imageset.Set {
	taken, scored := make(map[string]bool, len(images)), make(map[string]bool, len(images))
	for _, it := range images {
		taken[it.Name], scored[it.Path] = true, it.Path != ""
	}
	all := slices.Clone(images)
	for _, it := range references {
		if scored[it.Path] {
			continue
		}
		stem := it.Name
		for k := 1; taken[it.Name]; k++ {
			it.Name = fmt.Sprintf("%s, reference %d", stem, k)
		}
		taken[it.Name] = true
		all = append(all, it)
	}
	return all
}

// dropReferences leaves the images out that only served for comparison. They
// are the last ones.
func (r *Result) dropReferences() {
	n := slices.IndexFunc(r.Images, func(im Image) bool { return im.reference })
	if n < 0 {
		return
	}
	index := make([]int, len(r.Images))
	for i := range index {
		if index[i] = i; i >= n {
			index[i] = -1
		}
	}
	r.References = len(r.Images) - n
	for _, im := range r.Images[n:] {
		r.believed = append(r.believed, judged(&im))
	}
	r.Images = r.Images[:n:n]
	r.renumber(index, n)
}

// renumber gives image i of families and evidence the number index[i] among n,
// −1 for none. Families that are left without members go.
func (r *Result) renumber(index []int, n int) {
	for k := range r.Families {
		f := &r.Families[k]
		kept := f.Members[:0]
		for _, m := range f.Members {
			if m.Image = index[m.Image]; m.Image >= 0 {
				kept = append(kept, m)
			}
		}
		slices.SortFunc(kept, func(a, b Member) int { return cmp.Compare(a.Image, b.Image) })
		f.Members = kept
	}
	if r.Evidence != nil {
		r.Evidence.renumber(index, n)
	}
	for k := len(r.Families) - 1; k >= 0; k-- {
		if len(r.Families[k].Members) == 0 {
			r.dropFamily(k)
		}
	}
}

func (r *Result) dropFamily(k int) {
	r.Families = slices.Delete(r.Families, k, k+1)
	if r.Evidence != nil && r.Evidence.Graph != nil {
		r.Evidence.Graph.Families = slices.Delete(r.Evidence.Graph.Families, k, k+1)
	}
	for i := range r.Images {
		if f := &r.Images[i].Family; *f > k {
			*f--
		}
	}
}

func (e *Evidence) renumber(index []int, n int) {
	vectors := make([][]Vector, n)
	for i, vs := range e.Vectors {
		if index[i] < 0 {
			continue
		}
		for k := range vs {
			vs[k].renumber(index)
		}
		vectors[index[i]] = vs
	}
	e.Vectors = vectors
	if e.Graph != nil {
		e.Graph.renumber(index)
	}
}

func (v *Vector) renumber(index []int) {
	kept := 0
	for k, j := range v.Nearest {
		if index[j] < 0 {
			continue
		}
		v.Nearest[kept] = int32(index[j])
		if v.Matches != nil {
			v.Matches[kept] = v.Matches[k]
		}
		kept++
	}
	v.Nearest = v.Nearest[:kept]
	if v.Matches != nil {
		v.Matches = v.Matches[:kept]
	}
}

func (g *ImageGraph) renumber(index []int) {
	var edges []graph.Edge
	for _, e := range g.Edges {
		if e.I, e.J = index[e.I], index[e.J]; e.I >= 0 && e.J >= 0 {
			e.I, e.J = min(e.I, e.J), max(e.I, e.J)
			edges = append(edges, e)
		}
	}
	g.Edges = edges
	for _, communities := range [][]Community{g.Communities, g.Families} {
		for c := range communities {
			var images []int
			for _, i := range communities[c].Images {
				if index[i] >= 0 {
					images = append(images, index[i])
				}
			}
			slices.Sort(images)
			communities[c].Images = images
		}
	}
	g.Links = slices.DeleteFunc(g.Links, func(l burnout.Link) bool { return index[l.From] < 0 || index[l.To] < 0 })
	for k := range g.Links {
		l := &g.Links[k]
		l.From, l.To = int32(index[l.From]), int32(index[l.To])
	}
}
