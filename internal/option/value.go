package option

import (
	"cmp"
	"encoding/csv"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
)

// Option is one entry of the table.
type Option struct {
	Name        string // of the flag, in --set and in TOML; with _ for - in JSON
	Group       Group
	Placeholder string // stands for a value in help; "" for a switch
	Usage       string
	Default     string // in words, where the default depends on something else
	Traits      Traits
	field       field
}

// Has says whether the option has all these traits.
func (o *Option) Has(t Traits) bool { return o.Traits&t == t }

// Key is the name in JSON.
func (o *Option) Key() string { return strings.ReplaceAll(o.Name, "-", "_") }

// Value is the option in s.
func (o *Option) Value(s *Settings) Value { return o.field.in(s, o) }

// Allowed says in words what a value may be.
func (o *Option) Allowed() string { return o.field.allowed() }

// Choices are the values of an option that has a few; nil for any other.
func (o *Option) Choices() []string {
	list, _ := o.Schema()["enum"].([]string)
	return list
}

// Schema is the JSON schema of a value.
func (o *Option) Schema() map[string]any { return o.field.jsonSchema() }

// Standard is the default, in words.
func (o *Option) Standard() string {
	if o.Default != "" {
		return o.Default
	}
	s := Defaults()
	return o.Value(&s).String()
}

// ValueError says that a value is not one of those that an option may have.
type ValueError struct {
	Option Option
	Value  string
	Why    error // more than that it is none of those; may be nil
}

func (e *ValueError) Error() string {
	if e.Why != nil {
		return fmt.Sprintf("%s is %s: %v; it must be %s", e.Option.Name, e.Value, e.Why, e.Option.Allowed())
	}
	return fmt.Sprintf("%s is %s: it must be %s", e.Option.Name, e.Value, e.Option.Allowed())
}

// Value is an option of some settings. It is a pflag.Value.
type Value interface {
	String() string
	// Set reads a text; the error is a *ValueError.
	Set(text string) error
	// Type is the placeholder, or bool for a switch.
	Type() string
	// Get returns what JSON has.
	Get() any
	// Put sets what JSON has; the error is a *ValueError.
	Put(data []byte) error
	// Reset sets the default.
	Reset()
	// Check returns a *ValueError if the value may not be. Zero stands for the
	// default, but for constants of the algorithm.
	Check() error
	// Zero says whether it is the zero value of its type.
	Zero() bool
}

// List is a Value that is a list. It is a pflag.SliceValue.
type List interface {
	Value
	Append(item string) error
	Replace(items []string) error
	GetSlice() []string
}

// field is where an option is in settings, and what it may be.
type field interface {
	in(*Settings, *Option) Value
	copy(from, to *Settings)
	allowed() string
	jsonSchema() map[string]any
}

// scalar is a field of one value.
type scalar[T comparable] struct {
	at       func(*Settings) *T
	standard T
	zero     bool // may be given: it stands for the default
	parse    func(string) (T, error)
	format   func(T) string
	fits     func(T) bool
	words    string // what it may be
	schema   map[string]any
}

func (f *scalar[T]) in(s *Settings, o *Option) Value { return &one[T]{f, f.at(s), o} }
func (f *scalar[T]) copy(from, to *Settings)         { *f.at(to) = *f.at(from) }
func (f *scalar[T]) allowed() string                 { return f.words }
func (f *scalar[T]) jsonSchema() map[string]any      { return f.schema }

// one is a scalar of some settings.
type one[T comparable] struct {
	*scalar[T]
	p *T
	o *Option
}

func (v *one[T]) String() string {
	if v.p == nil { // pflag asks the zero value
		return ""
	}
	return v.format(*v.p)
}
func (v *one[T]) Type() string { return cmp.Or(v.o.Placeholder, "bool") }
func (v *one[T]) Get() any     { return *v.p }
func (v *one[T]) Reset()       { *v.p = v.standard }
func (v *one[T]) Zero() bool   { return *v.p == *new(T) }

func (v *one[T]) Set(text string) error {
	x, err := v.parse(strings.TrimSpace(text))
	if err != nil || !v.fits(x) && !(v.zero && x == *new(T)) {
		return &ValueError{Option: *v.o, Value: quote(text)}
	}
	*v.p = x
	return nil
}

func (v *one[T]) Put(data []byte) error {
	var x T
	err := json.Unmarshal(data, &x)
	if err != nil || string(data) == "null" || !v.may(x) {
		return &ValueError{Option: *v.o, Value: string(data)}
	}
	*v.p = x
	return nil
}

