package store

import (
	"context"
	"crypto/rand"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"codegraph/internal/outdir"
	"codegraph/report"

	_ "modernc.org/sqlite" // SQLite without cgo
)

// ErrNotFound is wrapped by errors about what is not in the history.
var ErrNotFound = errors.New("not in the history")

// ErrQueueFull is wrapped by the error of Add where MaxWaiting runs wait already.
var ErrQueueFull = errors.New("the queue is full: try again later")

// ErrBusy is wrapped by errors about a run whose state forbids the change.
var ErrBusy = errors.New("the run is not over")

const (
	databaseName = "history.db"
	inputsDir    = "inputs"
	runsDir      = "runs"
	stagingDir   = "staging"
)

// schema is that of version 1 of the database; upgrade makes version 2 of it, and
// dueSchema version 3.
const schema = `
CREATE TABLE runs (
	seq      INTEGER PRIMARY KEY AUTOINCREMENT,
	id       TEXT NOT NULL UNIQUE,
	input    TEXT NOT NULL,
	parent   TEXT NOT NULL,
	source   TEXT NOT NULL,
	name     TEXT NOT NULL,
	note     TEXT NOT NULL,
	status   TEXT NOT NULL,
	error    TEXT NOT NULL,
	options  TEXT NOT NULL,
	images   INTEGER NOT NULL,
	skipped  INTEGER NOT NULL,
	families INTEGER NOT NULL,
	created  INTEGER NOT NULL,
	started  INTEGER NOT NULL,
	ended    INTEGER NOT NULL
) STRICT;
CREATE INDEX runs_by_status ON runs (status, seq);
CREATE INDEX runs_by_input ON runs (input);
CREATE TABLE labels (
	input TEXT NOT NULL,
	image TEXT NOT NULL,
	label TEXT NOT NULL,
	PRIMARY KEY (input, image)
) STRICT, WITHOUT ROWID;
CREATE TABLE watched (
	file TEXT PRIMARY KEY,
	mark TEXT NOT NULL
) STRICT, WITHOUT ROWID;
PRAGMA user_version = 1;
`

const upgrade = `
ALTER TABLE runs ADD COLUMN verdicts TEXT NOT NULL DEFAULT '';
PRAGMA user_version = 2;
`

// Store is a history. It may be used by several goroutines.
type Store struct {
	// MaxWaiting bounds the queue; 0: no bound. It is set before the first Add.
	MaxWaiting int

	dir     string
	db      *sql.DB
	remarks []string

	answering sync.Mutex // of files of answers
	reserving sync.Mutex // of the reserve

	recording sync.Mutex
	late      map[string]bool // runs whose record is not that of the database
	noRecords bool            // when it was opened: a run without one was not removed
}

// Remarks say what Open took up again or removed, for the log.
func (s *Store) Remarks() []string { return s.remarks }

func (s *Store) remark(format string, args ...any) {
	s.remarks = append(s.remarks, fmt.Sprintf(format, args...))
}

// Open opens the history in dir, which is made if need be, and puts in order
// what a killed process left behind.
func Open(ctx context.Context, dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, err
	}
	_, missing := os.Stat(filepath.Join(dir, recordsDir))
	for _, sub := range []string{inputsDir, runsDir, stagingDir, recordsDir} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, err
		}
	}
	file := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, databaseName))}
	query := "?_txlock=immediate"
	for _, pragma := range []string{"locking_mode(EXCLUSIVE)", "journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(1000)"} {
		query += "&_pragma=" + pragma
	}
	db, err := sql.Open("sqlite", file.String()+query)
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1) // with the exclusive lock there can be no other
	s := &Store{dir: dir, db: db, late: map[string]bool{}, noRecords: missing != nil}
	if err := s.withReserve(func() error { return s.prepare(ctx) }); err != nil {
		db.Close()
		return nil, fmt.Errorf("history in %s: %w", dir, err)
	}
	return s, nil
}

// Close closes the database. What is running stays marked so.
func (s *Store) Close() error { return s.db.Close() }

