package tiled

import (
	"cmp"
	"maps"
	"slices"

	"codegraph/internal/option"
	"codegraph/internal/pipeline"
)

// alike is the least share of the images of two families, found at different
// tiles, that both have, for them to be one: what lies where tiles overlap is
// found twice.
const alike = 0.5

// part is a group of a run, which is the part of a family at one tile.
type part struct{ run, group int }

// groupFamilies says which groups of the runs are one family: each joins the
// first family whose first part is of the same status and has the same images,
// mostly. Groups of references alone are left out.
func groupFamilies(outcomes []pipeline.Outcome) [][]part {
	var families [][]part
	for k, o := range outcomes {
		for g, group := range o.Groups {
			images := imagesOf(&o, g)
			if len(images) == 0 {
				continue
			}
			at := slices.IndexFunc(families, func(f []part) bool {
				first := &outcomes[f[0].run]
				return f[0].run != k && first.Groups[f[0].group].Status == group.Status && overlapping(imagesOf(first, f[0].group), images) >= alike
			})
			if at < 0 {
				at, families = len(families), append(families, nil)
			}
			families[at] = append(families[at], part{k, g})
		}
	}
	return families
}

// imagesOf lists the images of group g that are scored, ascending.
func imagesOf(o *pipeline.Outcome, g int) []int {
	var images []int
	for _, m := range o.Groups[g].Members {
		if it := o.Items[m.Item]; it.Role == pipeline.RoleScored {
			images = append(images, it.Image)
		}
	}
	slices.Sort(images)
	return slices.Compact(images)
}

// overlapping is the share of the numbers in a and b that are in both.
func overlapping(a, b []int) float64 {
	both := 0
	for _, v := range a {
		if _, ok := slices.BinarySearch(b, v); ok {
			both++
		}
	}
	return float64(both) / float64(max(1, len(a)+len(b)-both))
}

// merger makes the outcome of the batch of those of the runs.
type merger struct {
	opts     option.Options
	layout   *Layout
	patches  int // side of the grid of a tile
	outcomes []pipeline.Outcome
}

func (m *merger) merge(items []pipeline.Item, skipped []pipeline.Skipped, families [][]part) pipeline.Outcome {
	out := pipeline.Outcome{Options: m.opts, Items: items, Images: m.images(items), Skipped: skipped}
	out.GridH, out.GridW = m.layout.Grid(m.patches)
	for k, parts := range families {
		out.Groups = append(out.Groups, m.family(k, parts, &out))
	}
	for _, o := range m.outcomes {
		out.Plan = largest(out.Plan, o.Plan)
		out.Timing = out.Timing.Join(o.Timing)
		for _, s := range o.Skipped {
			whole := items[s.Item.Image]
			if !slices.ContainsFunc(out.Skipped, func(t pipeline.Skipped) bool { return t.Item.Index == whole.Index }) {
				out.Skipped = append(out.Skipped, pipeline.Skipped{Item: whole, Err: s.Err})
			}
		}
		for _, note := range o.Notes {
			if !slices.Contains(out.Notes, note) {
				out.Notes = append(out.Notes, note)
			}
		}
	}
	return out
}

// largest is a plan for runs one after the other.
func largest(a, b pipeline.MemoryPlan) pipeline.MemoryPlan {
	return pipeline.MemoryPlan{
		Tokens: max(a.Tokens, b.Tokens), Table: max(a.Table, b.Table), Working: max(a.Working, b.Working), Decoding: max(a.Decoding, b.Decoding), Other: max(a.Other, b.Other),
		Spilled: a.Spilled || b.Spilled, TokensSpilled: a.TokensSpilled || b.TokensSpilled, Block: max(a.Block, b.Block),
	}
}

// images are the items of which all tiles were read.
func (m *merger) images(items []pipeline.Item) (out []pipeline.ItemImage) {
	tiles := make([][]*pipeline.Image, len(items)) // by item and tile
	of := make(map[int]int)                        // what copies are copies of
	for i := range tiles {
		tiles[i] = make([]*pipeline.Image, m.layout.Len())
	}
	for _, o := range m.outcomes {
		for k := range o.Images {
			im := &o.Images[k]
			tiles[im.Item.Image][im.Item.Tile] = &im.Image
			if im.Copy {
				of[im.Item.Image] = o.Items[im.Of].Image
			}
		}
	}
	for i, it := range items {
		if !slices.Contains(tiles[i], nil) {
			original, isCopy := of[i]
			out = append(out, pipeline.ItemImage{Item: it, Image: m.image(it, tiles[i]), Copy: isCopy, Of: original})
		}
	}
	return out
}

func (m *merger) image(it pipeline.Item, tiles []*pipeline.Image) pipeline.Image {
	im := pipeline.Image{Item: it.Item, Width: m.layout.Width, Height: m.layout.Height, Family: -1}
	final, musc := make([][]float32, len(tiles)), make([][]float32, len(tiles))
	for k, t := range tiles {
		final[k], musc[k] = t.Map, t.MuScMap
		im.Warnings = append(im.Warnings, t.Warnings...)
	}
	slices.Sort(im.Warnings)
	im.Warnings = slices.Compact(im.Warnings)
	im.Map, im.MuScMap = m.layout.Blend(final, m.patches), m.layout.Blend(musc, m.patches)
	im.MapMax, im.MuScScore = float64(slices.Max(im.Map)), float64(slices.Max(im.MuScMap))
	im.Score = im.MapMax
	return im
}

// family makes family k of the parts that are found of it at the tiles, of the
// images that out has and that are scored.
func (m *merger) family(k int, parts []part, out *pipeline.Outcome) pipeline.Group {
	first := m.outcomes[parts[0].run].Groups[parts[0].group]
	g := pipeline.Group{ID: pipeline.FamilyID(k), Status: first.Status, Asked: first.Asked}
	read := make(map[int]bool, len(out.Images))
	for _, im := range out.Images {
		read[im.Item.Index] = im.Item.Role == pipeline.RoleScored
	}
	members := make(map[int]*pipeline.GroupMember)
	for _, p := range parts {
		o := &m.outcomes[p.run]
		from := o.Groups[p.group]
		g.Density, g.Gain, g.Removed = max(g.Density, from.Density), max(g.Gain, from.Gain), g.Removed+from.Removed
		for _, member := range from.Members {
			it := o.Items[member.Item]
			if !read[it.Image] {
				continue
			}
			if members[it.Image] == nil {
				members[it.Image] = &pipeline.GroupMember{Item: it.Image, Representative: m.layout.Cell(it.Tile, member.Representative, m.patches)}
			}
			to := members[it.Image]
			for _, p := range member.Patches {
				to.Patches = append(to.Patches, m.layout.Cell(it.Tile, p, m.patches))
			}
		}
	}
	g.Members = make([]pipeline.GroupMember, 0, len(members))
	for _, i := range slices.Sorted(maps.Keys(members)) {
		to := *members[i]
		to.Patches = append(to.Patches, to.Representative)
		slices.SortFunc(to.Patches, cmp.Compare)
		to.Patches = slices.Compact(to.Patches)
		g.Area += float64(len(to.Patches)) / float64(len(members)*out.GridH*out.GridW)
		g.Members = append(g.Members, to)
	}
	return g
}
