package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log"
	"os"
	"slices"
	"sync"

	"codegraph"
	"codegraph/backbone/effnet"
	"codegraph/internal/cache"
	"codegraph/internal/eval/beds"
	"codegraph/internal/eval/benchmark"
)

// measure scans the beds whose outcomes the file does not hold yet, appends a
// line for each, and prints the table of all.
func (s settings) measure(ctx context.Context, p *beds.Photographs, chosen []beds.Bed) error {
	done, err := readOutcomes(s.out)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if s.table {
		return s.print(done, chosen)
	}
	var left []beds.Bed
	for _, b := range chosen {
		if !slices.ContainsFunc(done, func(o *beds.Outcome) bool { return o.Bed == b }) {
			left = append(left, b)
		}
	}
	if len(left) > 0 {
		more, err := s.scan(ctx, p, left)
		if err != nil {
			return err
		}
		done = append(done, more...)
	}
	return s.print(done, chosen)
}

func (s settings) scan(ctx context.Context, p *beds.Photographs, left []beds.Bed) (all []*beds.Outcome, err error) {
	dir, err := cache.Open(s.cache, 0)
	if err != nil {
		return nil, err
	}
	f, err := os.OpenFile(s.out, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	o := beds.Options(dir)
	o.Size, o.Grid = s.size, s.grid
	if o.Backbone, err = effnet.Named(s.network); err != nil {
		return nil, err
	}
	var mu sync.Mutex
	return all, p.Each(ctx, left, o, s.jobs, func(b *beds.Batch, res *codegraph.Result) error {
		alone := b.Purpose == beds.Recurring && b.DetectableAlone(res.Intermediates.Table)
		for _, m := range methods(o) {
			answer, err := m.Answer(ctx, b, res)
			if err != nil {
				return fmt.Errorf("%s: %s: %w", b.Name, m.Name, err)
			}
			outcome, err := beds.Judge(b, m.Name, answer, alone)
			if err != nil {
				return err
			}
			mu.Lock()
			err = json.NewEncoder(f).Encode(outcome)
			all = append(all, outcome)
			mu.Unlock()
			if err != nil {
				return err
			}
			if m.Name == beds.Program().Name {
				log.Print(line(outcome))
			}
		}
		return nil
	})
}

// line says in short how a bed went.
func line(o *beds.Outcome) string {
	alone := ""
	if o.Alone {
		alone = ", one copy would show"
	}
	return fmt.Sprintf("%-34s defect %s, asked %s (%d questions), false defects %d, AUROC %.3f → %.3f%s", o.Bed.Name, o.Defect, o.Asked, o.Questions, o.FalseDefects, o.MuSc, o.AUROC, alone)
}

// readOutcomes reads the lines of a file, but for those of another version of the beds.
func readOutcomes(name string) (all []*beds.Outcome, err error) {
	err = benchmark.ReadLines(name, func(o *beds.Outcome) error {
		if o.Version == beds.Version {
			all = append(all, o)
		}
		return nil
	})
	return all, err
}

// print prints the tables of the chosen beds, by method and split.
func (s settings) print(all []*beds.Outcome, chosen []beds.Bed) error {
	slices.SortFunc(all, func(a, b *beds.Outcome) int { return int(a.Bed.Seed) - int(b.Bed.Seed) })
	for _, m := range methods(codegraph.Options{}) {
		for _, split := range []beds.Split{beds.Tuning, beds.HeldOut} {
			var some []*beds.Outcome
			for _, o := range all {
				if o.Method == m.Name && o.Bed.Split == split && slices.Contains(chosen, o.Bed) {
					some = append(some, o)
				}
			}
			if len(some) == 0 {
				continue
			}
			if err := beds.Print(os.Stdout, fmt.Sprintf("%s, %s", m.Name, split), some); err != nil {
				return err
			}
		}
	}
	return nil
}
