package option

import (
	"fmt"
	"strings"

	"github.com/agnivade/levenshtein"
)

// DidYouMean is "; did you mean X?" for the one of names that is most like
// name, "" if none is like it. Names are those of the table if names is nil.
func DidYouMean(name string, names []string) string {
	if names == nil {
		for _, o := range table {
			names = append(names, o.Name)
		}
	}
	name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
	best, least := "", 1+max(2, len(name)/3)
	for _, other := range names {
		d := levenshtein.ComputeDistance(name, other)
		if len(name) >= 3 && (strings.HasPrefix(other, name) || strings.HasSuffix(other, name)) {
			d = min(d, 1)
		}
		if d < least {
			best, least = other, d
		}
	}
	if best == "" {
		return ""
	}
	return fmt.Sprintf("; did you mean %s?", best)
}
