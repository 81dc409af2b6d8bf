package store

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"

	"codegraph/internal/answer"
)

// answersSuffix ends the files of the answers about the images of an input, which
// are kept beside the database only: they are read whole and seldom.
const answersSuffix = ".answers.json"

// Steps are what was said of the images of an input, in order. They belong to the
// images, not to one run of them.
func (s *Store) Steps(ctx context.Context, input string) ([]answer.Step, error) {
	s.answering.Lock()
	defer s.answering.Unlock()
	return s.steps(ctx, input)
}

func (s *Store) steps(ctx context.Context, input string) ([]answer.Step, error) {
	if !validID(input) {
		return nil, fmt.Errorf("images %q: %w", input, ErrNotFound)
	}
	var steps []answer.Step
	err := s.readJSON(input+answersSuffix, &steps)
	if errors.Is(err, fs.ErrNotExist) {
		return s.labels(ctx, input)
	}
	if err != nil {
		return nil, fmt.Errorf("answers about the images %s: %w", input, err)
	}
	return steps, nil
}

// Say adds a step.
func (s *Store) Say(ctx context.Context, input string, step answer.Step) error {
	return s.revise(ctx, input, func(steps []answer.Step) []answer.Step { return append(steps, step) })
}

// Unsay takes the last step back.
func (s *Store) Unsay(ctx context.Context, input string) error {
	return s.revise(ctx, input, func(steps []answer.Step) []answer.Step { return steps[:max(0, len(steps)-1)] })
}

func (s *Store) revise(ctx context.Context, input string, change func([]answer.Step) []answer.Step) error {
	s.answering.Lock()
	defer s.answering.Unlock()
	steps, err := s.steps(ctx, input)
	if err != nil {
		return err
	}
	return described(s.writeJSON(input+answersSuffix, change(steps)))
}

// labels are what earlier versions of this program kept about an input, good and
// bad images.
func (s *Store) labels(ctx context.Context, input string) ([]answer.Step, error) {
	labels := map[string]answer.ForImage{}
	if err := s.readJSON(input+labelsSuffix, &labels); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("labels of the images %s: %w", input, err)
	}
	rows, err := s.db.QueryContext(ctx, "SELECT image, label FROM labels WHERE input = ?", input)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var image string
		var label answer.ForImage
		if err := rows.Scan(&image, &label); err != nil {
			return nil, err
		}
		labels[image] = label
	}
	steps := []answer.Step{}
	for image, label := range labels {
		steps = append(steps, answer.Step{Time: idMoment(input), Image: &answer.Image{Name: image, Answer: label}})
	}
	slices.SortFunc(steps, func(a, b answer.Step) int { return cmp.Compare(a.Image.Name, b.Image.Name) })
	return steps, rows.Err()
}
