package main

import (
	"fmt"
	"os"

	"github.com/spf13/pflag"

	"codegraph"
	"codegraph/internal/eval/benchmark"
)

// evaluateFlags are the flags of every command that judges scores against
// known truth.
type evaluateFlags struct {
	detectFlags
	cacheFlags
	Quiet bool
}

// addFlags adds them; quiet says what --quiet leaves out.
func (e *evaluateFlags) addFlags(f *pflag.FlagSet, quiet string) {
	f.BoolVarP(&e.Quiet, "quiet", "q", false, quiet)
	e.cacheFlags.addFlags(f)
	e.detectFlags.addFlags(f, scoring...)
}

// makeOut makes the output folder.
func makeOut(dir string) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return withHint(err, "choose another folder with --out")
	}
	return nil
}

// withoutMasks refuses regions of single images where those are not photographs of
// one's own.
func (o *detectFlags) withoutMasks() error {
	if o.ROIMasks != "" {
		return usagef("--roi-masks is for scan, explain and bench: give a region for all images, --roi")
	}
	return nil
}

// evaluation prepares one with cache and progress.
func (p *program) evaluation(e evaluateFlags) (benchmark.Options, progress, error) {
	dir, err := e.open()
	if err != nil {
		return benchmark.Options{}, nil, err
	}
	detect, err := e.options()
	if err != nil {
		return benchmark.Options{}, nil, err
	}
	limitMemory(&detect)
	show := newProgress(p.stderr, e.Quiet)
	o := benchmark.Options{Detect: detect, ROIMasks: e.ROIMasks, Finished: dir}
	o.Detect.Cache = dir
	current := ""
	o.Progress = func(batch string, phase codegraph.Phase, done, total int) {
		if batch != current && !e.Quiet {
			show.stop()
			fmt.Fprintf(p.stderr, "%s\n", batch)
		}
		current = batch
		show.update(phase, done, total)
	}
	return o, show, nil
}
