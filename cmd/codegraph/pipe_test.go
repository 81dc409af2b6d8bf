//go:build unix

package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestPipes: wherever a file is named, a pipe that nobody writes to, a device without
// an end and a folder are refused, and not waited for.
func TestPipes(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png")
	pipe := filepath.Join(t.TempDir(), "pipe")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	folder := t.TempDir()
	scan := func(option string) []string {
		return []string{"scan", "--out", filepath.Join(t.TempDir(), "out"), "--size", "64", "--grid", "4", option, "FILE", dir}
	}
	for name, args := range map[string][]string{
		"config":    scan("--config"),
		"roi":       scan("--roi"),
		"answers":   scan("--answers"),
		"snapshot":  scan("--snapshot"),
		"backbone":  scan("--backbone"),
		"image":     {"scan", "--out", filepath.Join(t.TempDir(), "out"), "FILE"},
		"reference": scan("--reference"),
		"inspect":   {"model", "inspect", "FILE"},
		"published": {"bench", "--data", dir, "--published", "FILE"},
		"rehearse":  {"rehearse", "--out", filepath.Join(t.TempDir(), "out"), "--masks", "FILE", dir},
		"explain":   {"explain", "--at", "1,1", "FILE", "a.png"},
	} {
		for _, file := range []string{pipe, os.DevNull, "/dev/zero", folder} {
			args := strings.Split(strings.ReplaceAll(strings.Join(args, "\x00"), "FILE", file), "\x00")
			if o := exec(t.Context(), nil, args...); o.code != exitFailed && o.code != exitUsage && o.code != exitPartial {
				t.Errorf("%s %s: exit code %d, %s", name, file, o.code, o.stderr)
			}
		}
	}
}
