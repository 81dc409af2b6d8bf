package evidence

import (
	"codegraph/internal/family"
	"codegraph/internal/pose"
)

// Graph returns the image graph g, with the links it was made of, most
// suspicious first, and how the families of f fare in it.
func (b *Batch) Graph(g *family.Graph, f *family.Finding) *ImageGraph {
	community := func(images []int) Community {
		return Community{Images: images, Density: g.Density(images), Limit: g.Limit}
	}
	out := &ImageGraph{Gamma: g.Gamma, Edges: g.Edges()}
	for _, l := range g.Links {
		l.Patch = int32(pose.ToOriginal(int(l.Patch), b.Tokens.H, b.Tokens.W, b.Angles[l.From]))
		if l.Patch >= 0 {
			out.Links = append(out.Links, l)
		}
	}
	for _, c := range g.Partition.Communities() {
		if len(c) > 1 {
			out.Communities = append(out.Communities, community(c))
		}
	}
	for _, fam := range f.Families {
		out.Families = append(out.Families, community(fam.Images()))
	}
	return out
}
