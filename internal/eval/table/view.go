package table

import (
	"fmt"
	"slices"
	"strings"
)

// view is a document arranged for tables.
type view struct {
	*Document
	methods    []string // that were run, MuSc first
	categories []string // in the order of the results
	results    map[place]result
	sources    []source
}

// source is where published figures come from.
type source struct {
	title      string
	method     string
	other      bool // of another backbone
	categories int  // of the mean; 0: not known
	figures    map[string]Figures
}

// meanRow stands for the row of means; no file name has a zero byte.
const meanRow = "\x00mean"

func newView(d *Document) *view {
	v := &view{Document: d, results: make(map[place]result)}
	for i := range d.Results {
		r := &d.Results[i]
		if !slices.Contains(v.categories, r.Category) {
			v.categories = append(v.categories, r.Category)
		}
		v.results[place{r.Category, r.Method}] = r.result()
	}
	for i := range d.Mean {
		m := &d.Mean[i]
		v.results[place{meanRow, m.Method}] = m.result()
	}
	for _, m := range methods {
		if slices.ContainsFunc(d.Results, func(r Row) bool { return r.Method == m }) {
			v.methods = append(v.methods, m)
		}
	}
	for i := range d.Published {
		v.publish(&d.Published[i])
	}
	return v
}

// publish files figures under their source.
func (v *view) publish(p *Published) {
	i := slices.IndexFunc(v.sources, func(s source) bool { return s.title == p.Source && s.other == p.OtherBackbone })
	if i < 0 {
		i = len(v.sources)
		v.sources = append(v.sources, source{title: p.Source, method: p.Method, other: p.OtherBackbone, figures: make(map[string]Figures)})
	}
	s := &v.sources[i]
	if p.Category == meanCategory {
		s.figures[meanRow], s.categories = p.Figures, p.Categories
	} else {
		s.figures[nameKey(p.Category)] = p.Figures
	}
}

// at returns a row's figures in a source.
func (s *source) at(row string) Figures {
	if row != meanRow {
		row = nameKey(row)
	}
	if f, ok := s.figures[row]; ok {
		return f
	}
	return Undefined()
}

// covers reports whether the source has figures of a category.
func (s *source) covers(categories []string) bool {
	return slices.ContainsFunc(categories, func(c string) bool {
		_, ok := s.figures[nameKey(c)]
		return ok
	})
}

// rows are the categories and the mean.
func (v *view) rows() []string { return append(slices.Clone(v.categories), meanRow) }

// at returns a figure of a row and its standard deviation.
func (v *view) at(row, method string, resolution int, m *metric) (value, std Percent) {
	r, ok := v.results[place{row, method}]
	if !ok {
		return notDefined(), notDefined()
	}
	return *m.of(&r.value[resolution]), *m.of(&r.std[resolution])
}

// facts say what was run: on what, and how.
func (v *view) facts() []string {
	layout, network, version := "", v.Backbone.Name, ""
	if v.Layout != "" {
		layout = "layout " + v.Layout
	}
	if v.Backbone.Digest != "" {
		network += " (" + v.Backbone.Digest + ")"
	}
	if v.Version != "" {
		version = "codegraph " + v.Version
	}
	lines := []string{commas(v.Dataset, layout, network, version), v.Protocol.String()}
	return slices.DeleteFunc(lines, func(s string) bool { return s == "" })
}

// String describes the protocol for people.
func (p Protocol) String() string {
	size, images, repeats, paper := "", "all images", "", ""
	if p.Paper != "" {
		paper = "as published for " + methodName(p.Paper) + ": " + p.Setting
	}
	if p.Size != "" {
		size = "pixels judged at " + p.Size
	}
	if p.Subset > 0 {
		images = fmt.Sprintf("%d images of each category", p.Subset)
		if p.Stratified {
			images += " (stratified by type)"
		}
	}
	if p.Repeats > 1 {
		repeats = fmt.Sprintf("%d repeats (± is the standard deviation)", p.Repeats)
	}
	return commas(paper, size, images, repeats, fmt.Sprintf("seed %d", p.Seed))
}

// commas joins what is not empty.
func commas(parts ...string) string {
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), ", ")
}

// mark is how a heading names a source.
func (v *view) mark(i int) string {
	if v.sources[i].other {
		return fmt.Sprintf("published, other backbone [%d]", i+1)
	}
	return fmt.Sprintf("published [%d]", i+1)
}

// citations list the sources by number.
func (v *view) citations() []string {
	lines := make([]string, len(v.sources))
	for i, s := range v.sources {
		line := fmt.Sprintf("[%d] %s", i+1, s.title)
		if _, ok := s.figures[meanRow]; ok && s.categories > 0 {
			line += fmt.Sprintf("; mean of %d categories", s.categories)
			if n := len(v.categories); n != s.categories {
				line += fmt.Sprintf(", here %d", n)
			}
		}
		if s.other {
			line += "; other backbone"
		}
		lines[i] = line
	}
	return lines
}