func (v *one[T]) Check() error {
	if !v.may(*v.p) {
		return &ValueError{Option: *v.o, Value: quote(v.String())}
	}
	return nil
}

// may says whether x may be in settings, where zero stands for the default
// unless it is that of a constant.
func (v *one[T]) may(x T) bool { return v.fits(x) || x == *new(T) && v.o.Group != Algorithm }

// quote quotes what is not a number.
func quote(text string) string {
	if _, err := strconv.ParseFloat(text, 64); err == nil {
		return text
	}
	return strconv.Quote(text)
}

// several is a field of a list.
type several[T any] struct {
	at       func(*Settings) *[]T
	standard []T
	parse    func(string) (T, error)
	fits     func(T) bool
	words    string // what each may be
	most     int    // of them
	schema   map[string]any
}

func (f *several[T]) in(s *Settings, o *Option) Value { return &list[T]{f, f.at(s), o, false} }
func (f *several[T]) copy(from, to *Settings)         { *f.at(to) = slices.Clone(*f.at(from)) }
func (f *several[T]) allowed() string                 { return f.words }
func (f *several[T]) jsonSchema() map[string]any {
	return map[string]any{"type": "array", "items": f.schema, "maxItems": f.most}
}

// list is a list of some settings.
type list[T any] struct {
	*several[T]
	p   *[]T
	o   *Option
	set bool // what is set next is appended
}

func (v *list[T]) String() string {
	if v.p == nil { // pflag asks the zero value
		return ""
	}
	return strings.Join(v.GetSlice(), ",")
}
func (v *list[T]) Type() string { return v.o.Placeholder }
func (v *list[T]) Get() any     { return append([]T{}, *v.p...) }
func (v *list[T]) Reset()       { *v.p = slices.Clone(v.standard) }
func (v *list[T]) Zero() bool   { return len(*v.p) == 0 }

// Set sets the items of a comma-separated text, and adds to them those of the
// next.
func (v *list[T]) Set(text string) error {
	items, err := csv.NewReader(strings.NewReader(text)).Read()
	if err != nil {
		return &ValueError{Option: *v.o, Value: quote(text)}
	}
	if v.set {
		items = append(v.GetSlice(), items...)
	}
	return v.Replace(items)
}

func (v *list[T]) Append(item string) error { return v.Replace(append(v.GetSlice(), item)) }

func (v *list[T]) Replace(items []string) error {
	values := make([]T, len(items))
	for i, text := range items {
		x, err := v.parse(strings.TrimSpace(text))
		if err != nil {
			return &ValueError{Option: *v.o, Value: quote(strings.Join(items, ","))}
		}
		values[i] = x
	}
	return v.put(values, quote(strings.Join(items, ",")))
}

func (v *list[T]) GetSlice() []string {
	var items []string
	for _, x := range *v.p {
		items = append(items, fmt.Sprint(x))
	}
	return items
}

func (v *list[T]) Put(data []byte) error {
	var values []T
	if err := json.Unmarshal(data, &values); err != nil || string(data) == "null" {
		return &ValueError{Option: *v.o, Value: string(data)}
	}
	return v.put(values, string(data))
}

func (v *list[T]) put(values []T, text string) error {
	if !v.ok(values) {
		return &ValueError{Option: *v.o, Value: text}
	}
	*v.p, v.set = values, true
	return nil
}

func (v *list[T]) ok(values []T) bool {
	return len(values) <= v.most && !slices.ContainsFunc(values, func(x T) bool { return !v.fits(x) })
}

func (v *list[T]) Check() error {
	if v.ok(*v.p) {
		return nil
	}
	return &ValueError{Option: *v.o, Value: quote(v.String())}
}

type number interface{ int | int64 | float64 }

// whole is a whole number between least and most, or 0 for the default.
func whole[T int | int64](at func(*Settings) *T, least, most T) field {
	f := between(at, 0, least, most)
	f.zero, f.schema["minimum"] = true, 0
	if least == 1 {
		f.words = fmt.Sprintf("a whole number from 0 to %d", most)
	} else {
		f.words = "0, or " + f.words
	}
	return f
}

// between is a number between least and most, ends included.
func between[T number](at func(*Settings) *T, standard, least, most T) *scalar[T] {
	kind, words := "integer", "a whole number"
	if reflect.TypeFor[T]().Kind() == reflect.Float64 {
		kind, words = "number", "a number"
	}
	return &scalar[T]{
		at: at, standard: standard, parse: parseNumber[T], format: func(v T) string { return fmt.Sprint(v) },
		fits:   func(v T) bool { return v >= least && v <= most },
		words:  fmt.Sprintf("%s from %v to %v", words, least, most),
		schema: map[string]any{"type": kind, "minimum": least, "maximum": most},
	}
}

