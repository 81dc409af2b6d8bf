package store

import (
	"cmp"
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"codegraph/internal/answer"
	"codegraph/report"
)

// Status is where a run stands.
type Status string

// A run is queued, then running, then one of the others.
const (
	Queued      Status = "queued"
	Running     Status = "running"
	Done        Status = "done"
	Failed      Status = "failed"
	Cancelled   Status = "cancelled"
	Interrupted Status = "interrupted" // the server ended
)

// Over reports whether the run has ended.
func (s Status) Over() bool { return s != Queued && s != Running }

// Run is one run of the history.
type Run struct {
	ID     string `json:"id"`
	Input  string `json:"input"`  // what names its images
	Parent string `json:"parent"` // the run this one repeats; "": none
	Source string `json:"source"` // where the images are from, for people
	Name   string `json:"name"`
	Note   string `json:"note"`
	Status Status `json:"status"`
	Error  string `json:"error"`
	// Options are those of the run, as package serve understands them.
	Options  json.RawMessage `json:"options"`
	Images   int             `json:"images"`
	Skipped  int             `json:"skipped"`
	Families int             `json:"families"`
	// Verdicts counts the images by their verdict; null if they were not judged.
	Verdicts *report.Verdicts `json:"verdicts"`
	Created  time.Time        `json:"created"`
	Started  *time.Time       `json:"started"`
	Ended    *time.Time       `json:"ended"`

	revision int64 // how often it has changed
}

const columns = "id, input, parent, source, name, note, status, error, options, images, skipped, families, created, started, ended, verdicts, revision"

func scan(row interface{ Scan(...any) error }) (Run, error) {
	var r Run
	var options, verdicts string
	var created, started, ended int64
	err := row.Scan(&r.ID, &r.Input, &r.Parent, &r.Source, &r.Name, &r.Note, &r.Status, &r.Error, &options,
		&r.Images, &r.Skipped, &r.Families, &created, &started, &ended, &verdicts, &r.revision)
	r.Options = json.RawMessage(options)
	if verdicts != "" && err == nil {
		r.Verdicts = new(report.Verdicts)
		err = json.Unmarshal([]byte(verdicts), r.Verdicts)
	}
	r.Created = time.UnixMilli(created).UTC()
	r.Started, r.Ended = moment(started), moment(ended)
	return r, err
}

func moment(ms int64) *time.Time {
	if ms == 0 {
		return nil
	}
	t := time.UnixMilli(ms).UTC()
	return &t
}

// Add puts a run into the queue. Of r, Name, Note, Parent, Source, Options and
// Images count. staged is a folder made by Stage, which becomes the run's
// input; "" if r.Input is that of an earlier run. said is what is known of new images.
func (s *Store) Add(ctx context.Context, r Run, staged string, said ...answer.Step) (Run, error) {
	now := time.Now()
	r.ID = newID(now)
	if staged != "" {
		r.Input = newID(now)
		if err := os.Rename(staged, filepath.Join(s.dir, inputsDir, r.Input)); err != nil {
			return Run{}, fmt.Errorf("keep the images: %w", err)
		}
	}
	err := s.change(ctx, func(tx *sql.Tx) error {
		var waiting int
		if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM runs WHERE status = ?", Queued).Scan(&waiting); err != nil {
			return err
		}
		if waiting >= s.MaxWaiting && s.MaxWaiting > 0 {
			return fmt.Errorf("%d runs are waiting: %w", waiting, ErrQueueFull)
		}
		if staged == "" {
			var n int
			if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM runs WHERE input = ?", r.Input).Scan(&n); err != nil {
				return err
			}
			if n == 0 {
				return fmt.Errorf("the images of the run: %w", ErrNotFound)
			}
		}
		_, err := tx.ExecContext(ctx, "INSERT INTO runs ("+columns+") VALUES (?, ?, ?, ?, ?, ?, ?, '', ?, ?, 0, 0, ?, 0, 0, '', 0)",
			r.ID, r.Input, r.Parent, r.Source, r.Name, r.Note, Queued, cmp.Or(string(r.Options), "{}"), r.Images, now.UnixMilli())
		if err != nil {
			return err
		}
		if len(said) > 0 {
			if err := s.writeJSON(r.Input+answersSuffix, said); err != nil {
				return err
			}
		}
		// Before the commit: a run of the database that has no record was removed.
		if r, err = scan(tx.QueryRowContext(ctx, "SELECT "+columns+" FROM runs WHERE id = ?", r.ID)); err != nil {
			return err
		}
		return s.writeJSON(r.ID+recordSuffix, record{r, r.revision})
	})
	if err != nil {
		os.Remove(filepath.Join(s.dir, recordsDir, r.ID+recordSuffix))
		if len(said) > 0 {
			os.Remove(filepath.Join(s.dir, recordsDir, r.Input+answersSuffix))
		}
		if staged != "" { // back to where it is the caller's to remove
			err = errors.Join(err, os.Rename(filepath.Join(s.dir, inputsDir, r.Input), staged))
		}
		return Run{}, fmt.Errorf("add the run: %w", err)
	}
	s.keep(ctx)
	return r, nil
}

