package option

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// notOptions are the fields that have no name on a command line: what a run is
// given, and what it reports to.
var notOptions = []string{"Options.Backbone", "Options.References", "Options.Cache", "Options.KeepIntermediates", "Options.Evidence", "Options.Progress", "Options.Planned"}

// TestEveryField: the table has each field of Settings once.
func TestEveryField(t *testing.T) {
	var s Settings
	at := map[uintptr]string{}
	for _, o := range table {
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
			case slices.Contains(notOptions, name):
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
func pointer(o Option, s *Settings) uintptr {
	return reflect.ValueOf(o.Value(s)).Elem().FieldByName("p").Pointer()
}

// TestTable: names are words that flags, TOML and JSON can have, defaults are
// allowed, and texts are texts.
func TestTable(t *testing.T) {
	seen := map[string]bool{}
	for _, o := range table {
		if seen[o.Name] || strings.Trim(o.Name, "abcdefghijklmnopqrstuvwxyz-") != "" {
			t.Errorf("name %q", o.Name)
		}
		seen[o.Name] = true
		if o.Usage == "" || o.Allowed() == "" || !slices.Contains(Groups(), o.Group) {
			t.Errorf("%s: usage %q, values %q, group %q", o.Name, o.Usage, o.Allowed(), o.Group)
		}
		s := Defaults()
		if err := o.Value(&s).Check(); err != nil {
			t.Errorf("the default: %v", err)
		}
		if o.Has(Fixed) && !o.Has(Recorded) {
			t.Errorf("%s is fixed by a snapshot, and results.json does not tell it", o.Name)
		}
	}
}

// settings draws settings: each option at its default or another value.
func settings(t *rapid.T) Settings {
	s := Defaults()
	for _, o := range table {
		texts := append([]string{"2", "3", "64", "0.25", "0.5", "1.5", "true", "F1"}, o.Choices()...)
		if rapid.Bool().Draw(t, "set "+o.Name) {
			_ = o.Value(&s).Set(rapid.SampledFrom(texts).Draw(t, o.Name)) // some may not be
		}
	}
	return s
}

// differ says in which of the options with traits two settings differ.
func differ(a, b Settings, t Traits) (names []string) {
	for _, o := range table {
		if o.Has(t) && o.changed(&a, &b) {
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
		back := Defaults()
		if err != nil || json.Unmarshal(data, &back) != nil || differ(s, back, Recorded) != nil {
			t.Fatalf("%v: %s: %v", err, data, differ(s, back, Recorded))
		}
		kept := Keep(s.Options)
		data, err = json.Marshal(kept)
		var again Kept
		if err != nil || json.Unmarshal(data, &again) != nil {
			t.Fatalf("%v: %s", err, data)
		}
		free := settings(t)
		fixed := Settings{Options: again.Fix(free.Options)}
		if d := differ(s, fixed, Fixed); d != nil {
			t.Fatalf("not fixed: %v", d)
		}
		for _, name := range differ(Settings{Options: free.Options}, fixed, 0) {
			if o, _ := Lookup(name); !o.Has(Fixed) {
				t.Fatalf("%s is fixed", name)
			}
		}
		data, err = json.Marshal(s.Chosen())
		if c := (Settings{}).Chosen(); len(c) > 0 {
			t.Fatalf("nothing chosen: %v", c)
		}
		chosen := Defaults()
		if err != nil {
			t.Fatal(err)
		}
		if err := chosen.Read(data, Served, true); err != nil || differ(s, chosen, Served) != nil {
			t.Fatalf("%v: %s: %v", err, data, differ(s, chosen, Served))
		}
	})
}

// TestText: what String writes, Set reads.
func TestText(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, back := settings(t), Defaults()
		for _, o := range table {
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
	for _, o := range table {
		s := Defaults()
		for _, text := range append([]string{"2", "3", "64", "0.5", "0.25", "1.5", "true", "F1"}, o.Choices()...) {
			_ = o.Value(&s).Set(text)
		}
		if s.Misplaced() != nil && s.Snapshot == "" {
			t.Errorf("%s is misplaced without a snapshot", o.Name)
		}
		s.Snapshot = "line4"
		if err := s.Misplaced(); (err != nil) != o.Has(Fixed) || err != nil && !strings.Contains(err.Error(), o.Name) {
			t.Errorf("%s: %v", o.Name, err)
		}
	}
}

func TestReadRefuses(t *testing.T) {
	for _, text := range []string{
		`[]`, `null`, `{`, `{} {}`, `{"sise": 3}`, `{"threads": 3}`, `{"size": "big"}`, `{"size": 1.5}`, `{"size": -1}`, `{"size": null}`,
		`{"radii": 3}`, `{"radii": [2]}`, `{"radii": [1,1,1,1,1,1,1,1,1]}`, `{"method": "magic"}`, `{"fdr": 1}`,
		`{"constants": {"local": 11}}`, `{"constants": {"gamma": 1}}`, `{"constants": {"min-members": 0}}`, `{"constants": 3}`, `{"beta": 1}`,
	} {
		s := Defaults()
		if err := s.Read([]byte(text), Served, true); !errors.Is(err, Err) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestCompleteRefuses(t *testing.T) {
	for name, o := range map[string]Options{
		"size": {Size: -1}, "grid": {Size: 64, Grid: 65}, "method": {Method: "magic"}, "one constant": {Constants: Constants{Neighbours: 0.3}},
		"tile, align": {Tile: 100, Align: AlignOn}, "tile, base": {Tile: 100, Base: 2}, "both": {Confirm: []string{"F1"}, Reject: []string{"F1"}},
		"fdr": {FDR: 1}, "rerank": {Rerank: RerankRsCIN},
	} {
		if _, err := Complete(o); !errors.Is(err, Err) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestDidYouMean(t *testing.T) {
	for name, want := range map[string]string{
		"treads": "threads", "match_radius": "match-radius", "match": "match-radius", "neighbors": "neighbours", "Seed": "seed", "xyzzy": "",
	} {
		if got := DidYouMean(name, nil); got != "" && want == "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
}
