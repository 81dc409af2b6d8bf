// Command beds lists, shows and scans the test beds of package eval/beds.
//
//	go run ./bench/beds --list
//	go run ./bench/beds --run --split tuning --cache /tmp/beds-cache --out tuning.jsonl
//	go run ./bench/beds --table --out tuning.jsonl
//	go run ./bench/beds --sheets /tmp/sheets --set pill
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"

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
	beds.Selection
	data, sheets     string
	list, run, table bool
	cache, out       string
	network          string
	size, grid, jobs int
}

func run(ctx context.Context) error {
	s := settings{Selection: beds.Selection{Every: 1}}
	flag.StringVar(&s.data, "data", "../shared/data", "`folder` of the photographs")
	s.AddFlags(flag.CommandLine)
	flag.BoolVar(&s.list, "list", false, "list the beds")
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
	chosen, err := s.Beds()
	if err != nil {
		return err
	}
	photographs := beds.Open(s.data)
	switch {
	case s.list:
		return list(chosen)
	case s.sheets != "":
		return sheets(ctx, photographs, chosen, s.sheets)
	case s.run || s.table:
		return s.measure(ctx, photographs, chosen)
	}
	return errors.New("say what to do: --list, --sheets, --run or --table")
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
