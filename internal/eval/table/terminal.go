package table

import (
	"bufio"
	"fmt"
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// gap is what separates columns.
const gap = "  "

func writeTerminal(out *bufio.Writer, v *view, width int) {
	for _, line := range v.facts() {
		fmt.Fprintln(out, fill(printable(line), width))
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
func paragraphs(out *bufio.Writer, prefix string, lines []string, width int) {
	if len(lines) > 0 {
		fmt.Fprintln(out)
	}
	for _, line := range lines {
		fmt.Fprintln(out, fill(prefix+printable(line), width))
	}
}

// fill breaks a text at spaces and indents what follows its first line.
func fill(text string, width int) string {
	var b strings.Builder
	at := 0
	for _, word := range strings.Fields(text) {
		n := uniseg.StringWidth(word)
		switch {
		case at == 0:
		case at+1+n > width:
			b.WriteString("\n    ")
			at = 4
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}

// widths are those of the columns; the last of a group is widened where the
// group's heading needs it.
func (t *sheet) widths() []int {
	w := make([]int, len(t.columns))
	for i, c := range t.columns {
		w[i] = uniseg.StringWidth(printable(c.name))
		for _, r := range t.rows {
			w[i] = max(w[i], uniseg.StringWidth(printable(r[i])))
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
		fmt.Fprintln(out, fill(n, max(t.width(), 80)))
	}
}

func line(out *bufio.Writer, cells []string) {
	fmt.Fprintln(out, strings.TrimRight(strings.Join(cells, gap), " "))
}

func pad(s string, width int, left bool) string {
	s = printable(s)
	space := strings.Repeat(" ", max(0, width-uniseg.StringWidth(s)))
	if left {
		return s + space
	}
	return space + s
}

// printable takes control characters out of a name: it must not move the
// cursor or break a table.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == '\u2028' || r == '\u2029' {
			return '�'
		}
		return r
	}, s)
}
