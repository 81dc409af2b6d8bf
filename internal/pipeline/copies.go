package pipeline

import (
	"fmt"
	"slices"

	"codegraph/internal/option"
)

// Copy is an item with the content of an earlier one. Each content is compared
// once: a defect photographed twice would be its own look-alike, and a good part
// saved often would be what is normal. A copy shares the result of the original.
type Copy struct{ Item, Of Item }

// originals is, by place in the items, the first item with the same content. Each
// is its own where copies count, which repeated counts: in MuSc and the published
// pipeline, which compare whatever there is, and where less than two contents would
// be left. Queries are not compared with each other.
func (e *embedder) originals() (of []int, repeated int) {
	of = make([]int, len(e.items))
	own := make([]int, len(e.items))
	first := make(map[[32]byte]int, len(e.items))
	for i := range e.items {
		of[i], own[i] = i, i
		if e.errs[i] != nil || e.items[i].Role == RoleQuery {
			continue
		}
		if k, ok := first[e.images[i].digest]; ok {
			of[i] = k
			repeated++
			continue
		}
		first[e.images[i].digest] = i
	}
	if len(first) < 2 || e.opts.Method != option.MethodCoDeGraph {
		return own, repeated
	}
	return of, 0
}

// withCopies adds the copies to the images of a batch.
func withCopies(images []ItemImage, copies []Copy) []ItemImage {
	out := slices.Clone(images)
	for _, c := range copies {
		for _, im := range images {
			if im.Item.Index != c.Of.Index {
				continue
			}
			im.Item, im.Image.Item, im.Copy, im.Of = c.Item, c.Item.Item, true, c.Of.Index
			im.Image.Warnings = append(slices.Clone(im.Image.Warnings), "is the same file as "+c.Of.Label())
			out = append(out, im)
		}
	}
	return out
}

// groupsWithCopies adds the copies of members to the groups.
func groupsWithCopies(groups []Group, copies []Copy) []Group {
	out := slices.Clone(groups)
	for k := range out {
		members := slices.Clone(out[k].Members)
		for _, c := range copies {
			for _, m := range out[k].Members {
				if m.Item == c.Of.Index {
					m.Item = c.Item.Index
					members = append(members, m)
				}
			}
		}
		out[k].Members = members
	}
	return out
}

// copiesNote says how many images are copies; "" for none.
func copiesNote(b *Batch) string {
	copies := b.Copies
	switch n := len(copies); n {
	case 0:
		if b.Repeated > 0 {
			return fmt.Sprintf("%d images are copies of others, and are compared like any", b.Repeated)
		}
		return ""
	case 1:
		return fmt.Sprintf("%s is a copy of %s: it was compared once and shares its result", copies[0].Item.Label(), copies[0].Of.Label())
	default:
		return fmt.Sprintf("%d images are copies of others (%s of %s, for one): each content was compared once, and copies share its result", n, copies[0].Item.Label(), copies[0].Of.Label())
	}
}
