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
	"time"

	"codegraph/report"

	_ "modernc.org/sqlite" // SQLite without cgo
)

// ErrNotFound is wrapped by errors about what is not in the history.
var ErrNotFound = errors.New("not in the history")

// ErrBusy is wrapped by errors about a run whose state forbids the change.
var ErrBusy = errors.New("the run is not over")

const (
	databaseName = "history.db"
	inputsDir    = "inputs"
	runsDir      = "runs"
	stagingDir   = "staging"
)

// schema is that of version 1 of the database.
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

// Store is a history. It may be used by several goroutines.
type Store struct {
	dir string
	db  *sql.DB
}

// Open opens the history in dir, which is made if need be, and puts in order
// what a killed process left behind.
func Open(ctx context.Context, dir string) (*Store, error) {
	dir, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	for _, sub := range []string{inputsDir, runsDir, stagingDir} {
		if err := os.MkdirAll(filepath.Join(dir, sub), 0o700); err != nil {
			return nil, fmt.Errorf("history: %w", err)
		}
	}
	file := url.URL{Scheme: "file", Path: filepath.ToSlash(filepath.Join(dir, databaseName))}
	query := "?_txlock=immediate"
	for _, pragma := range []string{"locking_mode(EXCLUSIVE)", "journal_mode(WAL)", "synchronous(FULL)", "busy_timeout(1000)"} {
		query += "&_pragma=" + pragma
	}
	db, err := sql.Open("sqlite", file.String()+query)
	if err != nil {
		return nil, fmt.Errorf("history: %w", err)
	}
	db.SetMaxOpenConns(1) // with the exclusive lock there can be no other
	s := &Store{dir: dir, db: db}
	if err := s.prepare(ctx); err != nil {
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
			_, err := tx.ExecContext(ctx, schema)
			return err
		case 1:
			return nil
		}
		return fmt.Errorf("it is of version %d, written by a newer program", version)
	})
	if err != nil {
		if strings.Contains(err.Error(), "SQLITE_BUSY") {
			return errors.New("another server uses it: stop that one, or choose another folder")
		}
		return err
	}
	if err := s.recover(ctx); err != nil {
		return err
	}
	return s.sweep(ctx)
}

// change runs f in a transaction.
func (s *Store) change(ctx context.Context, f func(tx *sql.Tx) error) error {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback()
	if err := f(tx); err != nil {
		return err
	}
	return tx.Commit()
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

// sweep removes folders that the database does not know.
func (s *Store) sweep(ctx context.Context) error {
	runs, err := s.list(ctx, "")
	if err != nil {
		return err
	}
	known := map[string]bool{}
	for _, r := range runs {
		known[filepath.Join(inputsDir, r.Input)] = true
		known[filepath.Join(runsDir, r.ID)] = true
	}
	for _, sub := range []string{inputsDir, runsDir, stagingDir} {
		entries, err := os.ReadDir(filepath.Join(s.dir, sub))
		if err != nil {
			return err
		}
		for _, e := range entries {
			if name := filepath.Join(sub, e.Name()); validID(e.Name()) && !known[name] {
				if err := os.RemoveAll(filepath.Join(s.dir, name)); err != nil {
					return err
				}
			}
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
		return "", nil, fmt.Errorf("history: %w", err)
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
