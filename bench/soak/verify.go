package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"

	"codegraph/internal/serve/store"
	"codegraph/report"
)

// verify looks whether all that is owed is there, through the interface and on the
// disk. known are the debts as they were before the server ended; a debt that has
// changed meanwhile is for the next time.
func (c *client) verify(ctx context.Context, known []debt) error {
	for _, d := range known {
		if err := c.verifyRun(ctx, d); err != nil {
			return err
		}
	}
	return nil
}

func (c *client) verifyRun(ctx context.Context, d debt) error {
	a, err := c.ask(ctx, "GET", "/api/runs/"+d.id, "", nil)
	if err != nil {
		return err
	}
	if d.removed {
		c.check(stays, a.code == http.StatusNotFound, "run %s was removed and is back: %s", d.id, a.body)
		return nil
	}
	if c.ledger.get(d.id).removing {
		return nil
	}
	c.check(inHistory, a.code == http.StatusOK, "run %s was accepted and is answered with %d", d.id, a.code)
	if a.code != http.StatusOK {
		c.filesLost.Add(int64(len(d.images)))
		return nil
	}
	var r store.Run
	if err := a.decode(&r); err != nil {
		return err
	}
	c.ledger.see(r)
	if d.status.Over() {
		c.check(whole, r.Status == d.status, "run %s was %s and is %s (%s)", d.id, d.status, r.Status, r.Error)
	}
	c.verifyImages(d)
	if r.Status == store.Done {
		c.verifyOutput(d)
	}
	return nil
}

// gone reports whether what is missing of a run is missing by right.
func (c *client) gone(d debt) bool { return c.ledger.get(d.id).removing }

// verifyImages compares the images that are kept with those that were sent.
func (c *client) verifyImages(d debt) {
	for name, want := range d.images {
		data, err := os.ReadFile(filepath.Join(c.data, "inputs", d.input, name))
		if err != nil && c.gone(d) {
			return
		}
		ok := err == nil && sha256.Sum256(data) == want
		if !ok {
			c.filesLost.Add(1)
		}
		c.check(whole, ok, "image %s of run %s: %v, or other bytes", name, d.id, err)
	}
}

// verifyOutput looks for all files that the results list.
func (c *client) verifyOutput(d debt) {
	dir := filepath.Join(c.data, "runs", d.id)
	data, err := os.ReadFile(filepath.Join(dir, report.ResultsName))
	var doc struct{ Files []string }
	if err == nil {
		err = json.Unmarshal(data, &doc)
	}
	if err != nil && c.gone(d) {
		return
	}
	c.check(whole, err == nil && len(doc.Files) > 0, "results of run %s: %v", d.id, err)
	for _, name := range doc.Files {
		_, err := os.Stat(filepath.Join(dir, name))
		if errors.Is(err, fs.ErrNotExist) && c.gone(d) {
			return
		}
		if err != nil && !c.rewritten(dir, data) {
			c.filesLost.Add(1)
			c.check(whole, false, "file %s of run %s: %v", name, d.id, err)
		}
	}
}

// rewritten reports whether an output was written anew since: after answers it is.
func (c *client) rewritten(dir string, results []byte) bool {
	now, err := os.ReadFile(filepath.Join(dir, report.ResultsName))
	return err == nil && string(now) != string(results)
}
