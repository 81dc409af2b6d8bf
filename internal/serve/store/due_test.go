package store_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"codegraph/internal/serve/store"
)

// TestDue: whatever ends a run is an event that waits until it was told of, a server
// that was killed included.
func TestDue(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	withdrawn, done, killed := add(t, s), add(t, s), add(t, s)
	if ok, err := s.Withdraw(t.Context(), withdrawn.ID); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if _, _, err := s.Start(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := s.End(t.Context(), done.ID, store.Outcome{Status: store.Failed}); err != nil {
		t.Fatal(err)
	}
	if _, _, err := s.Start(t.Context()); err != nil { // and no more of killed
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir)
	var got []string
	var last int64
	for {
		d, ok, err := s.NextDue(t.Context(), last)
		if err != nil {
			t.Fatal(err)
		}
		if !ok {
			break
		}
		got, last = append(got, d.Event+" "+d.Run), d.Seq
	}
	if want := []string{"run.cancelled " + withdrawn.ID, "run.failed " + done.ID, "run.interrupted " + killed.ID}; !slices.Equal(got, want) {
		t.Errorf("due are %q, want %q", got, want)
	}
	if err := s.Told(t.Context(), last); err != nil {
		t.Fatal(err)
	}
	if d, ok, err := s.NextDue(t.Context(), 0); ok || err != nil {
		t.Errorf("%+v is due after all were told of, %v", d, err)
	}
}

// TestLateRecord: a change whose record cannot be written is made, and recorded when
// that is possible again.
func TestLateRecord(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := open(t, dir)
	r := add(t, s)
	file := filepath.Join(dir, "records", r.ID+".json")
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(file, 0o700); err != nil { // nothing can be written in its place
		t.Fatal(err)
	}
	if ok, err := s.Withdraw(t.Context(), r.ID); !ok || err != nil {
		t.Fatalf("Withdraw: %v, %v", ok, err)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	recorded := func(id string) (kept store.Run) {
		data, err := os.ReadFile(filepath.Join(dir, "records", id+".json"))
		if err == nil {
			err = json.Unmarshal(data, &kept)
		}
		if err != nil {
			t.Error(err)
		}
		return kept
	}
	add(t, s)
	if got := recorded(r.ID); got.Status != store.Cancelled {
		t.Errorf("after the next change the record says %q", got.Status)
	}
	if err := os.Remove(file); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	open(t, dir)
	if got := recorded(r.ID); got.Status != store.Cancelled {
		t.Errorf("after the next start the record says %q", got.Status)
	}
}
