package store

import "context"

// Checkpoint writes the write-ahead log back into the database.
func (s *Store) Checkpoint(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
	return err
}

// Downgrade makes the database one of version 2.
func (s *Store) Downgrade(ctx context.Context) error {
	_, err := s.db.ExecContext(ctx, "DROP TABLE due; ALTER TABLE runs DROP COLUMN revision; PRAGMA user_version = 2")
	return err
}
