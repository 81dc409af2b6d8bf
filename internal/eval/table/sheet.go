package table

import "slices"

// sheet is a table before it is rendered.
type sheet struct {
	title   string
	stub    int // how many columns name the rows, repeated where a table continues
	columns []column
	rows    [][]string // as long as columns
	foot    int        // how many of the last rows are below a rule
	notes   []string
}

// column is a heading; neighbours with the same group stay together under it.
type column struct {
	group, name string
	text        bool // not a number: aligned to the left
}

// continueWhere cuts a table into ones that fit. Columns of a group stay
// together, and a table has one group at least.
func (t sheet) continueWhere(fits func(sheet) bool) []sheet {
	var parts []sheet
	part := t.pick(0, 0)
	for _, s := range t.spans() {
		if s[0] < t.stub {
			continue
		}
		longer := part.join(t.pick(s[0], s[1]))
		if len(part.columns) > t.stub && !fits(longer) {
			parts = append(parts, part)
			longer = t.pick(s[0], s[1])
			longer.title = t.title + ", continued"
		}
		part = longer
	}
	part.notes = t.notes
	return append(parts, part)
}

// pick takes the stub and some of the columns.
func (t *sheet) pick(from, to int) sheet {
	p := sheet{title: t.title, stub: t.stub, foot: t.foot}
	p.columns = slices.Concat(t.columns[:t.stub], t.columns[from:to])
	for _, r := range t.rows {
		p.rows = append(p.rows, slices.Concat(r[:t.stub], r[from:to]))
	}
	return p
}

// join appends the columns of another part.
func (t sheet) join(other sheet) sheet {
	t.columns = slices.Concat(t.columns, other.columns[t.stub:])
	rows := make([][]string, len(t.rows))
	for i, r := range t.rows {
		rows[i] = slices.Concat(r, other.rows[i][t.stub:])
	}
	t.rows = rows
	return t
}

// spans are the runs of columns that a group heads: [from, to).
func (t *sheet) spans() [][2]int {
	var spans [][2]int
	for from := 0; from < len(t.columns); {
		to := from + 1
		for to < len(t.columns) && t.columns[to].group != "" && t.columns[to].group == t.columns[from].group {
			to++
		}
		spans = append(spans, [2]int{from, to})
		from = to
	}
	return spans
}

// grouped reports whether any column is under a group.
func (t *sheet) grouped() bool {
	return slices.ContainsFunc(t.columns, func(c column) bool { return c.group != "" })
}
