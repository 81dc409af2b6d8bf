package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"gocloud.dev/blob"
)

// Progress is how far a stage is.
type Progress struct {
	Stage   Stage   `json:"stage"`
	Done    int     `json:"done"`
	Total   int     `json:"total"`
	Seconds float64 `json:"seconds"` // of work, all steps that are done together
	Bytes   int64   `json:"bytes"`   // that they wrote
	Missing []int   `json:"missing"` // steps that are not done
	// Left is how long the rest takes at the rate of the steps done so far, by
	// the wall clock; 0 where that is not known.
	Left time.Duration `json:"left"`
}

// Status reads the markers of all steps.
func (j *Job) Status(ctx context.Context) ([]Progress, error) {
	var all []Progress
	for _, s := range stages() {
		p := Progress{Stage: s, Total: j.Steps(s), Missing: []int{}}
		times, err := j.marked(ctx, s)
		if err != nil {
			return nil, err
		}
		var first, last time.Time
		for k := range p.Total {
			at, there := times[markName(step(s, k))]
			if !there {
				p.Missing = append(p.Missing, k)
				continue
			}
			m, err := j.mark(ctx, step(s, k))
			if err != nil {
				return nil, err
			}
			if m == nil {
				continue
			}
			p.Done++
			p.Seconds += m.Seconds
			p.Bytes += m.Bytes
			if first.IsZero() || at.Before(first) {
				first = at
			}
			if at.After(last) {
				last = at
			}
		}
		if p.Done > 1 && p.Done < p.Total {
			p.Left = last.Sub(first) / time.Duration(p.Done-1) * time.Duration(p.Total-p.Done)
		}
		all = append(all, p)
	}
	return all, nil
}

// marked lists the markers of a stage and when they were written.
func (j *Job) marked(ctx context.Context, s Stage) (map[string]time.Time, error) {
	out := make(map[string]time.Time)
	list := j.bucket.List(&blob.ListOptions{Prefix: string(s)})
	for {
		o, err := list.Next(ctx)
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, fmt.Errorf("list the steps of the job: %w", err)
		}
		if strings.HasSuffix(o.Key, markName("")) {
			out[o.Key] = o.ModTime
		}
	}
}

// Write prints progress for people.
func Write(w io.Writer, all []Progress) error {
	for _, p := range all {
		line := fmt.Sprintf("%-9s %5d of %-5d", p.Stage, p.Done, p.Total)
		if p.Seconds > 0 {
			line += fmt.Sprintf("  %8.1f s of work  %8.1f MB", p.Seconds, float64(p.Bytes)/1e6)
		}
		if p.Left > 0 {
			line += fmt.Sprintf("  about %s left", p.Left.Round(time.Second))
		}
		if _, err := fmt.Fprintln(w, strings.TrimRight(line, " ")); err != nil {
			return err
		}
	}
	return nil
}

// Encode prints progress as JSON.
func Encode(w io.Writer, all []Progress) error {
	e := json.NewEncoder(w)
	e.SetIndent("", "  ")
	return e.Encode(all)
}
