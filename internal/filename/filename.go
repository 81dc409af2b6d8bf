package filename

import (
	"strings"

	"golang.org/x/text/unicode/norm"
)

// Fold returns what two names share if some file system may take them for the
// same: it ignores case (Windows, macOS) and how accents and ligatures are
// encoded (macOS; compatibility composition, NFKC, to be on the safe side).
func Fold(name string) string {
	return strings.ToLower(strings.ToUpper(norm.NFKC.String(name)))
}

// Reserved reports whether Windows takes a file of that name, with any
// extension, for a device.
func Reserved(name string) bool {
	base, _, _ := strings.Cut(strings.ToUpper(name), ".")
	base = strings.TrimRight(base, " ")
	switch base {
	case "CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$":
		return true
	}
	digit, ok := strings.CutPrefix(base, "COM")
	if !ok {
		digit, ok = strings.CutPrefix(base, "LPT")
	}
	return ok && len([]rune(digit)) == 1 && strings.Contains("0123456789¹²³", digit)
}
