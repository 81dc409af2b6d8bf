package intake

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"unicode"
	"unicode/utf8"

	"codegraph/internal/filename"
)

// Bounds on names: those of the common file systems, less what temporary
// names add.
const (
	maxElement = 200  // bytes
	maxName    = 1000 // bytes
	maxDepth   = 16   // folders
)

// CleanName returns the safe form of the path that an upload or an archive
// gives a file: relative, with slashes, inside whatever folder it is put into,
// and valid on every system. Backslashes are taken for slashes, as archives
// from Windows have them.
func CleanName(raw string) (string, error) {
	name := strings.ReplaceAll(strings.ToValidUTF8(raw, "_"), `\`, "/")
	if name == "" || len(name) > maxName {
		return "", fmt.Errorf("name of %d bytes; it must have 1 to %d", len(name), maxName)
	}
	if strings.HasPrefix(name, "/") || strings.HasSuffix(name, "/") {
		return "", fmt.Errorf("name %q: not the relative path of a file", raw)
	}
	elements := strings.Split(strings.TrimPrefix(name, "./"), "/")
	if len(elements) > maxDepth {
		return "", fmt.Errorf("name %q: more than %d folders deep", raw, maxDepth)
	}
	for _, e := range elements {
		if err := checkElement(e); err != nil {
			return "", fmt.Errorf("name %q: %w", raw, err)
		}
	}
	name = path.Join(elements...)
	if !filepath.IsLocal(filepath.FromSlash(name)) {
		return "", fmt.Errorf("name %q: not inside the folder", raw)
	}
	return name, nil
}

func checkElement(e string) error {
	switch {
	case e == "" || e == "." || e == "..":
		return fmt.Errorf("element %q is not allowed", e)
	case len(e) > maxElement:
		return fmt.Errorf("an element has %d bytes; %d are allowed", len(e), maxElement)
	case strings.ContainsAny(e, `:*?"<>|`):
		return fmt.Errorf("element %q has a character that some systems forbid", e)
	case strings.HasSuffix(e, ".") || strings.HasSuffix(e, " "):
		return fmt.Errorf("element %q ends in a dot or space", e)
	case filename.Reserved(e):
		return fmt.Errorf("element %q is the name of a device", e)
	}
	for _, r := range e {
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) || r == utf8.RuneError {
			return fmt.Errorf("element %q has a control character", e)
		}
	}
	return nil
}

// hidden reports whether a name is one that no one means: of a hidden file or
// folder, or of what macOS adds to archives.
func hidden(name string) bool {
	for e := range strings.SplitSeq(name, "/") {
		if strings.HasPrefix(e, ".") || e == "__MACOSX" {
			return true
		}
	}
	return false
}
