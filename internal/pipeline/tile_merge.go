package pipeline

import (
	"cmp"
	"slices"

	"codegraph/imageset"
)

// alike is the least share of the images of two families, found at different
// tiles, that both have, for them to be one: what lies where tiles overlap is
// found twice.
const alike = 0.5

// tileFamily is a family of a run.
type tileFamily struct{ run, family int }

// groupTileFamilies says which families of the runs are one and the same: each
// joins the first group whose first family is of the same status and has the
// same images, mostly.
func groupTileFamilies(runs []*tileRun) [][]tileFamily {
	var groups [][]tileFamily
	for k, run := range runs {
		for f, fam := range run.result.Families {
			images := run.imagesOf(fam)
			g := slices.IndexFunc(groups, func(group []tileFamily) bool {
				first := runs[group[0].run].result.Families[group[0].family]
				return group[0].run != k && first.Status == fam.Status && overlap(runs[group[0].run].imagesOf(first), images) >= alike
			})
			if g < 0 {
				g, groups = len(groups), append(groups, nil)
			}
			groups[g] = append(groups[g], tileFamily{k, f})
		}
	}
	return groups
}

// imagesOf lists the images of a family, ascending.
func (run *tileRun) imagesOf(f Family) []int {
	var images []int
	for _, m := range f.Members {
		images = append(images, run.view(m.Image).image)
	}
	slices.Sort(images)
	return slices.Compact(images)
}

// view says what image k of the run's result shows.
func (run *tileRun) view(k int) tileView { return run.views[run.result.Images[k].Item.Name] }

// overlap is the share of the numbers in a and b that are in both.
func overlap(a, b []int) float64 {
	both := 0
	for _, v := range a {
		if _, ok := slices.BinarySearch(b, v); ok {
			both++
		}
	}
	return float64(both) / float64(max(1, len(a)+len(b)-both))
}

// merge makes one result of those of the runs, neither ranked nor judged.
func (t *tiler) merge(families [][]tileFamily) {
	first := t.runs[0].result
	patches := first.GridH
	t.out.GridH, t.out.GridW = t.layout.Grid(patches)
	t.out.Variants = first.Variants
	index := t.mergeImages(patches)
	for k, parts := range families {
		t.out.Families = append(t.out.Families, t.mergeFamily(k, parts, patches, index))
	}
	t.out.noteUnknown(t.opts)
	for _, run := range t.runs {
		t.mergeRun(run)
	}
}

// mergeImages adds the images and returns, by number in t.images, which
// they are in the result; −1 for none.
func (t *tiler) mergeImages(patches int) []int {
	n, tiles := len(t.images), t.layout.Len()
	scored := make([][]*Image, n) // by tile
	for _, run := range t.runs {
		for k := range run.result.Images {
			v := run.view(k)
			if scored[v.image] == nil {
				scored[v.image] = make([]*Image, tiles)
			}
			scored[v.image][v.tile] = &run.result.Images[k]
		}
	}
	index := make([]int, n)
	for i, parts := range scored {
		index[i] = -1
		if parts == nil || slices.Contains(parts, nil) {
			continue
		}
		index[i] = len(t.out.Images)
		t.out.Images = append(t.out.Images, t.mergeImage(i, parts, patches))
	}
	return index
}

func (t *tiler) mergeImage(i int, parts []*Image, patches int) Image {
	im := Image{Item: t.images[i], Width: t.layout.Width, Height: t.layout.Height, Family: -1}
	final, musc := make([][]float32, len(parts)), make([][]float32, len(parts))
	for k, part := range parts {
		final[k], musc[k] = part.Map, part.MuScMap
		im.Warnings = append(im.Warnings, part.Warnings...)
	}
	slices.Sort(im.Warnings)
	im.Warnings = slices.Compact(im.Warnings)
	im.Map, im.MuScMap = t.layout.Blend(final, patches), t.layout.Blend(musc, patches)
	im.MapMax, im.MuScScore = float64(slices.Max(im.Map)), float64(slices.Max(im.MuScMap))
	im.Score = im.MapMax
	return im
}

// mergeFamily makes family k of what is found of it at the tiles.
func (t *tiler) mergeFamily(k int, parts []tileFamily, patches int, index []int) Family {
	out := Family{ID: familyID(k), Status: t.runs[parts[0].run].result.Families[parts[0].family].Status}
	members := make(map[int]*Member)
	for _, part := range parts {
		run := t.runs[part.run]
		f := run.result.Families[part.family]
		out.Density, out.Gain, out.Removed = max(out.Density, f.Density), max(out.Gain, f.Gain), out.Removed+f.Removed
		for _, m := range f.Members {
			v := run.view(m.Image)
			i := index[v.image]
			if members[i] == nil {
				members[i] = &Member{Image: i, Representative: t.layout.Cell(v.tile, m.Representative, patches)}
			}
			for _, p := range m.Patches {
				members[i].Patches = append(members[i].Patches, t.layout.Cell(v.tile, p, patches))
			}
		}
	}
	delete(members, -1)
	for i, m := range members {
		m.Patches = append(m.Patches, m.Representative)
		slices.Sort(m.Patches)
		m.Patches = slices.Compact(m.Patches)
		out.Area += float64(len(m.Patches)) / float64(len(members)*t.out.GridH*t.out.GridW)
		out.Members = append(out.Members, *m)
		if t.out.Images[i].Family < 0 {
			t.out.Images[i].Family = k
		}
	}
	slices.SortFunc(out.Members, func(a, b Member) int { return cmp.Compare(a.Image, b.Image) })
	return out
}

// mergeRun adds what a run says of the batch.
func (t *tiler) mergeRun(run *tileRun) {
	out, r := t.out, run.result
	out.Outlying += r.Outlying
	out.Plan.Tokens, out.Plan.Table = max(out.Plan.Tokens, r.Plan.Tokens), max(out.Plan.Table, r.Plan.Table)
	out.Plan.Other, out.Plan.Block = max(out.Plan.Other, r.Plan.Other), max(out.Plan.Block, r.Plan.Block)
	out.Plan.TokensSpilled = out.Plan.TokensSpilled || r.Plan.TokensSpilled
	out.Plan.Working, out.Plan.Spilled = max(out.Plan.Working, r.Plan.Working), out.Plan.Spilled || r.Plan.Spilled
	for _, p := range r.Skipped {
		name := t.images[run.views[p.Name].image].Name
		if !slices.ContainsFunc(out.Skipped, func(q imageset.Problem) bool { return q.Name == name }) {
			out.Skipped = append(out.Skipped, imageset.Problem{Name: name, Err: p.Err})
		}
	}
	for _, note := range r.Notes {
		if !slices.Contains(out.Notes, note) {
			out.Notes = append(out.Notes, note)
		}
	}
	for _, took := range r.Timing {
		k := slices.IndexFunc(out.Timing, func(p PhaseTime) bool { return p.Phase == took.Phase })
		if k < 0 {
			k, out.Timing = len(out.Timing), append(out.Timing, PhaseTime{Phase: took.Phase})
		}
		out.Timing[k].Duration += took.Duration
	}
}
