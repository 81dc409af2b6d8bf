package store

import (
	"context"
	"database/sql"
	"errors"
)

// Due is an event of a run that others are to be told of. It enters the database
// with what it is about, in one transaction: no kill comes in between.
type Due struct {
	Seq   int64
	Event string // run.done, run.failed, …; run.judged after answers
	Run   string
}

// MaxDue bounds what waits: later events are left out.
const MaxDue = 1000

const dueSchema = `
CREATE TABLE due (
	seq   INTEGER PRIMARY KEY AUTOINCREMENT,
	event TEXT NOT NULL,
	run   TEXT NOT NULL
) STRICT;
ALTER TABLE runs ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
PRAGMA user_version = 3;
`

// tell adds an event, in the transaction of what happened.
func tell(ctx context.Context, tx *sql.Tx, event, run string) error {
	_, err := tx.ExecContext(ctx, "INSERT INTO due (event, run) SELECT ?, ? WHERE (SELECT count(*) FROM due) < ?", "run."+event, run, MaxDue)
	return err
}

// NextDue returns the first event after the one with number after; ok is false if
// none waits.
func (s *Store) NextDue(ctx context.Context, after int64) (d Due, ok bool, err error) {
	err = s.db.QueryRowContext(ctx, "SELECT seq, event, run FROM due WHERE seq > ? ORDER BY seq LIMIT 1", after).Scan(&d.Seq, &d.Event, &d.Run)
	if errors.Is(err, sql.ErrNoRows) {
		return d, false, nil
	}
	return d, err == nil, err
}

// Told takes away all events up to number seq.
func (s *Store) Told(ctx context.Context, seq int64) error {
	_, err := s.db.ExecContext(ctx, "DELETE FROM due WHERE seq <= ?", seq)
	return described(err)
}

// ManyDue reports whether later events are left out.
func (s *Store) ManyDue(ctx context.Context) (bool, error) {
	var n int
	err := s.db.QueryRowContext(ctx, "SELECT count(*) FROM due").Scan(&n)
	return n >= MaxDue, err
}

// ForgetDue takes away all events: there is nobody to be told.
func (s *Store) ForgetDue(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, "DELETE FROM due")
	return described(err)
}
