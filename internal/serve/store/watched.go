package store

import (
	"context"
	"database/sql"
)

// Watched returns the files of watched folders that were taken, with the mark
// of the version that was.
func (s *Store) Watched(ctx context.Context) (map[string]string, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT file, mark FROM watched")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	files := map[string]string{}
	for rows.Next() {
		var file, mark string
		if err := rows.Scan(&file, &mark); err != nil {
			return nil, err
		}
		files[file] = mark
	}
	return files, rows.Err()
}

// SetWatched notes that these files of watched folders were taken.
func (s *Store) SetWatched(ctx context.Context, files map[string]string) error {
	return s.change(ctx, func(tx *sql.Tx) error {
		for file, mark := range files {
			_, err := tx.ExecContext(ctx, "INSERT INTO watched (file, mark) VALUES (?, ?) ON CONFLICT DO UPDATE SET mark = excluded.mark", file, mark)
			if err != nil {
				return err
			}
		}
		return nil
	})
}
