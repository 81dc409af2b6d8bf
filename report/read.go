package report

import (
	"encoding/json"
	"fmt"
	"path/filepath"

	"codegraph/internal/regular"
)

// Read reads the results.json of an output folder.
func Read(dir string) (*Document, error) {
	file := filepath.Join(dir, ResultsName)
	f, err := regular.Open(file)
	if err != nil {
		return nil, fmt.Errorf("results: %w", err)
	}
	defer f.Close()
	doc := new(Document)
	if err := json.NewDecoder(f).Decode(doc); err != nil {
		return nil, fmt.Errorf("results %s: %w", file, err)
	}
	if doc.Schema != Schema {
		return nil, fmt.Errorf("results %s: they are of schema %q, want %q", file, doc.Schema, Schema)
	}
	return doc, nil
}
