package table

import (
	"bufio"
	"fmt"
	"strings"

	"github.com/rivo/uniseg"

	"codegraph/internal/text"
)

// gap is what separates columns.
const gap = "  "

func writeTerminal(out *bufio.Writer, v *view, width int) {
	for _, line := range v.facts() {
		fmt.Fprintln(out, text.Wrap(text.Printable(line), width, hanging))
	}
	for _, t := range v.sheets() {
		for _, part := range t.continueWhere(func(s sheet) bool { return s.width() <= width }) {
			fmt.Fprintf(out, "\n%s\n\n", part.title)
			part.terminal(out)
		}
	}
	paragraphs(out, "", v.citations(), width)
	paragraphs(out, "Note: ", v.Notes, width)
}

// paragraphs prints lines that belong together, broken at spaces.
// hanging indents what follows the first line of a paragraph.
const hanging = "    "

func paragraphs(out *bufio.Writer, prefix string, lines []string, width int) {
	if len(lines) > 0 {
		fmt.Fprintln(out)
	}
	for _, line := range lines {
		fmt.Fprintln(out, text.Wrap(prefix+text.Printable(line), width, hanging))
	}
}

// widths are those of the columns; the last of a group is widened where the
// group's heading needs it.
func (t *sheet) widths() []int {
	w := make([]int, len(t.columns))
	for i, c := range t.columns {
		w[i] = uniseg.StringWidth(text.Printable(c.name))
		for _, r := range t.rows {
			w[i] = max(w[i], uniseg.StringWidth(text.Printable(r[i])))
		}
	}
	for _, s := range t.spans() {
		have := -len(gap)
		for i := s[0]; i < s[1]; i++ {
			have += w[i] + len(gap)
		}
		w[s[1]-1] += max(0, uniseg.StringWidth(t.columns[s[0]].group)-have)
	}
	return w
}

// width is that of the whole table.
func (t *sheet) width() int {
	sum := -len(gap)
	for _, w := range t.widths() {
		sum += w + len(gap)
	}
	return sum
}

func (t *sheet) terminal(out *bufio.Writer) {
	w := t.widths()
	if t.grouped() {
		var cells []string
		for _, s := range t.spans() {
			n := -len(gap)
			for i := s[0]; i < s[1]; i++ {
				n += w[i] + len(gap)
			}
			cells = append(cells, pad(t.columns[s[0]].group, n, true))
		}
		line(out, cells)
	}
	names := make([]string, len(w))
	for i, c := range t.columns {
		names[i] = pad(c.name, w[i], c.text)
	}
	line(out, names)
	for k, r := range t.rows {
		if t.foot > 0 && k == len(t.rows)-t.foot {
			fmt.Fprintln(out, strings.Repeat("─", t.width()))
		}
		cells := make([]string, len(r))
		for i, s := range r {
			cells[i] = pad(s, w[i], t.columns[i].text)
		}
		line(out, cells)
	}
	for _, n := range t.notes {
		fmt.Fprintln(out, text.Wrap(n, max(t.width(), 80), hanging))
	}
}

func line(out *bufio.Writer, cells []string) {
	fmt.Fprintln(out, strings.TrimRight(strings.Join(cells, gap), " "))
}

func pad(s string, width int, left bool) string {
	s = text.Printable(s)
	space := strings.Repeat(" ", max(0, width-uniseg.StringWidth(s)))
	if left {
		return s + space
	}
	return space + s
}
