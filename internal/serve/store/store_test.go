package store_test

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codegraph/internal/serve/store"
)

func open(t *testing.T, dir string) *store.Store {
	t.Helper()
	s, err := store.Open(t.Context(), dir)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { s.Close() })
	return s
}

// add queues a run with an image.
func add(t *testing.T, s *store.Store) store.Run {
	t.Helper()
	dir, discard, err := s.Stage()
	if err != nil {
		t.Fatal(err)
	}
	defer discard()
	if err := os.WriteFile(filepath.Join(dir, "a.png"), []byte("x"), 0o600); err != nil {
		t.Fatal(err)
	}
	r, err := s.Add(t.Context(), store.Run{Name: "n", Images: 1}, dir)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func TestQueueOrder(t *testing.T) {
	s := open(t, t.TempDir())
	a, b := add(t, s), add(t, s)
	if ok, err := s.Withdraw(t.Context(), a.ID); !ok || err != nil {
		t.Errorf("Withdraw: %v, %v", ok, err)
	}
	r, ok, err := s.Start(t.Context())
	if err != nil || !ok || r.ID != b.ID || r.Status != store.Running {
		t.Errorf("Start: %+v, %v, %v", r, ok, err)
	}
	if ok, err := s.Withdraw(t.Context(), b.ID); ok || err != nil {
		t.Errorf("Withdraw of one that runs: %v, %v", ok, err)
	}
	if _, ok, err := s.Start(t.Context()); ok || err != nil {
		t.Errorf("Start of an empty queue: %v, %v", ok, err)
	}
	if err := s.Remove(t.Context(), b.ID); !errors.Is(err, store.ErrBusy) {
		t.Errorf("Remove of one that runs: %v", err)
	}
	if err := s.End(t.Context(), a.ID, store.Outcome{Status: store.Done}); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("End of one that does not run: %v", err)
	}
}

// TestSweep: Open removes what nobody refers to, and nothing else.
func TestSweep(t *testing.T) {
	dir := t.TempDir()
	s := open(t, dir)
	r := add(t, s)
	left, _, err := s.Stage()
	if err != nil {
		t.Fatal(err)
	}
	orphan := filepath.Join(dir, "inputs", filepath.Base(left))
	mine := filepath.Join(dir, "inputs", "holiday photos")
	for _, d := range []string{orphan, mine} {
		if err := os.Mkdir(d, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	kept, err := s.InputDir(r.Input)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]bool{left: false, orphan: false, mine: true, filepath.Join(kept, "a.png"): true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: there %v, want %v", path, err == nil, want)
		}
	}
}

func TestExclusive(t *testing.T) {
	dir := t.TempDir()
	open(t, dir)
	if s, err := store.Open(t.Context(), dir); err == nil {
		s.Close()
		t.Error("two servers on one folder")
	} else if !strings.Contains(err.Error(), "another server uses it") {
		t.Errorf("%v", err)
	}
}

func TestNames(t *testing.T) {
	s := open(t, t.TempDir())
	for _, id := range []string{"", ".", "..", "../x", "20260101-000000-ABCDEFGH", "20260101-000000-abcdefg/", "20269901-000000-abcdefgh", "x"} {
		if dir, err := s.OutputDir(id); !errors.Is(err, store.ErrNotFound) {
			t.Errorf("OutputDir(%q) = %q, %v", id, dir, err)
		}
	}
	r := add(t, s)
	if dir, err := s.OutputDir(r.ID); err != nil || filepath.Base(dir) != r.ID {
		t.Errorf("OutputDir(%q) = %q, %v", r.ID, dir, err)
	}
	if _, err := s.Add(t.Context(), store.Run{Input: "20260101-000000-abcdefgh"}, ""); !errors.Is(err, store.ErrNotFound) {
		t.Errorf("a run of no images: %v", err)
	}
}

func TestWatched(t *testing.T) {
	s := open(t, t.TempDir())
	for _, marks := range []map[string]string{{"a": "1", "b": "1"}, {"a": "2"}} {
		if err := s.SetWatched(t.Context(), marks); err != nil {
			t.Fatal(err)
		}
	}
	got, err := s.Watched(t.Context())
	if err != nil || len(got) != 2 || got["a"] != "2" || got["b"] != "1" {
		t.Errorf("%v, %v", got, err)
	}
}

func TestPages(t *testing.T) {
	s := open(t, t.TempDir())
	var ids []string
	for range 5 {
		ids = append(ids, add(t, s).ID)
	}
	slices.Reverse(ids)
	var got []string
	for before := ""; ; {
		runs, err := s.Runs(t.Context(), before, 2)
		if err != nil {
			t.Fatal(err)
		}
		if len(runs) == 0 {
			break
		}
		for _, r := range runs {
			got = append(got, r.ID)
		}
		before = got[len(got)-1]
	}
	if !slices.Equal(got, ids) {
		t.Errorf("pages %q, want %q", got, ids)
	}
}