func (s *Store) prepare(ctx context.Context) error {
	err := s.change(ctx, func(tx *sql.Tx) error {
		var version int
		if err := tx.QueryRowContext(ctx, "PRAGMA user_version").Scan(&version); err != nil {
			return err
		}
		switch version {
		case 0:
			_, err := tx.ExecContext(ctx, schema+upgrade+dueSchema)
			return err
		case 1:
			_, err := tx.ExecContext(ctx, upgrade+dueSchema)
			return err
		case 2:
			_, err := tx.ExecContext(ctx, dueSchema)
			return err
		case 3:
			return nil
		}
		return fmt.Errorf("it is of version %d, written by a newer program", version)
	})
	if err != nil {
		if strings.Contains(err.Error(), "SQLITE_BUSY") {
			return errors.New("another server uses it: stop that one, or choose another folder")
		}
		if strings.Contains(err.Error(), "SQLITE_NOTADB") || strings.Contains(err.Error(), "SQLITE_CORRUPT") {
			return fmt.Errorf("%w: move %s away, and the runs beside it are taken up again", err, databaseName)
		}
		return err
	}
	s.remarks = nil
	if err := s.adopt(ctx); err != nil {
		return err
	}
	if err := s.recover(ctx); err != nil {
		return err
	}
	return s.sweep()
}

// change runs f in a transaction.
func (s *Store) change(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return described(err)
	}
	return described(tx.Commit())
}

// recover settles the runs that a killed process was at.
func (s *Store) recover(ctx context.Context) error {
	runs, err := s.list(ctx, "WHERE status = ?", Running)
	if err != nil {
		return err
	}
	for _, r := range runs {
		end := Outcome{Status: Interrupted, Error: "the server ended during the run"}
		if doc, err := s.Document(r.ID); err == nil {
			// Its output was published, which is the last step.
			end = Finished(doc)
		}
		if err := s.End(ctx, r.ID, end); err != nil {
			return err
		}
	}
	return nil
}

// sweep removes what is provably left over: uploads that never became a run and
// what a run was removed with, which lie in staging, and the unfinished files of
// outputs.
func (s *Store) sweep() error {
	names, err := s.entries(stagingDir)
	if err != nil {
		return err
	}
	for _, name := range names {
		if !validID(name) {
			continue
		}
		if err := os.RemoveAll(filepath.Join(s.dir, stagingDir, name)); err != nil {
			return err
		}
		s.remark("removed %s, which was left over", filepath.Join(stagingDir, name))
	}
	runs, err := s.entries(runsDir)
	if err != nil {
		return err
	}
	for _, id := range runs {
		if !validID(id) {
			continue
		}
		removed, err := outdir.Sweep(filepath.Join(s.dir, runsDir, id))
		if err != nil {
			return err
		}
		if removed > 0 {
			s.remark("removed %d unfinished files of run %s", removed, id)
		}
	}
	return nil
}

const idTime = "20060102-150405"

// newID makes a name that sorts by time.
func newID(now time.Time) string {
	return now.UTC().Format(idTime) + "-" + strings.ToLower(rand.Text()[:8])
}

// validID reports whether newID may have made id. What it accepts is safe as
// the name of a folder.
func validID(id string) bool {
	if len(id) != len(idTime)+9 || id[len(idTime)] != '-' {
		return false
	}
	if _, err := time.Parse(idTime, id[:len(idTime)]); err != nil {
		return false
	}
	return strings.Trim(id[len(idTime)+1:], "abcdefghijklmnopqrstuvwxyz234567") == ""
}

// OutputDir is the folder of a run's output; it need not exist.
func (s *Store) OutputDir(run string) (string, error) { return s.folder(runsDir, run) }

// InputDir is the folder of the images of runs.
func (s *Store) InputDir(input string) (string, error) { return s.folder(inputsDir, input) }

func (s *Store) folder(sub, id string) (string, error) {
	if !validID(id) {
		return "", fmt.Errorf("%q: %w", id, ErrNotFound)
	}
	return filepath.Join(s.dir, sub, id), nil
}

// Stage makes a folder for images that are to become the input of a run.
// discard removes it if it was not given to Add.
func (s *Store) Stage() (dir string, discard func(), err error) {
	dir = filepath.Join(s.dir, stagingDir, newID(time.Now()))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return "", nil, err
	}
	return dir, func() { os.RemoveAll(dir) }, nil
}

// Document reads the results of a run.
func (s *Store) Document(run string) (*report.Document, error) {
	dir, err := s.OutputDir(run)
	if err != nil {
		return nil, err
	}
	return report.Read(dir)
}
