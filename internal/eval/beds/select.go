package beds

import (
	"flag"
	"fmt"
	"regexp"
)

// Selection says which beds are used.
type Selection struct {
	Split Split  // "": both
	Name  string // regular expression that the name must match
	Every int    // only every n-th of what is left
}

// AddFlags adds the flags of a selection, with s as the default.
func (s *Selection) AddFlags(f *flag.FlagSet) {
	f.StringVar((*string)(&s.Split), "split", string(s.Split), "only beds for tuning, or held-out")
	f.StringVar(&s.Name, "name", s.Name, "only beds whose name matches this regular expression")
	f.IntVar(&s.Every, "every", s.Every, "only every `n`-th of these beds, for a quick look: 5 or 7, as kinds come in turn")
}

// Beds returns the selected ones of all beds, in their order.
func (s Selection) Beds() (chosen []Bed, err error) {
	match, err := regexp.Compile(s.Name)
	if err != nil {
		return nil, fmt.Errorf("--name: %w", err)
	}
	if s.Split != "" && s.Split != Tuning && s.Split != HeldOut {
		return nil, fmt.Errorf("--split is %q; there are %s and %s", s.Split, Tuning, HeldOut)
	}
	if s.Every < 1 {
		return nil, fmt.Errorf("--every is %d: it must be positive", s.Every)
	}
	n := 0
	for _, b := range All() {
		if !match.MatchString(b.Name) || s.Split != "" && b.Split != s.Split {
			continue
		}
		if n%s.Every == 0 {
			chosen = append(chosen, b)
		}
		n++
	}
	return chosen, nil
}
