package table

import (
	"fmt"
	"strings"
)

// section is a group of figures that share a table.
type section struct {
	title      string
	metrics    []metric
	resolution int
}

var sections = []section{
	{"Image level", metrics[:3], evaluated},
	{"Pixel level", metrics[3:6], evaluated},
	{"Per-region overlap", metrics[6:], evaluated},
	{"Pixel level at the images' original resolution", metrics[3:6], original},
	{"Per-region overlap at the images' original resolution", metrics[6:], original},
}

// sheets makes all tables.
func (v *view) sheets() []sheet {
	var all []sheet
	if len(v.methods) > 0 {
		all = append(all, v.summary())
	}
	for _, s := range sections {
		if v.measured(s) {
			all = append(all, v.figures(s))
		}
	}
	if len(v.Consistency) > 0 {
		all = append(all, v.consistency())
	}
	if len(v.Families) > 0 {
		all = append(all, v.families())
	}
	return all
}

// measured reports whether any of a section's figures is defined.
func (v *view) measured(s section) bool {
	for _, r := range v.results {
		for i := range s.metrics {
			if s.metrics[i].of(&r.value[s.resolution]).Defined() {
				return true
			}
		}
	}
	return false
}

// figures makes the table of a section.
func (v *view) figures(s section) sheet {
	t := sheet{title: s.title + ", per cent" + v.legend(), stub: 1, columns: []column{{name: "category", text: true}}, foot: 1}
	for _, row := range v.rows() {
		t.rows = append(t.rows, []string{v.label(row)})
	}
	for i := range s.metrics {
		m := &s.metrics[i]
		t.columns = append(t.columns, column{name: m.name})
		for k, row := range v.rows() {
			t.rows[k] = append(t.rows[k], v.cell(row, m, s.resolution))
		}
	}
	if s.resolution == evaluated {
		for i := range v.sources {
			if v.sources[i].covers(v.categories) || v.Protocol.Paper != "" {
				t.publishedColumns(v, i, s.metrics)
			}
		}
	}
	t.notes = v.gaps(s.metrics, s.resolution)
	return t
}

// legend explains a cell that holds both methods.
func (v *view) legend() string {
	switch {
	case len(v.methods) == 2:
		return ": MuSc → CoDeGraph (difference)"
	case len(v.methods) == 1:
		return ": " + methodName(v.methods[0])
	default:
		return ""
	}
}

func (v *view) label(row string) string {
	if row != meanRow {
		return row
	}
	return fmt.Sprintf("mean of %d", len(v.categories))
}

// cell holds the methods' figures and their difference.
func (v *view) cell(row string, m *metric, resolution int) string {
	var parts []string
	var values []Percent
	for _, method := range v.methods {
		value, std := v.at(row, method, resolution, m)
		parts, values = append(parts, spread(value, std)), append(values, value)
	}
	return pair(parts, values)
}

// pair joins what two methods reached.
func pair(parts []string, values []Percent) string {
	if len(values) != 2 {
		return strings.Join(parts, "")
	}
	switch d := difference(values[0], values[1]); {
	case !values[0].Defined() && !values[1].Defined():
		return none
	case d == none:
		return strings.Join(parts, " → ")
	default:
		return strings.Join(parts, " → ") + " (" + d + ")"
	}
}

func spread(value, std Percent) string {
	if !std.Defined() {
		return value.String()
	}
	return value.String() + "±" + std.String()
}

// publishedColumns adds what a source gives for the rows.
func (t *sheet) publishedColumns(v *view, i int, metrics []metric) {
	rows := v.rows()
	for k := range metrics {
		cells := make([]string, len(rows))
		given := false
		for j, row := range rows {
			f := v.sources[i].at(row)
			value := *metrics[k].of(&f)
			cells[j], given = value.published(), given || value.Defined()
		}
		if !given {
			continue
		}
		t.columns = append(t.columns, column{group: v.mark(i), name: metrics[k].name})
		for j := range rows {
			t.rows[j] = append(t.rows[j], cells[j])
		}
		if v.Protocol.Paper == "" {
			continue
		}
		t.columns = append(t.columns, column{group: v.mark(i), name: "difference"})
		for j, row := range rows {
			t.rows[j] = append(t.rows[j], v.apart(i, row, &metrics[k]))
		}
	}
}

// apart is how far a figure of the paper's method is from what a source gives. Means
// over other categories than the source's are not held against its means.
func (v *view) apart(i int, row string, m *metric) string {
	s := &v.sources[i]
	if row == meanRow && s.categories != 0 && s.categories != len(v.categories) {
		return none
	}
	f := s.at(row)
	ours, _ := v.at(row, v.Protocol.Paper, evaluated, m)
	return difference(*m.of(&f), ours)
}

// gaps say which means are not over all categories.
func (v *view) gaps(metrics []metric, resolution int) []string {
	var parts []string
	for i := range metrics {
		key := keyOf(resolution, &metrics[i])
		var counts []string
		partial, same := false, true
		for k := range v.Mean {
			n := v.Mean[k].defined(key)
			partial = partial || n > 0 && n < len(v.categories)
			same = same && n == v.Mean[0].defined(key)
			counts = append(counts, fmt.Sprintf("%d (%s)", n, methodName(v.Mean[k].Method)))
		}
		switch {
		case partial && same:
			parts = append(parts, fmt.Sprintf("%s %d", metrics[i].title(), v.Mean[0].defined(key)))
		case partial:
			parts = append(parts, metrics[i].title()+" "+strings.Join(counts, " and "))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return []string{fmt.Sprintf("Means over fewer than %d categories, for want of figures in the others: %s.",
		len(v.categories), strings.Join(parts, ", "))}
}
