package main

import (
	"fmt"
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"codegraph"
)

// progress shows how far the work is.
type progress interface {
	update(phase codegraph.Phase, done, total int)
	// stop ends the display; what is printed next starts on its own line.
	stop()
}

// newProgress draws bars on a terminal and prints lines elsewhere.
func newProgress(w io.Writer, quiet bool) progress {
	if quiet {
		return silent{}
	}
	if f, ok := w.(*os.File); ok && term.IsTerminal(int(f.Fd())) {
		return &bars{w: w}
	}
	return &lines{w: w, now: time.Now}
}

// label says what a phase does, unit what it counts.
func label(p codegraph.Phase) (text, unit string) {
	switch p {
	case codegraph.PhaseTile:
		return "scoring tiles", "tiles"
	case codegraph.PhaseAlign:
		return "finding how parts lie", "images"
	case codegraph.PhaseEmbed:
		return "embedding images", "images"
	case codegraph.PhaseCompare:
		return "comparing pairs", "pairs"
	case codegraph.PhaseGraph:
		return "building the graph", "steps"
	case codegraph.PhaseFilter:
		return "filtering families", "steps"
	case phaseRehearse:
		return "rehearsing", "batches"
	case codegraph.PhaseWrite:
		return "writing maps", "images"
	}
	return string(p), "steps"
}

type silent struct{}

func (silent) update(codegraph.Phase, int, int) {}
func (silent) stop()                            {}

// bars draws one progress bar after the other and clears each when done.
type bars struct {
	w     io.Writer
	phase codegraph.Phase
	bar   *progressbar.ProgressBar
}

func (b *bars) update(phase codegraph.Phase, done, total int) {
	if b.bar == nil || phase != b.phase {
		b.stop()
		text, unit := label(phase)
		b.phase = phase
		b.bar = progressbar.NewOptions(total,
			progressbar.OptionSetWriter(b.w),
			progressbar.OptionSetDescription(fmt.Sprintf("%-20s", text)),
			progressbar.OptionSetItsString(unit),
			progressbar.OptionShowCount(),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionSetWidth(30),
			progressbar.OptionClearOnFinish(),
		)
	}
	b.bar.Set(done)
}

func (b *bars) stop() {
	if b.bar != nil {
		b.bar.Clear()
	}
	b.bar = nil
}

// lineInterval is the least time between two lines about one phase.
const lineInterval = 5 * time.Second

// lines prints a line when a phase ends, and now and then in a long one.
type lines struct {
	w           io.Writer
	now         func() time.Time
	phase       codegraph.Phase
	done, total int
	start, last time.Time
}

func (l *lines) update(phase codegraph.Phase, done, total int) {
	now := l.now()
	if phase != l.phase {
		l.stop()
		l.phase, l.start, l.last = phase, now, now
	}
	l.done, l.total = done, total
	if done < total && now.Sub(l.last) >= lineInterval {
		l.last = now
		text, unit := label(phase)
		fmt.Fprintf(l.w, "%s: %d of %d %s\n", text, done, total, unit)
	}
}

func (l *lines) stop() {
	if l.phase == "" {
		return
	}
	text, unit := label(l.phase)
	took := l.now().Sub(l.start).Seconds()
	if l.done >= l.total {
		fmt.Fprintf(l.w, "%s: %d %s in %.1f s\n", text, l.total, unit, took)
	} else {
		fmt.Fprintf(l.w, "%s: stopped after %d of %d %s\n", text, l.done, l.total, unit)
	}
	l.phase = ""
}
