package table

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Format is a form that a document is written in.
type Format string

// The formats.
const (
	Terminal Format = "terminal"
	Markdown Format = "markdown"
	CSV      Format = "csv"
	JSON     Format = "json"
)

// Formats returns the names of all formats.
func Formats() []string {
	return []string{string(Terminal), string(Markdown), string(CSV), string(JSON)}
}

// ParseFormat reads the name of a format.
func ParseFormat(name string) (Format, error) {
	if slices.Contains(Formats(), name) {
		return Format(name), nil
	}
	return "", fmt.Errorf("format %q; there are %s", name, strings.Join(Formats(), ", "))
}

// Options control Write.
type Options struct {
	Format Format // "": Terminal
	Width  int    // of terminal tables in columns; 0: 120
	// OtherBackbones shows published figures although none of them is of the
	// run's backbone.
	OtherBackbones bool
}

// defaultWidth is that of terminal tables.
const defaultWidth = 120

// Write writes a document. The same document and options give the same bytes.
func Write(w io.Writer, doc *Document, opts Options) error {
	d, err := doc.complete(opts)
	if err != nil {
		return err
	}
	if opts.Width <= 0 {
		opts.Width = defaultWidth
	}
	out := bufio.NewWriter(w)
	switch opts.Format {
	case Terminal, "":
		writeTerminal(out, newView(d), opts.Width)
	case Markdown:
		writeMarkdown(out, newView(d))
	case CSV:
		err = writeCSV(out, d)
	case JSON:
		err = writeJSON(out, d)
	default:
		_, err := ParseFormat(string(opts.Format))
		return err
	}
	if err == nil {
		err = out.Flush()
	}
	if err != nil {
		return fmt.Errorf("write %s: %w", opts.Format, err)
	}
	return nil
}

func writeJSON(w io.Writer, d *Document) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(d)
}
