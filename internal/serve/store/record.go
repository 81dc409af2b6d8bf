package store

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"codegraph/internal/atomicfile"
)

// recordsDir holds a copy of what the database knows, a file a run, so that a database that is lost, older or damaged
// costs nothing: Open takes up again what it does not know.
const recordsDir = "records"

const (
	recordSuffix = ".json"
	labelsSuffix = ".labels.json" // of earlier versions
)

// record is a run as recordsDir has it. The newer of two records of a run has
// changed more often.
type record struct {
	Run
	Revision int64 `json:"revision"`
}

// keep copies runs beside the database, and those of which that failed before.
// It is a copy: where the disk is full it is made later, by the next Open if need be.
func (s *Store) keep(ctx context.Context, ids ...string) {
	s.recording.Lock()
	defer s.recording.Unlock()
	for _, id := range ids {
		s.late[id] = true
	}
	for id := range s.late {
		if err := s.writeRecord(ctx, id); err == nil || errors.Is(err, ErrNotFound) {
			delete(s.late, id)
		}
	}
}

// writeRecord copies a run beside the database.
func (s *Store) writeRecord(ctx context.Context, id string) error {
	r, err := s.Run(ctx, id)
	if err != nil {
		return err
	}
	return s.writeJSON(id+recordSuffix, record{r, r.revision})
}

func (s *Store) writeJSON(name string, v any) error {
	return atomicfile.Write(filepath.Join(s.dir, recordsDir, name), func(w io.Writer) error {
		return json.NewEncoder(w).Encode(v)
	})
}

func (s *Store) readJSON(name string, v any) error {
	data, err := os.ReadFile(filepath.Join(s.dir, recordsDir, name))
	if err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}

// adopt enters into the database what lies on the disk and is not in it: runs and
// changes of which there is a record, outputs without one, and images without a run.
// Of runs that were removed it knows nothing any more.
func (s *Store) adopt(ctx context.Context) error {
	runs, err := s.list(ctx, "")
	if err != nil {
		return err
	}
	recorded, err := s.recorded()
	if err != nil {
		return err
	}
	known, having := map[string]bool{}, map[string]int{}
	for _, r := range append(recorded, runs...) {
		if !known[r.ID] {
			having[r.Input]++
		}
		known[r.ID] = true
	}
	clear(known)
	for _, r := range runs {
		kept, err := s.recordOf(r.ID)
		switch {
		case err == nil && kept.revision > r.revision:
			if err := s.takeUp(ctx, kept); err != nil {
				return fmt.Errorf("take up run %s: %w", r.ID, err)
			}
			s.remark("took up run %s as it was recorded, which the history had lost", r.ID)
		case errors.Is(err, fs.ErrNotExist) && s.wasRemoved(r, having[r.Input] > 1):
			having[r.Input]--
			if _, err := s.db.ExecContext(ctx, "DELETE FROM runs WHERE id = ?", r.ID); err != nil {
				return err
			}
			s.remark("dropped run %s, of which nothing is left: it had been removed", r.ID)
			continue
		case err != nil || kept.revision < r.revision:
			s.keep(ctx, r.ID)
		}
		known[r.ID], known[r.Input] = true, true
	}
	again := func() ([]Run, error) { return recorded, nil }
	images := func() ([]Run, error) { return s.images(known) }
	for _, find := range []func() ([]Run, error){again, s.outputs, images} {
		found, err := find()
		if err != nil {
			return err
		}
		for _, r := range found {
			if known[r.ID] {
				continue
			}
			if err := s.takeUp(ctx, r); err != nil {
				return fmt.Errorf("take up run %s: %w", r.ID, err)
			}
			known[r.ID], known[r.Input] = true, true
			s.remark("took up run %s again, which the history did not know", r.ID)
		}
	}
	return nil
}

// wasRemoved reports whether a run that the database knows, and that has no record, was
// removed: the database has lost that change, or a kill came before it. Nothing of it
// is left but its images, if other runs have them.
func (s *Store) wasRemoved(r Run, shared bool) bool {
	if s.has(runsDir, r.ID) {
		return false
	}
	return r.Status == Done || !s.has(inputsDir, r.Input) || shared && !s.noRecords
}

// recordOf reads the record of a run.
func (s *Store) recordOf(id string) (Run, error) {
	var kept record
	if err := s.readJSON(id+recordSuffix, &kept); err != nil {
		return Run{}, err
	}
	if kept.ID != id || !validID(kept.Input) {
		return Run{}, errors.New("it is of another run")
	}
	kept.revision = kept.Revision
	return kept.Run, nil
}

