package table

import (
	"bufio"
	"fmt"
	"strings"
	"unicode"

	"codegraph/internal/text"
)

func writeMarkdown(out *bufio.Writer, v *view) {
	for i, line := range v.facts() {
		if i > 0 {
			fmt.Fprintln(out, "  ") // two spaces break the line
		}
		fmt.Fprint(out, markdownText(line))
	}
	fmt.Fprintln(out)
	for _, t := range v.sheets() {
		fmt.Fprintf(out, "\n## %s\n\n", t.title)
		t.markdown(out)
	}
	if lines := v.citations(); len(lines) > 0 {
		fmt.Fprint(out, "\n## Sources of published figures\n\n")
		for _, line := range lines {
			fmt.Fprintf(out, "- %s\n", markdownText(line))
		}
	}
	if len(v.Notes) > 0 {
		fmt.Fprint(out, "\n## Notes\n\n")
		for _, n := range v.Notes {
			fmt.Fprintf(out, "- %s\n", markdownText(n))
		}
	}
}

func (t *sheet) markdown(out *bufio.Writer) {
	names, rules := make([]string, len(t.columns)), make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = markdownText(c.name)
		if c.group != "" {
			names[i] = markdownText(c.group + ": " + c.name)
		}
		rules[i] = "---:"
		if c.text {
			rules[i] = "---"
		}
	}
	markdownRow(out, names)
	markdownRow(out, rules)
	for _, r := range t.rows {
		cells := make([]string, len(r))
		for i, s := range r {
			cells[i] = markdownText(s)
		}
		markdownRow(out, cells)
	}
	for _, n := range t.notes {
		fmt.Fprintf(out, "\n%s\n", markdownText(n))
	}
}

func markdownRow(out *bufio.Writer, cells []string) {
	fmt.Fprintf(out, "| %s |\n", strings.Join(cells, " | "))
}

// markdownText escapes what Markdown or HTML would take for markup. An
// underscore between letters is none.
func markdownText(s string) string {
	var b strings.Builder
	letters := []rune(text.Printable(s))
	inWord := func(i int) bool {
		return i >= 0 && i < len(letters) && (unicode.IsLetter(letters[i]) || unicode.IsDigit(letters[i]))
	}
	for i, r := range letters {
		switch {
		case r == '<':
			b.WriteString("&lt;")
			continue
		case r == '&':
			b.WriteString("&amp;")
			continue
		case r == '_' && inWord(i-1) && inWord(i+1):
		case strings.ContainsRune("\\`*_[]|~#>$!", r):
			b.WriteByte('\\')
		}
		b.WriteRune(r)
	}
	return b.String()
}
