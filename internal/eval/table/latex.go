package table

import (
	"bufio"
	"fmt"
	"strings"
)

// latexWidth is the width of the article class, 345 pt, in digits of
// \footnotesize, and latexGap the room between columns, both in tenths.
const (
	latexWidth = 810
	latexGap   = 15
)

// onPage estimates whether a table is as narrow as a page.
func (t sheet) onPage() bool {
	sum := 0
	for _, w := range t.widths() {
		sum += 10*w + latexGap
	}
	return sum <= latexWidth
}

func writeLaTeX(out *bufio.Writer, v *view) {
	fmt.Fprintln(out, `% Needs \usepackage{booktabs}.`)
	for _, line := range v.facts() {
		fmt.Fprintf(out, "%% %s\n", printable(line))
	}
	for _, t := range v.sheets(true) {
		for _, part := range t.continueWhere(sheet.onPage) {
			fmt.Fprintln(out)
			part.latex(out)
		}
	}
	for _, line := range append(v.citations(), v.Notes...) {
		fmt.Fprintf(out, "\n\\par\\noindent{\\footnotesize %s\\par}\n", latexText(line))
	}
}

func (t *sheet) latex(out *bufio.Writer) {
	align := ""
	for _, c := range t.columns {
		if c.text {
			align += "l"
		} else {
			align += "r"
		}
	}
	fmt.Fprintf(out, "\\begin{table}[htbp]\n\\centering\\footnotesize\n\\setlength{\\tabcolsep}{3pt}\n\\caption{%s}\n", latexText(t.title))
	fmt.Fprintf(out, "\\begin{tabular}{%s}\n\\toprule\n", align)
	if t.grouped() {
		t.latexGroups(out)
	}
	names := make([]string, len(t.columns))
	for i, c := range t.columns {
		names[i] = c.name
	}
	latexRow(out, names)
	fmt.Fprintln(out, `\midrule`)
	for k, r := range t.rows {
		if t.foot > 0 && k == len(t.rows)-t.foot {
			fmt.Fprintln(out, `\midrule`)
		}
		latexRow(out, r)
	}
	fmt.Fprintln(out, "\\bottomrule\n\\end{tabular}")
	for _, n := range t.notes {
		fmt.Fprintf(out, "\n\\smallskip\\parbox{0.9\\linewidth}{\\footnotesize %s}\n", latexText(n))
	}
	fmt.Fprintln(out, `\end{table}`)
}

// latexGroups heads the groups of columns and rules them off.
func (t *sheet) latexGroups(out *bufio.Writer) {
	var cells, rules []string
	for _, s := range t.spans() {
		group := t.columns[s[0]].group
		if group == "" {
			cells = append(cells, "")
			continue
		}
		cells = append(cells, fmt.Sprintf(`\multicolumn{%d}{c}{%s}`, s[1]-s[0], latexText(group)))
		rules = append(rules, fmt.Sprintf(`\cmidrule(lr){%d-%d}`, s[0]+1, s[1]))
	}
	fmt.Fprintf(out, "%s \\\\\n%s\n", strings.Join(cells, " & "), strings.Join(rules, " "))
}

func latexRow(out *bufio.Writer, cells []string) {
	escaped := make([]string, len(cells))
	for i, s := range cells {
		escaped[i] = latexText(s)
	}
	fmt.Fprintf(out, "%s \\\\\n", strings.Join(escaped, " & "))
}

// latexText escapes a text. Braces keep [ and * from being taken for
// arguments of the \\ before them, and hyphens in a row from
// becoming dashes.
func latexText(s string) string {
	return latexEscapes.Replace(printable(s))
}

var latexEscapes = strings.NewReplacer(
	`\`, `\textbackslash{}`, `{`, `\{`, `}`, `\}`,
	`$`, `\$`, `&`, `\&`, `#`, `\#`, `%`, `\%`, `_`, `\_`,
	`^`, `\textasciicircum{}`, `~`, `\textasciitilde{}`,
	`<`, `\textless{}`, `>`, `\textgreater{}`, `|`, `\textbar{}`,
	`"`, `\char34{}`, "`", "{`}", `--`, `-{}-{}`,
	`[`, `{[}`, `]`, `{]}`, `*`, `{*}`,
	`→`, `$\to$`, `±`, `$\pm$`, `−`, `$-$`, `×`, `$\times$`, `≤`, `$\le$`, `Δ`, `$\Delta$`, `–`, `--`,
	"�", "?",
)