// recorded lists the runs that have a record and images or an output.
func (s *Store) recorded() ([]Run, error) {
	names, err := s.entries(recordsDir)
	if err != nil {
		return nil, err
	}
	var runs []Run
	for _, name := range names {
		id, ok := strings.CutSuffix(name, recordSuffix)
		if !ok || !validID(id) {
			continue
		}
		r, err := s.recordOf(id)
		if err != nil {
			s.remark("record %s cannot be read and is passed over", name)
			continue
		}
		if s.has(inputsDir, r.Input) || s.has(runsDir, r.ID) {
			runs = append(runs, s.settled(r))
		}
	}
	return runs, nil
}

// outputs lists the outputs as runs of which nothing else is known.
func (s *Store) outputs() ([]Run, error) {
	ids, err := s.entries(runsDir)
	if err != nil {
		return nil, err
	}
	var runs []Run
	for _, id := range ids {
		if validID(id) {
			runs = append(runs, s.settled(Run{ID: id, Input: s.inputOf(id), Name: "found again", Source: "unknown"}))
		}
	}
	return runs, nil
}

// images lists the inputs that are not known, which no run has, as runs that wait to
// be done again.
func (s *Store) images(known map[string]bool) ([]Run, error) {
	ids, err := s.entries(inputsDir)
	if err != nil {
		return nil, err
	}
	var found []Run
	for _, id := range ids {
		if !validID(id) || known[id] {
			continue
		}
		found = append(found, Run{ID: newID(idMoment(id)), Input: id, Name: "found again", Source: "unknown", Status: Interrupted, Error: "the history did not know these images: run them again", Created: idMoment(id)})
	}
	return found, nil
}

// settled is a run that nobody works on: done if its output is whole.
func (s *Store) settled(r Run) Run {
	if r.Created.IsZero() {
		r.Created = idMoment(r.ID)
	}
	if doc, err := s.Document(r.ID); err == nil {
		o := Finished(doc)
		r.Status, r.Error, r.Images, r.Skipped, r.Families, r.Verdicts = o.Status, "", o.Images, o.Skipped, o.Families, o.Verdicts
	} else if !r.Status.Over() || r.Status == "" || r.Status == Done {
		r.Status, r.Error = Interrupted, "the history had lost this run"
	}
	return r
}

// inputOf finds out which images an output is of, by the paths in it.
func (s *Store) inputOf(run string) string {
	if doc, err := s.Document(run); err == nil {
		for _, im := range doc.Images {
			for _, part := range strings.Split(filepath.ToSlash(im.Path), "/") {
				if validID(part) && s.has(inputsDir, part) {
					return part
				}
			}
		}
	}
	return run // no input has the name of a run: its images are gone
}

// takeUp enters a run, in the place of what was known of it.
func (s *Store) takeUp(ctx context.Context, r Run) error {
	ms := func(t *time.Time) int64 {
		if t == nil {
			return 0
		}
		return t.UnixMilli()
	}
	const again = ` ON CONFLICT (id) DO UPDATE SET name = excluded.name, note = excluded.note, status = excluded.status, error = excluded.error,
		images = excluded.images, skipped = excluded.skipped, families = excluded.families, started = excluded.started, ended = excluded.ended,
		verdicts = excluded.verdicts, revision = excluded.revision`
	if len(r.Options) == 0 {
		r.Options = []byte("{}")
	}
	err := s.change(ctx, func(tx *sql.Tx) error {
		_, err := tx.ExecContext(ctx, "INSERT INTO runs ("+columns+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"+again,
			r.ID, r.Input, r.Parent, r.Source, r.Name, r.Note, r.Status, r.Error, string(r.Options), r.Images, r.Skipped, r.Families, r.Created.UnixMilli(), ms(r.Started), ms(r.Ended), encodeVerdicts(r.Verdicts), r.revision)
		return err
	})
	if err != nil {
		return err
	}
	s.keep(ctx, r.ID)
	return nil
}

// entries lists the names in a folder of the store.
func (s *Store) entries(sub string) ([]string, error) {
	entries, err := os.ReadDir(filepath.Join(s.dir, sub))
	if err != nil {
		return nil, err
	}
	names := make([]string, len(entries))
	for i, e := range entries {
		names[i] = e.Name()
	}
	return names, nil
}

func (s *Store) has(sub, id string) bool {
	_, err := os.Stat(filepath.Join(s.dir, sub, id))
	return err == nil
}

// idMoment is the time in an ID.
func idMoment(id string) time.Time {
	t, err := time.Parse(idTime, id[:len(idTime)])
	if err != nil {
		return time.Unix(0, 0).UTC()
	}
	return t
}