// Run returns one run.
func (s *Store) Run(ctx context.Context, id string) (Run, error) {
	r, err := scan(s.db.QueryRowContext(ctx, "SELECT "+columns+" FROM runs WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return Run{}, fmt.Errorf("run %q: %w", id, ErrNotFound)
	}
	return r, err
}

// Runs lists at most limit runs, the latest first; those before the run of
// that name, unless it is "".
func (s *Store) Runs(ctx context.Context, before string, limit int) ([]Run, error) {
	if before == "" {
		return s.list(ctx, "ORDER BY seq DESC LIMIT ?", limit)
	}
	return s.list(ctx, "WHERE seq < (SELECT seq FROM runs WHERE id = ?) ORDER BY seq DESC LIMIT ?", before, limit)
}

func (s *Store) list(ctx context.Context, where string, args ...any) ([]Run, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT "+columns+" FROM runs "+where, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	runs := []Run{}
	for rows.Next() {
		r, err := scan(rows)
		if err != nil {
			return nil, err
		}
		runs = append(runs, r)
	}
	return runs, rows.Err()
}

// Waiting counts the runs in the queue.
func (s *Store) Waiting(ctx context.Context) (n int, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT count(*) FROM runs WHERE status = ?", Queued).Scan(&n)
	return n, err
}

// Start takes the first run of the queue; ok is false if there is none.
func (s *Store) Start(ctx context.Context) (r Run, ok bool, err error) {
	err = s.change(ctx, func(tx *sql.Tx) error {
		r, err = scan(tx.QueryRowContext(ctx, "SELECT "+columns+" FROM runs WHERE status = ? ORDER BY seq LIMIT 1", Queued))
		if errors.Is(err, sql.ErrNoRows) {
			return nil
		}
		if err != nil {
			return err
		}
		ok = true
		now := time.Now()
		r.Status, r.Started = Running, moment(now.UnixMilli())
		_, err = tx.ExecContext(ctx, "UPDATE runs SET status = ?, started = ?, revision = revision + 1 WHERE id = ?", Running, now.UnixMilli(), r.ID)
		return err
	})
	return r, ok, err
}

// Outcome is how a run ended.
type Outcome struct {
	Status                    Status
	Error                     string
	Images, Skipped, Families int // of a run that is done
	Verdicts                  *report.Verdicts
}

// Finished is the outcome of a run with these results.
func Finished(doc *report.Document) Outcome {
	o := Outcome{Status: Done, Images: doc.Counts.Images, Skipped: len(doc.Skipped), Families: len(doc.Families)}
	if doc.Verdicts != (report.Verdicts{}) {
		o.Verdicts = &doc.Verdicts
	}
	return o
}

// encodeVerdicts is how the database has them.
func encodeVerdicts(v *report.Verdicts) string {
	if v == nil {
		return ""
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

// Judged notes the verdicts of a run that is done, after answers.
func (s *Store) Judged(ctx context.Context, id string, v report.Verdicts) error {
	err := s.change(ctx, func(tx *sql.Tx) error {
		res, err := tx.ExecContext(ctx, "UPDATE runs SET verdicts = ?, revision = revision + 1 WHERE id = ? AND status = ?", encodeVerdicts(&v), id, Done)
		if err := one(res, err, "run "+id); err != nil {
			return err
		}
		return tell(ctx, tx, "judged", id)
	})
	if err == nil {
		s.keep(ctx, id)
	}
	return err
}

// End notes how a running run ended.
func (s *Store) End(ctx context.Context, id string, o Outcome) error {
	err := s.withReserve(func() error {
		return s.change(ctx, func(tx *sql.Tx) error {
			res, err := tx.ExecContext(ctx, `UPDATE runs SET status = ?, error = ?, ended = ?,
			images = CASE WHEN ? > 0 THEN ? ELSE images END, skipped = ?, families = ?, verdicts = ?, revision = revision + 1 WHERE id = ? AND status = ?`,
				o.Status, o.Error, time.Now().UnixMilli(), o.Images, o.Images, o.Skipped, o.Families, encodeVerdicts(o.Verdicts), id, Running)
			if err := one(res, err, "run "+id); err != nil {
				return err
			}
			return tell(ctx, tx, string(o.Status), id)
		})
	})
	if err == nil {
		s.keep(ctx, id)
	}
	return err
}

// Withdraw takes a run out of the queue; ok is false if it was not in it.
func (s *Store) Withdraw(ctx context.Context, id string) (ok bool, err error) {
	err = s.withReserve(func() error {
		return s.change(ctx, func(tx *sql.Tx) error {
			res, err := tx.ExecContext(ctx, "UPDATE runs SET status = ?, ended = ?, revision = revision + 1 WHERE id = ? AND status = ?", Cancelled, time.Now().UnixMilli(), id, Queued)
			if err != nil {
				return err
			}
			n, err := res.RowsAffected()
			if ok = n > 0; err != nil || !ok {
				return err
			}
			return tell(ctx, tx, string(Cancelled), id)
		})
	})
	if err == nil && ok {
		s.keep(ctx, id)
	}
	return ok && err == nil, err
}

// Rename changes a run's name and note, nil for unchanged.
func (s *Store) Rename(ctx context.Context, id string, name, note *string) error {
	res, err := s.db.ExecContext(ctx, "UPDATE runs SET name = coalesce(?, name), note = coalesce(?, note), revision = revision + 1 WHERE id = ?", name, note, id)
	if err := one(res, err, "run "+id); err != nil {
		return err
	}
	s.keep(ctx, id)
	return nil
}

func one(res sql.Result, err error, what string) error {
	if err != nil {
		return fmt.Errorf("%s: %w", what, described(err))
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return errors.Join(err, fmt.Errorf("%s: %w", what, ErrNotFound))
	}
	return nil
}

// Remove removes a run that is over, with its output, and its images and
// answers if no other run has them. Its folders first go to staging, from where
// nothing comes back; on a full disk it takes the space of the reserve.
func (s *Store) Remove(ctx context.Context, id string) error {
	var moved []move
	err := s.withReserve(func() error {
		err := s.change(ctx, func(tx *sql.Tx) (err error) {
			moved, err = s.remove(ctx, tx, id)
			return err
		})
		if err != nil {
			undo(moved)
			moved = nil
		}
		return err
	})
	if err != nil {
		return err
	}
	// What a failure leaves here, the next Open removes.
	for _, m := range moved {
		err = errors.Join(err, os.RemoveAll(m.to))
	}
	s.keepReserve()
	return err
}

// move is a file or folder that was renamed.
type move struct{ from, to string }

// undo puts them back.
func undo(moved []move) {
	for _, m := range moved {
		os.Rename(m.to, m.from)
	}
}

// remove takes a run out of the database and moves what belongs to it away.
func (s *Store) remove(ctx context.Context, tx *sql.Tx, id string) (moved []move, err error) {
	r, err := scan(tx.QueryRowContext(ctx, "SELECT "+columns+" FROM runs WHERE id = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return nil, fmt.Errorf("run %q: %w", id, ErrNotFound)
	}
	if err != nil {
		return nil, err
	}
	if !r.Status.Over() {
		return nil, fmt.Errorf("run %s: %w: cancel it first", id, ErrBusy)
	}
	if _, err := tx.ExecContext(ctx, "DELETE FROM runs WHERE id = ?", id); err != nil {
		return nil, err
	}
	var others int
	if err := tx.QueryRowContext(ctx, "SELECT count(*) FROM runs WHERE input = ?", r.Input).Scan(&others); err != nil {
		return nil, err
	}
	// The record first: with it a run that a kill leaves half moved would be thought whole.
	belongs := []string{filepath.Join(recordsDir, r.ID+recordSuffix), filepath.Join(runsDir, r.ID)}
	if others == 0 {
		if _, err := tx.ExecContext(ctx, "DELETE FROM labels WHERE input = ?", r.Input); err != nil {
			return nil, err
		}
		belongs = append(belongs, filepath.Join(inputsDir, r.Input), filepath.Join(recordsDir, r.Input+labelsSuffix), filepath.Join(recordsDir, r.Input+answersSuffix))
	}
	for _, b := range belongs {
		m := move{filepath.Join(s.dir, b), filepath.Join(s.dir, stagingDir, newID(time.Now()))}
		if err := os.Rename(m.from, m.to); err == nil {
			moved = append(moved, m)
		} else if !errors.Is(err, fs.ErrNotExist) {
			return moved, err
		}
	}
	return moved, nil
}