func parseNumber[T number](s string) (v T, err error) {
	switch p := any(&v).(type) {
	case *int:
		*p, err = strconv.Atoi(s)
	case *int64:
		*p, err = strconv.ParseInt(s, 10, 64)
	case *float64:
		*p, err = strconv.ParseFloat(s, 64)
	}
	return v, err
}

// share is a number between 0 and 1, both excluded.
func share(at func(*Settings) *float64, standard float64) field {
	f := between(at, standard, 0, 1)
	f.fits = func(v float64) bool { return v > 0 && v < 1 }
	f.words = "a number between 0 and 1, such as " + f.format(standard)
	f.schema = map[string]any{"type": "number", "exclusiveMinimum": 0, "exclusiveMaximum": 1}
	return f
}

func seed(at func(*Settings) *uint64) field {
	return &scalar[uint64]{
		at: at, parse: func(s string) (uint64, error) { return strconv.ParseUint(s, 10, 64) },
		format: func(v uint64) string { return strconv.FormatUint(v, 10) },
		fits:   func(uint64) bool { return true }, words: "a whole number from 0",
		schema: map[string]any{"type": "integer", "minimum": 0},
	}
}

func yes(at func(*Settings) *bool) field {
	return &scalar[bool]{
		at: at, parse: strconv.ParseBool, format: strconv.FormatBool, fits: func(bool) bool { return true },
		words: "true or false", schema: map[string]any{"type": "boolean"},
	}
}

func text(at func(*Settings) *string) field {
	return &scalar[string]{
		at: at, parse: func(s string) (string, error) { return s, nil }, format: func(s string) string { return s },
		fits: func(string) bool { return true }, words: "a text", schema: map[string]any{"type": "string"},
	}
}

// checked is a text that fits accepts.
func checked(at func(*Settings) *string, standard, words string, fits func(string) bool) field {
	return &scalar[string]{
		at: at, standard: standard, parse: func(s string) (string, error) { return s, nil }, format: func(s string) string { return s },
		fits: fits, words: words, schema: map[string]any{"type": "string"},
	}
}

// choice is one of a few texts.
func choice[T ~string](at func(*Settings) *T, standard T, all ...T) field {
	var texts []string
	for _, v := range all {
		texts = append(texts, string(v))
	}
	return &scalar[T]{
		at: at, standard: standard, parse: func(s string) (T, error) { return T(s), nil }, format: func(v T) string { return string(v) },
		fits:   func(v T) bool { return slices.Contains(all, v) },
		words:  strings.Join(texts[:len(texts)-1], ", ") + " or " + texts[len(texts)-1],
		schema: map[string]any{"enum": texts},
	}
}

// bytes is a size; in JSON it is a number of bytes.
func bytes(at func(*Settings) *int64) field {
	return &scalar[int64]{
		at: at, parse: ParseBytes, format: FormatBytes, fits: func(v int64) bool { return v >= 0 },
		words: "a number and a unit, such as 2GiB or 500MB", schema: map[string]any{"type": "integer", "minimum": 0},
	}
}

// names are texts, most of them at most.
func names(at func(*Settings) *[]string, most int) field {
	return &several[string]{
		at: at, parse: func(s string) (string, error) { return s, nil }, fits: func(s string) bool { return s != "" }, most: most,
		words: fmt.Sprintf("at most %d names", most), schema: map[string]any{"type": "string", "minLength": 1},
	}
}

// rule is what whole numbers of a list may be.
type rule struct {
	fits   func(int) bool
	words  string
	schema map[string]any
}

var (
	oddSides = rule{func(v int) bool { return v >= 1 && v <= 31 && v%2 == 1 }, "odd numbers from 1 to 31, such as 1,3",
		map[string]any{"type": "integer", "minimum": 1, "maximum": 31}}
	atLeastOne = rule{func(v int) bool { return v >= 1 }, "whole numbers from 1, such as 1,2,3",
		map[string]any{"type": "integer", "minimum": 1}}
)

// numbers are a list of whole numbers.
func numbers(at func(*Settings) *[]int, standard []int, r rule) field {
	return &several[int]{at: at, standard: standard, parse: strconv.Atoi, fits: r.fits, words: r.words, most: 8, schema: r.schema}
}
