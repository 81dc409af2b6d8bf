package report

import (
	"fmt"
	"path"
	"strings"
	"unicode"
	"unicode/utf8"

	"codegraph/internal/filename"
	"golang.org/x/text/unicode/norm"
)

// maxStem keeps file names below every system's limit of 255 bytes, with
// room for a number, an extension and a temporary name's additions.
const maxStem = 120

// fileStems derives a file name without extension from each item name:
// "test/crack/000.png" becomes "test_crack_000". The stems consist of
// letters, digits, '.', '-' and '_', are not device names of Windows, and
// remain distinct where upper and lower case or the composition of accents
// do not count. Items that would share a stem get -2, -3, … in order.
func fileStems(names []string) []string {
	stems := make([]string, len(names))
	taken := make(map[string]bool, len(names))
	for i, name := range names {
		base := safeStem(name)
		stem := base
		for n := 2; taken[filename.Fold(stem)]; n++ {
			stem = fmt.Sprintf("%s-%d", base, n)
		}
		taken[filename.Fold(stem)] = true
		stems[i] = stem
	}
	return stems
}

func safeStem(name string) string {
	name = strings.TrimSuffix(name, path.Ext(name))
	name = norm.NFC.String(strings.ToValidUTF8(name, "_"))
	stem := strings.Map(func(r rune) rune {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r), unicode.IsMark(r):
			return r
		case strings.ContainsRune("-_.", r):
			return r
		}
		return '_'
	}, name)
	stem = truncate(stem, maxStem)
	// Windows drops trailing dots; a leading one hides a file elsewhere.
	stem = strings.Trim(stem, ".")
	if stem == "" || filename.Reserved(stem) {
		stem = "_" + stem
	}
	return stem
}

func truncate(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n]
}
