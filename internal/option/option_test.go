package option_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"codegraph/internal/option"
	"codegraph/internal/option/optiontest"
)

// read are the fields that hold what another option of the table names: what was read
// of a file, a folder or a network.
var read = map[string]string{
	"Options.Answers": "answers", "Options.Backbone": "backbone",
}

// given are the fields that only a program in Go sets: images and a cache that it has
// opened, what it wants to be told, and what more it wants to see.
var given = []string{
	"Options.References", "Options.Cache", "Options.Progress", "Options.Seen", "Options.Planned",
	"Options.KeepIntermediates", "Options.Evidence",
}

// TestEveryField: the table has each field of Settings once.
func TestEveryField(t *testing.T) {
	var s option.Settings
	at := map[uintptr]string{}
	for _, o := range option.All() {
		p := pointer(o, &s)
		if at[p] != "" {
			t.Errorf("%s and %s are one field", at[p], o.Name)
		}
		at[p] = o.Name
	}
	var walk func(path string, v reflect.Value)
	walk = func(path string, v reflect.Value) {
		for i := range v.NumField() {
			f, name := v.Field(i), path+v.Type().Field(i).Name
			switch {
			case read[name] != "":
				if _, ok := option.Lookup(read[name]); !ok {
					t.Errorf("%s is read of what no option names", name)
				}
			case slices.Contains(given, name):
			case f.Kind() == reflect.Struct:
				walk(name+".", f)
			case at[f.Addr().Pointer()] == "":
				t.Errorf("%s has no entry in the table", name)
			}
		}
	}
	walk("", reflect.ValueOf(&s).Elem())
}

// pointer is where an option is in s.
func pointer(o option.Option, s *option.Settings) uintptr {
	return reflect.ValueOf(o.Value(s)).Elem().FieldByName("p").Pointer()
}

// TestTable: names are words that flags, TOML and JSON can have, defaults are
// allowed, and texts are texts.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range option.All() {
		if seen[o.Name] || strings.Trim(o.Name, "abcdefghijklmnopqrstuvwxyz-") != "" {
			t.Errorf("name %q", o.Name)
		}
		seen[o.Name] = true
		if o.Usage == "" || o.Allowed() == "" || !slices.Contains(option.Groups(), o.Group) {
			t.Errorf("%s: usage %q, values %q, group %q", o.Name, o.Usage, o.Allowed(), o.Group)
		}
		s := option.Defaults()
		if err := o.Value(&s).Check(); err != nil {
			t.Errorf("the default: %v", err)
		}
		if o.Has(option.Fixed) && !o.Has(option.Recorded) {
			t.Errorf("%s is fixed by a snapshot, and results.json does not tell it", o.Name)
		}
	}
}

// settings draws settings: each option at its default or another value.
func settings(t *rapid.T) option.Settings {
	s := option.Defaults()
	for _, o := range option.All() {
		texts := optiontest.Samples(o)
		if rapid.Bool().Draw(t, "set "+o.Name) {
			_ = o.Value(&s).Set(rapid.SampledFrom(texts).Draw(t, o.Name)) // some may not be
		}
	}
	return s
}

// differ says in which of the options with traits two settings differ.
func differ(a, b option.Settings, t option.Traits) (names []string) {
	for _, o := range option.All() {
		if o.Has(t) && !reflect.DeepEqual(o.Value(&a).Get(), o.Value(&b).Get()) {
			names = append(names, o.Name)
		}
	}
	return names
}

