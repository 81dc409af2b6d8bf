package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"

	"codegraph"
	"codegraph/internal/atomicfile"
	"codegraph/internal/outdir"
	"codegraph/internal/spill"
)

// Exit codes, as exitCodes explains them.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitPartial     = 3
	exitDefective   = 4
	exitInterrupted = 130
)

// errPartial ends a command that did its work on part of the input. It is
// not printed: the command has said what is missing.
var errPartial = errors.New("some input could not be read")

// errDefective ends a command that did its work and was asked to tell if an
// image fails. It is not printed either.
var errDefective = errors.New("an image failed")

// usageError is a command line that cannot be right.
type usageError struct{ err error }

func (e *usageError) Error() string { return e.err.Error() }
func (e *usageError) Unwrap() error { return e.err }

func asUsage(err error) error { return &usageError{err} }

func usagef(format string, args ...any) error { return asUsage(fmt.Errorf(format, args...)) }

// hintError adds the one thing to do about an error.
type hintError struct {
	err  error
	hint string
}

func (e *hintError) Error() string { return e.err.Error() }
func (e *hintError) Unwrap() error { return e.err }

func withHint(err error, hint string) error { return &hintError{err, hint} }

// finish prints the error a command ended with and returns the exit code.
func finish(ctx context.Context, err error, asJSON bool, stderr io.Writer) int {
	code := exitCode(ctx, err)
	if code == exitDone || code == exitPartial || code == exitDefective {
		return code
	}
	text, hint := oneLine(err.Error()), hintFor(err)
	if code == exitInterrupted {
		text, hint = "interrupted", ""
	}
	fmt.Fprintf(stderr, "codegraph: %s\n", text)
	if hint != "" {
		fmt.Fprintf(stderr, "hint: %s\n", hint)
	}
	if asJSON {
		json.NewEncoder(stderr).Encode(struct {
			Error string `json:"error"`
			Hint  string `json:"hint,omitempty"`
			Code  int    `json:"code"`
		}{text, hint, code})
	}
	return code
}

func exitCode(ctx context.Context, err error) int {
	var usage *usageError
	switch {
	case err == nil:
		return exitDone
	case errors.Is(err, errPartial):
		return exitPartial
	case errors.Is(err, errDefective):
		return exitDefective
	case ctx.Err() != nil && errors.Is(err, context.Canceled):
		return exitInterrupted
	case errors.As(err, &usage), errors.Is(err, codegraph.ErrOptions):
		return exitUsage
	}
	return exitFailed
}

func hintFor(err error) string {
	var hint *hintError
	var usage *usageError
	switch {
	case errors.As(err, &hint):
		return hint.hint
	case errors.Is(err, spill.ErrDiskFull):
		return "make room, choose a folder on another disk with --spill-dir, or allow more memory with --max-memory"
	case errors.Is(err, atomicfile.ErrDiskFull):
		return "make room, or choose a folder on another disk with --out"
	case errors.Is(err, outdir.ErrForeign):
		return "choose another folder with --out"
	case errors.As(err, &usage):
		return "codegraph help lists commands, codegraph COMMAND --help their flags"
	}
	return ""
}

func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// wantsJSON looks for --json in a command line that may not parse.
func wantsJSON(args []string) bool {
	for _, a := range args {
		switch a {
		case "--":
			return false
		case "--json", "--json=true":
			return true
		}
	}
	return false
}
