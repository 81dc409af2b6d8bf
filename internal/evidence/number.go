package evidence

import (
	"slices"

	"codegraph/internal/graph"
)

// Numbered returns e with image k under the number image[k] among n, without
// those of −1, and without the families k whose group[k] is −1.
func (e *Evidence) Numbered(image []int, n int, group []int) *Evidence {
	out := *e
	out.Vectors = make([][]Vector, n)
	for k, vectors := range e.Vectors {
		if image[k] < 0 {
			continue
		}
		for _, v := range vectors {
			out.Vectors[image[k]] = append(out.Vectors[image[k]], v.numbered(image))
		}
	}
	if e.Graph != nil {
		out.Graph = e.Graph.numbered(image, group)
	}
	return &out
}

func (v Vector) numbered(image []int) Vector {
	out := v
	out.Nearest, out.Matches = make([]int32, 0, len(v.Nearest)), nil
	for k, j := range v.Nearest {
		if image[j] < 0 {
			continue
		}
		out.Nearest = append(out.Nearest, int32(image[j]))
		if v.Matches != nil {
			out.Matches = append(out.Matches, v.Matches[k])
		}
	}
	return out
}

func (g *ImageGraph) numbered(image, group []int) *ImageGraph {
	out := &ImageGraph{Gamma: g.Gamma}
	for _, e := range g.Edges {
		if i, j := image[e.I], image[e.J]; i >= 0 && j >= 0 {
			out.Edges = append(out.Edges, graph.Edge{I: min(i, j), J: max(i, j), W: e.W})
		}
	}
	for _, l := range g.Links {
		if i, j := image[l.From], image[l.To]; i >= 0 && j >= 0 {
			l.From, l.To = int32(i), int32(j)
			out.Links = append(out.Links, l)
		}
	}
	for _, c := range g.Communities {
		out.Communities = append(out.Communities, c.numbered(image))
	}
	for k, c := range g.Families {
		if group[k] >= 0 {
			out.Families = append(out.Families, c.numbered(image))
		}
	}
	return out
}

func (c Community) numbered(image []int) Community {
	out := Community{Density: c.Density, Limit: c.Limit}
	for _, i := range c.Images {
		if image[i] >= 0 {
			out.Images = append(out.Images, image[i])
		}
	}
	slices.Sort(out.Images)
	return out
}
