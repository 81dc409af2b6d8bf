package report

import (
	"fmt"
	"regexp"

	"codegraph/internal/verdict"
)

// presses are the options that notes name, and what a page has in their place.
// The last one is for all others.
var presses = []struct {
	option *regexp.Regexp
	press  string
}{
	{regexp.MustCompile(`--confirm \S+ for a defect, --reject (\S+) if it is harmless`), `press “A defect” or “Harmless” beside $1`},
	{regexp.MustCompile(`--confirm (\S+) if it is a defect`), `press “A defect” beside $1 if it is one`},
	{regexp.MustCompile(`compare with known good images, or mark some images as good`), fmt.Sprintf("say of %d or more that they are good, and the others are judged by them", verdict.Fewest)},
	{regexp.MustCompile(`or good ones with --reference\b`), `or press “Reference” beside good ones`},
	{regexp.MustCompile(`--([a-z][a-z-]*[a-z])`), `the option $1`},
}

// OnPage are notes as a page says them: with what to press there where a terminal
// has options.
func OnPage(notes []string) []string {
	out := make([]string, len(notes))
	for i, n := range notes {
		for _, p := range presses {
			n = p.option.ReplaceAllString(n, p.press)
		}
		out[i] = n
	}
	return out
}
