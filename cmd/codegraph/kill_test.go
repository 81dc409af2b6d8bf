//go:build !windows

package main

import (
	"bytes"
	"os"
	osexec "os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestBenchKilled: a run that is killed in the middle and started again ends
// with the same bytes as one that is not.
func TestBenchKilled(t *testing.T) {
	t.Parallel()
	dir, cacheDir := category(t), t.TempDir()
	args := quickBench("bench", "--data", dir, "--format", "json", "--threads", "1")
	cmd := osexec.CommandContext(t.Context(), os.Args[0], append(args, "--cache", cacheDir)...)
	cmd.Env = append(os.Environ(), asProgram+"=1")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	for { // until some images are embedded
		files, err := filepath.Glob(filepath.Join(cacheDir, "*.features"))
		if err != nil {
			t.Fatal(err)
		}
		if len(files) >= 3 {
			break
		}
		select {
		case err := <-ended:
			t.Fatalf("the run ended before it was killed: %v", err)
		case <-time.After(time.Millisecond):
		}
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-ended
	again, stderr, code := invoke(t, append(args, "--cache", cacheDir)...)
	fresh, _, _ := invoke(t, append(args, "--cache", "off")...)
	if code != exitDone || !bytes.Equal([]byte(again), []byte(fresh)) {
		t.Errorf("exit %d, another result after a kill: %s", code, stderr)
	}
}
