package store

import (
	"context"
	"database/sql"
	"fmt"
)

// Label is what a person says about an image.
type Label string

// Labels.
const (
	Good Label = "good"
	Bad  Label = "bad"
)

// SetLabel labels an image of an input; "" takes the label away. Labels belong
// to the images, not to one run over them.
func (s *Store) SetLabel(ctx context.Context, input, image string, label Label) error {
	if err := s.setLabel(ctx, input, image, label); err != nil {
		return err
	}
	labels, err := s.Labels(ctx, input)
	if err != nil {
		return err
	}
	return s.writeJSON(input+labelsSuffix, labels)
}

func (s *Store) setLabel(ctx context.Context, input, image string, label Label) error {
	var err error
	if label == "" {
		_, err = s.db.ExecContext(ctx, "DELETE FROM labels WHERE input = ? AND image = ?", input, image)
	} else {
		_, err = s.db.ExecContext(ctx, "INSERT INTO labels (input, image, label) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET label = excluded.label", input, image, label)
	}
	if err != nil {
		return fmt.Errorf("label %q: %w", image, described(err))
	}
	return nil
}

// Labels returns the labels of an input by the names of the images.
func (s *Store) Labels(ctx context.Context, input string) (map[string]Label, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT image, label FROM labels WHERE input = ?", input)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	labels := map[string]Label{}
	for rows.Next() {
		var image string
		var label Label
		if err := rows.Scan(&image, &label); err != nil {
			return nil, err
		}
		labels[image] = label
	}
	return labels, rows.Err()
}

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
