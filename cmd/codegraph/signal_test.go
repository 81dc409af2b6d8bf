//go:build !windows

package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/browsertest"
)

// asProgram makes the test binary behave as the program: as it is ("whole"), or
// with a detector that announces itself and waits for its context.
const asProgram = "CODEGRAPH_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) == "" {
		debug.SetGCPercent(400) // hundreds of small runs in one process: collecting was a fifth of their time
		os.Exit(browsertest.Main(m))
	}
	e := builtin
	if os.Getenv(asProgram) != "whole" {
		e.detect = func(ctx context.Context, _ imageset.Set, _ codegraph.Options) (*codegraph.Result, error) {
			fmt.Println("working")
			<-ctx.Done()
			return nil, fmt.Errorf("compare: %w", ctx.Err())
		}
	}
	os.Exit(execute(e))
}

func TestSignals(t *testing.T) {
	t.Parallel()
	for _, sig := range []os.Signal{syscall.SIGINT, syscall.SIGTERM} {
		out := filepath.Join(t.TempDir(), "out")
		cmd := osexec.CommandContext(t.Context(), os.Args[0], "scan", "--out", out, photos(t, "a.png", "b.png"))
		cmd.Env = append(os.Environ(), asProgram+"=1")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		stdout, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if line, err := bufio.NewReader(stdout).ReadString('\n'); line != "working\n" {
			t.Fatalf("%q, %v, stderr %q", line, err, &stderr)
		}
		if err := cmd.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		var exit *osexec.ExitError
		if err := cmd.Wait(); !errors.As(err, &exit) || exit.ExitCode() != 130 {
			t.Errorf("%v: %v, want exit code 130", sig, err)
		}
		if !strings.Contains(stderr.String(), "codegraph: interrupted") {
			t.Errorf("%v: stderr %q", sig, &stderr)
		}
		if _, err := os.Stat(out); err == nil {
			t.Errorf("%v: left %v", sig, tree(t, out))
		}
	}
}
