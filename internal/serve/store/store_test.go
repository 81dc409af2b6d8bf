package store_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codegraph/internal/answer"
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
	t.Parallel()
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

// TestSweep: Open removes what is left in staging, and nothing else; images of
// which the history knows nothing become a run.
func TestSweep(t *testing.T) {
	t.Parallel()
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
	for path, want := range map[string]bool{left: false, orphan: true, mine: true, filepath.Join(kept, "a.png"): true} {
		if _, err := os.Stat(path); (err == nil) != want {
			t.Errorf("%s: there %v, want %v", path, err == nil, want)
		}
	}
	runs, err := s.Runs(t.Context(), "", 10)
	if err != nil || len(runs) != 2 || !slices.ContainsFunc(runs, func(r store.Run) bool { return r.Input == filepath.Base(orphan) && r.Status == store.Interrupted }) {
		t.Errorf("runs %+v, %v", runs, err)
	}
	if len(s.Remarks()) != 2 {
		t.Errorf("remarks %q", s.Remarks())
	}
}

// TestLostDatabase: whatever happens to the database, no image, output, name or
// answer is lost.
func TestLostDatabase(t *testing.T) {
	for name, harm := range map[string]func(t *testing.T, dir, older string){
		"removed": func(t *testing.T, dir, _ string) {
			for _, f := range []string{"history.db", "history.db-wal"} {
				if err := os.Remove(filepath.Join(dir, f)); err != nil && !errors.Is(err, fs.ErrNotExist) {
					t.Fatal(err)
				}
			}
		},
		"older": func(t *testing.T, dir, older string) {
			data, err := os.ReadFile(older)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(filepath.Join(dir, "history.db"), data, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := t.TempDir()
			s := open(t, dir)
			a := add(t, s)
			older := filepath.Join(t.TempDir(), "older.db")
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			data, err := os.ReadFile(filepath.Join(dir, "history.db"))
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(older, data, 0o600); err != nil {
				t.Fatal(err)
			}
			s = open(t, dir)
			b := add(t, s)
			text := "line 4"
			if err := s.Rename(t.Context(), b.ID, &text, nil); err != nil {
				t.Fatal(err)
			}
			if err := s.Say(t.Context(), b.Input, answer.Step{Image: &answer.Image{Name: "a.png", Answer: answer.Bad}}); err != nil {
				t.Fatal(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			harm(t, dir, older)
			s = open(t, dir)
			for _, r := range []store.Run{a, b} {
				in, err := s.InputDir(r.Input)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := os.Stat(filepath.Join(in, "a.png")); err != nil {
					t.Error(err)
				}
				if _, err := s.Run(t.Context(), r.ID); err != nil {
					t.Error(err)
				}
			}
			if r, err := s.Run(t.Context(), b.ID); err != nil || r.Name != text || r.Input != b.Input {
				t.Errorf("%+v, %v", r, err)
			}
			if steps, err := s.Steps(t.Context(), b.Input); err != nil || len(steps) != 1 || steps[0].Image.Answer != answer.Bad {
				t.Errorf("answers %v, %v", steps, err)
			}
			if err := s.Remove(t.Context(), b.ID); err != nil {
				t.Error(err)
			}
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s = open(t, dir); len(s.Remarks()) > 0 {
				t.Errorf("what was removed comes back: %q", s.Remarks())
			}
		})
	}
}

// TestQueueFull: no way into the queue passes its bound.
func TestQueueFull(t *testing.T) {
	t.Parallel()
	s := open(t, t.TempDir())
	s.MaxWaiting = 2
	r := add(t, s)
	if _, err := s.Add(t.Context(), store.Run{Input: r.Input}, ""); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Add(t.Context(), store.Run{Input: r.Input}, ""); !errors.Is(err, store.ErrQueueFull) {
		t.Errorf("a third run: %v", err)
	}
	dir, discard, err := s.Stage()
	if err != nil {
		t.Fatal(err)
	}
	defer discard()
	if _, err := s.Add(t.Context(), store.Run{}, dir); !errors.Is(err, store.ErrQueueFull) {
		t.Errorf("images for a third run: %v", err)
	}
	if _, err := os.Stat(dir); err != nil {
		t.Errorf("the images are no longer the caller's: %v", err)
	}
}

func TestExclusive(t *testing.T) {
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
	t.Parallel()
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
