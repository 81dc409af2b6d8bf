package text

import (
	"strings"
	"unicode"

	"github.com/rivo/uniseg"
)

// Printable replaces control characters and separators of lines: a file name
// must not move the cursor or break a table.
func Printable(s string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) || unicode.In(r, unicode.Cf, unicode.Zl, unicode.Zp) {
			return '�'
		}
		return r
	}, s)
}

// Wrap breaks a paragraph at spaces into lines of at most width columns, where
// its words allow that; indent stands before each line but the first.
func Wrap(s string, width int, indent string) string {
	var b strings.Builder
	at := 0
	for k, word := range strings.Fields(s) {
		n := uniseg.StringWidth(word)
		switch {
		case k == 0:
		case at+1+n > width:
			b.WriteString("\n" + indent)
			at = uniseg.StringWidth(indent)
		default:
			b.WriteByte(' ')
			at++
		}
		b.WriteString(word)
		at += n
	}
	return b.String()
}

// Cell guards a cell of a CSV file against formula injection: a spreadsheet would run
// one that starts with one of these characters. An apostrophe in front makes it text.
func Cell(s string) string {
	for _, start := range []string{"=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"} {
		if strings.HasPrefix(s, start) {
			return "'" + s
		}
	}
	return s
}
