package main

import (
	"bytes"
	"context"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"codegraph/report"
)

// verify looks, after each start of the server, whether all that is owed is there.
func (c *client) verify(ctx context.Context) error {
	starts := c.server.starts.Load()
	if starts == c.verified {
		return nil
	}
	harmed := c.server.harmed.Load() >= c.verified
	for _, r := range c.runs {
		r.harmed = r.harmed || harmed
		if err := c.verifyRun(ctx, r, harmed); err != nil {
			return err
		}
	}
	c.verified = starts
	return nil
}

// verifyRun looks at a run through the interface and on the disk.
func (c *client) verifyRun(ctx context.Context, r *run, harmed bool) error {
	before := *r
	code, err := c.see(ctx, r)
	if err != nil {
		return err
	}
	if r.removed {
		c.check(stays, code == http.StatusNotFound, "run %s was removed and is answered with %d", r.id, code)
		return nil
	}
	c.check(inHistory, code == http.StatusOK, "run %s was accepted and is answered with %d", r.id, code)
	if harmed {
		c.check(taken, code == http.StatusOK, "run %s is answered with %d", r.id, code)
	}
	if code != http.StatusOK {
		c.filesLost.Add(int64(len(r.images)))
		return nil
	}
	if isOver(&before) {
		c.check(whole, r.status == before.status, "run %s was %s and is %s", r.id, before.status, r.status)
	}
	for _, p := range r.images {
		data, err := os.ReadFile(filepath.Join(c.data, "inputs", r.input, p.name))
		c.own(bytes.Equal(data, p.data), "image %s of run %s: %v, or other bytes", p.name, r.id, err)
	}
	if isDone(r) {
		c.verifyOutput(ctx, filepath.Join(c.data, "runs", r.id))
	}
	return nil
}

// own notes whether a file is there.
func (c *client) own(ok bool, format string, args ...any) {
	c.check(whole, ok, format, args...)
	if !ok {
		c.filesLost.Add(1)
	}
}

// verifyOutput looks for all files that the results list. An answer that was taken has
// the output written anew just now, so it looks three times.
func (c *client) verifyOutput(ctx context.Context, dir string) {
	var doc struct{ Files []string }
	var missing error
	for range 3 {
		data, err := os.ReadFile(filepath.Join(dir, report.ResultsName))
		if missing = err; missing == nil {
			missing = json.Unmarshal(data, &doc)
		}
		for _, name := range doc.Files {
			if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
				missing = err
			}
		}
		if missing == nil {
			break
		}
		pause(ctx, time.Second)
	}
	c.own(missing == nil && len(doc.Files) > 0, "output %s: %v", dir, missing)
}

// verifyEnd checks what holds when nothing is under way any more.
func (c *client) verifyEnd(ctx context.Context) error {
	for _, r := range c.runs {
		if r.removed {
			continue
		}
		c.check(goesOn, isOver(r), "run %s is %s in the end", r.id, r.status)
		c.check(interrupted, isOver(r), "run %s is %s", r.id, r.status)
		if r.left {
			c.check(clientGone, isOver(r), "run %s of a client that left is %s", r.id, r.status)
		}
		c.check(told, c.hook.knows(r) || r.harmed, "run %s is %s, and the webhook was not told", r.id, r.status)
		if !isDone(r) {
			continue
		}
		var got accepted
		var said struct{ Steps []any }
		_, err := c.get(ctx, "/api/runs/"+r.id+"/scores", &got)
		if err == nil {
			_, err = c.get(ctx, "/api/runs/"+r.id+"/answers", &said)
		}
		if err != nil {
			return err
		}
		if r.folder {
			c.check(copied, len(got.Images) == len(r.images), "run %s has scores of %d images of %d", r.id, len(got.Images), len(r.images))
		}
		c.check(answersKept, len(said.Steps) >= r.answers, "%d answers of %d are kept about run %s", len(said.Steps), r.answers, r.id)
		now := got.byName()
		for name, score := range r.scores {
			c.check(again, len(said.Steps) > 0 || now[name] == score, "image %s of run %s scores %v, and %v before", name, r.id, now[name], score)
		}
	}
	return nil
}
