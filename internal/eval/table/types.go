package table

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// consistency makes the table of defect types.
func (v *view) consistency() sheet {
	t := sheet{
		title: "Consistency of defect types, and pixel AP on the good images and those of the type, per cent",
		stub:  2,
		columns: []column{
			{name: "category", text: true}, {name: "type", text: true}, {name: "images"}, {name: "consistency"},
			{name: "pixel AP: MuSc → CoDeGraph"},
		},
	}
	for _, c := range v.Consistency {
		a, b := c.MuScPixelAP, c.CoDeGraphPixelAP
		t.rows = append(t.rows, []string{
			c.Category, c.Type, strconv.Itoa(c.Images), c.Consistency.String(),
			pair([]string{a.String(), b.String()}, []Percent{a, b}),
		})
	}
	return t
}

// families makes the table of reported families.
func (v *view) families() sheet {
	t := sheet{
		title: "Families",
		stub:  2,
		columns: []column{
			{name: "category", text: true}, {name: "family", text: true}, {name: "status", text: true},
			{name: "images"}, {name: "area"}, {name: "gain"}, {name: "removed"}, {name: "members by type", text: true},
		},
		notes: []string{"Area: mean share of a member's image, per cent. Gain: ln of the factor by which the members' patches rise without each other. Removed: patches kept out of the comparison."},
	}
	for i := range v.Families {
		f := &v.Families[i]
		t.rows = append(t.rows, []string{
			f.Category, f.ID, f.Status, strconv.Itoa(f.images()), Percent(100 * f.Area).String(),
			fmt.Sprintf("%.2f", f.Gain), strconv.Itoa(f.PatchesRemoved), f.members(),
		})
	}
	return t
}

// members lists the types, the most frequent first.
func (f *Family) members() string {
	types := slices.SortedFunc(maps.Keys(f.Types), func(a, b string) int {
		return cmp.Or(cmp.Compare(f.Types[b], f.Types[a]), cmp.Compare(a, b))
	})
	parts := make([]string, len(types))
	for i, t := range types {
		parts[i] = fmt.Sprintf("%s %d", t, f.Types[t])
	}
	return strings.Join(parts, ", ")
}