// TestJSON: the options of results.json, those that a snapshot fixes and those
// that a client chose are read back as they were.
func TestJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := settings(t)
		data, err := json.Marshal(s)
		back := option.Defaults()
		if err != nil || json.Unmarshal(data, &back) != nil || differ(s, back, option.Recorded) != nil {
			t.Fatalf("%v: %s: %v", err, data, differ(s, back, option.Recorded))
		}
		kept := option.Keep(s.Options)
		data, err = json.Marshal(kept)
		var again option.Kept
		if err != nil || json.Unmarshal(data, &again) != nil {
			t.Fatalf("%v: %s", err, data)
		}
		free := settings(t)
		fixed := option.Settings{Options: again.Fix(free.Options)}
		if d := differ(s, fixed, option.Fixed); d != nil {
			t.Fatalf("not fixed: %v", d)
		}
		for _, name := range differ(option.Settings{Options: free.Options}, fixed, 0) {
			if o, _ := option.Lookup(name); !o.Has(option.Fixed) {
				t.Fatalf("%s is fixed", name)
			}
		}
		data, err = json.Marshal(s.Chosen())
		if c := (option.Settings{}).Chosen(); len(c) > 0 {
			t.Fatalf("nothing chosen: %v", c)
		}
		chosen := option.Defaults()
		if err != nil {
			t.Fatal(err)
		}
		if err := chosen.Read(data, option.Served, true); err != nil || differ(s, chosen, option.Served) != nil {
			t.Fatalf("%v: %s: %v", err, data, differ(s, chosen, option.Served))
		}
	})
}

// TestText: what String writes, Set reads.
func TestText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, back := settings(t), option.Defaults()
		for _, o := range option.All() {
			if text := o.Value(&s).String(); text != "" {
				if err := o.Value(&back).Set(text); err != nil {
					t.Fatal(err)
				}
			}
		}
		if d := differ(s, back, 0); d != nil {
			t.Fatalf("%v differ", d)
		}
	})
}

// TestMisplaced: with a snapshot, options that it fixes are an error.
func TestMisplaced(t *testing.T) {
	for _, o := range option.All() {
		s := option.Defaults()
		for _, text := range optiontest.Samples(o) {
			_ = o.Value(&s).Set(text)
		}
		if s.Misplaced() != nil && s.Snapshot == "" {
			t.Errorf("%s is misplaced without a snapshot", o.Name)
		}
		s.Snapshot = "line4"
		if err := s.Misplaced(); (err != nil) != o.Has(option.Fixed) || err != nil && !strings.Contains(err.Error(), o.Name) {
			t.Errorf("%s: %v", o.Name, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, text := range []string{
		`[]`, `null`, `{`, `{} {}`, `{"sise": 3}`, `{"threads": 3}`, `{"size": "big"}`, `{"size": 1.5}`, `{"size": -1}`, `{"size": null}`,
		`{"radii": 3}`, `{"radii": [2]}`, `{"radii": [1,1,1,1,1,1,1,1,1]}`, `{"method": "magic"}`, `{"fdr": 1}`,
		`{"constants": {"local": 11}}`, `{"constants": {"gamma": 1}}`, `{"constants": {"same": 2}}`, `{"constants": 3}`, `{"beta": 1}`,
	} {
		s := option.Defaults()
		if err := s.Read([]byte(text), option.Served, true); !errors.Is(err, option.Err) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestCompleteRefuses(t *testing.T) {
	for name, o := range map[string]option.Options{
		"size": {Size: -1}, "grid": {Size: 64, Grid: 65}, "method": {Method: "magic"}, "one constant": {Constants: option.Constants{Neighbours: 0.3}},
		"tile, align": {Tile: 100, Align: option.AlignOn}, "tile, base": {Tile: 100, Base: 2}, "both": {Confirm: []string{"F1"}, Reject: []string{"F1"}},
		"fdr": {FDR: 1}, "rerank": {Rerank: option.RerankRsCIN},
	} {
		if _, err := option.Complete(o); !errors.Is(err, option.Err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	for name, want := range map[string]string{
		"treads": "threads", "match_radius": "match-radius", "match": "match-radius", "neighbors": "neighbours", "Seed": "seed", "xyzzy": "",
	} {
		if got := option.DidYouMean(name, nil); got != "" && want == "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
