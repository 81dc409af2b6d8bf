// Command beds lists and writes the test beds of package eval/beds.
//
//	go run ./bench/beds --list
//	go run ./bench/beds --write pill-04-real-20 --to /tmp/bed
//	go run ./bench/beds --run --split tuning --cache /tmp/beds-cache --out tuning.jsonl
//	go run ./bench/beds --table --out tuning.jsonl
//	go run ./bench/beds --sheets /tmp/sheets --set pill
package main

import (
	"context"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"regexp"

	"codegraph/internal/eval/beds"
)

func main() {
	log.SetFlags(0)
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx); err != nil {
		log.Fatal(err)
	}
}

// settings are the flags.
type settings struct {
	data, split, name string
	list              bool
	every             int
	write, to, sheets string
	run, table        bool
	cache, out        string
	network           string
	size, grid, jobs  int
}

func run(ctx context.Context) error {
	var s settings
	flag.StringVar(&s.data, "data", "../shared/data", "`folder` of the photographs")
	flag.StringVar(&s.split, "split", "", "only beds for tuning, or held-out")
	flag.StringVar(&s.name, "name", "", "only beds whose name matches this regular expression")
	flag.IntVar(&s.every, "every", 1, "only every `n`-th of these beds, for a quick look: 5 or 7, as kinds come in turn")
	flag.BoolVar(&s.list, "list", false, "list the beds")
	flag.StringVar(&s.write, "write", "", "write the bed of this `name`: pictures, masks and truth.json")
	flag.StringVar(&s.to, "to", "bed", "`folder` that a bed is written to; it must not exist")
	flag.StringVar(&s.sheets, "sheets", "", "`folder` that a sheet of each bed's planted pictures is written to")
	flag.BoolVar(&s.run, "run", false, "scan the beds and print how well what recurs is found")
	flag.BoolVar(&s.table, "table", false, "print the tables of what --out holds, and scan nothing")
	flag.StringVar(&s.out, "out", "beds.jsonl", "`file` that a line is appended to for each bed; beds that it holds are not scanned again")
	flag.StringVar(&s.cache, "cache", "", "`folder` that features and distances are kept in; default: the user's cache")
	flag.StringVar(&s.network, "backbone", "", "embedded `network`, lite0-245, lite2 or lite0; the default is the program's")
	flag.IntVar(&s.size, "size", beds.Size, "input side in `pixels`")
	flag.IntVar(&s.grid, "grid", beds.Grid, "patches a side")
	flag.IntVar(&s.jobs, "threads", 1, "beds scanned at a time")
	flag.Parse()
	chosen, err := s.beds()
	if err != nil {
		return err
	}
	photographs := beds.Open(s.data)
	switch {
	case s.list:
		return list(chosen)
	case s.write != "":
		for _, b := range chosen {
			if b.Name == s.write {
				return write(ctx, photographs, b, s.to)
			}
		}
		return fmt.Errorf("there is no bed %q; --list lists them", s.write)
	case s.sheets != "":
		return sheets(ctx, photographs, chosen, s.sheets)
	}
	if s.run || s.table {
		return s.measure(ctx, photographs, chosen)
	}
	return fmt.Errorf("say what to do: --list, --write, --sheets, --run or --table")
}

func (s settings) beds() ([]beds.Bed, error) {
	match, err := regexp.Compile(s.name)
	if err != nil {
		return nil, fmt.Errorf("--name: %w", err)
	}
	if s.split != "" && s.split != string(beds.Tuning) && s.split != string(beds.HeldOut) {
		return nil, fmt.Errorf("--split is %q; there are %s and %s", s.split, beds.Tuning, beds.HeldOut)
	}
	if s.every < 1 {
		return nil, fmt.Errorf("--every is %d: it must be positive", s.every)
	}
	var chosen []beds.Bed
	n := 0
	for _, b := range beds.All() {
		if match.MatchString(b.Name) && (s.split == "" || s.split == string(b.Split)) {
			if n%s.every == 0 {
				chosen = append(chosen, b)
			}
			n++
		}
	}
	return chosen, nil
}

func list(all []beds.Bed) error {
	for _, b := range all {
		also := ""
		if b.Also != "" {
			also = "and harmless " + string(b.Also)
		}
		_, err := fmt.Fprintf(os.Stdout, "%-34s %-8s N %2d  recurring %2d  rare %d  %s\n", b.Name, b.Split, b.N, b.Copies(), b.Rare, also)
		if err != nil {
			return err
		}
	}
	return nil
}
