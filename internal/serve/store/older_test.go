package store_test

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"codegraph/internal/serve/store"
)

// TestOlderHistory: a database that lost its last changes, as one whose write-ahead
// log was cut, brings no removed run back and undoes nothing that was recorded.
func TestOlderHistory(t *testing.T) {
	t.Parallel()
	check := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	start := func(s *store.Store, _ store.Run) {
		_, _, err := s.Start(t.Context())
		check(err)
	}
	end := func(s *store.Store, r store.Run) {
		start(s, r)
		check(s.End(t.Context(), r.ID, store.Outcome{Status: store.Failed, Error: "why"}))
	}
	withdraw := func(s *store.Store, r store.Run) {
		_, err := s.Withdraw(t.Context(), r.ID)
		check(err)
	}
	again := func(s *store.Store, r store.Run) {
		withdraw(s, r)
		_, err := s.Add(t.Context(), store.Run{Input: r.Input, Name: "again"}, "")
		check(err)
	}
	remove := func(s *store.Store, r store.Run) { check(s.Remove(t.Context(), r.ID)) }
	type step = func(*store.Store, store.Run)
	cases := map[string]struct {
		before, lost []step
		want         []string // name, status and note of the runs there are after
	}{
		"removed":         {[]step{withdraw}, []step{remove}, nil},
		"removed, waited": {nil, []step{withdraw, remove}, nil},
		"removed, was under way": {[]step{start}, []step{func(s *store.Store, r store.Run) {
			check(s.End(t.Context(), r.ID, store.Outcome{Status: store.Failed}))
		}, remove}, nil},
		"removed, images shared":  {[]step{again}, []step{remove}, []string{"again queued "}},
		"removed, shared, waited": {nil, []step{again, remove}, []string{"again interrupted "}},
		"ended":                   {nil, []step{end}, []string{"n failed "}},
		"withdrawn":               {nil, []step{withdraw}, []string{"n cancelled "}},
		"note": {nil, []step{func(s *store.Store, r store.Run) {
			note := "kept"
			check(s.Rename(t.Context(), r.ID, nil, &note))
		}}, []string{"n queued kept"}},
		"added": {nil, []step{func(s *store.Store, _ store.Run) { add(t, s) }}, []string{"n interrupted ", "n queued "}},
	}
	for name, tc := range cases {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			history := filepath.Join(dir, "history.db")
			s := open(t, dir)
			r := add(t, s)
			for _, do := range tc.before {
				do(s, r)
			}
			check(s.Checkpoint(t.Context()))
			earlier, err := os.ReadFile(history)
			check(err)
			for _, do := range tc.lost {
				do(s, r)
			}
			check(s.Close())
			check(os.WriteFile(history, earlier, 0o600))
			s = open(t, dir)
			runs, err := s.Runs(t.Context(), "", 10)
			check(err)
			var got []string
			for _, r := range runs {
				got = append(got, r.Name+" "+string(r.Status)+" "+r.Note)
			}
			if slices.Sort(got); !slices.Equal(got, tc.want) {
				t.Errorf("there are %q, want %q", got, tc.want)
			}
		})
	}
}

// TestOlderVersion: a database of an earlier program is taken over, its runs included.
func TestOlderVersion(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	r := add(t, s)
	if err := s.Downgrade(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	if got, err := s.Run(t.Context(), r.ID); err != nil || got.Status != store.Queued {
		t.Errorf("%+v, %v", got, err)
	}
	if ok, err := s.Withdraw(t.Context(), r.ID); !ok || err != nil {
		t.Errorf("it cannot be changed: %v, %v", ok, err)
	}
	if d, ok, err := s.NextDue(t.Context(), 0); !ok || d.Run != r.ID || err != nil {
		t.Errorf("%+v, %v, %v", d, ok, err)
	}
}
