// Package optiontest has values of options, for tests that go through the table.
package optiontest

import (
	"fmt"

	"codegraph/internal/option"
)

// Samples are texts, one of which at least is a value of o that is not its
// default; some may not be values of it.
func Samples(o option.Option) []string {
	texts := append([]string{"2", "3", "64", "0.25", "0.5", "1.5", "true", "F1", "10", `{"polygons":[[[0,0],[1,0],[1,0.5]]]}`}, o.Choices()...)
	for _, bound := range []string{"minimum", "maximum"} {
		if v, ok := o.Schema()[bound].(float64); ok {
			texts = append(texts, fmt.Sprint(v))
		}
	}
	return texts
}

// Another is a value of o that is not its default.
func Another(o option.Option) string {
	for _, text := range Samples(o) {
		s := option.Defaults()
		before := o.Value(&s).String()
		if o.Value(&s).Set(text) == nil && o.Value(&s).String() != before {
			return o.Value(&s).String()
		}
	}
	panic("no sample is another value of " + o.Name)
}
