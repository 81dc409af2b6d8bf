//go:build !windows

package main

import (
	"bytes"
	"encoding/json"
	"os"
	osexec "os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"
)

// TestJobKilled: a job two workers of which do the same strips, one of them
// killed in the middle, is resumed by running it, and has the results of a scan.
func TestJobKilled(t *testing.T) {
	photos, dir := filepath.Join(category(t), "test"), t.TempDir()
	place := filepath.Join(dir, "job")
	options := []string{"--size", "128", "--grid", "8", "--align", "off", "--quiet"}
	must := func(args ...string) {
		t.Helper()
		if _, stderr, code := invoke(t, args...); code != exitDone {
			t.Fatalf("%v: exit %d: %s", args, code, stderr)
		}
	}
	must(append([]string{"scan", "--no-report", "--out", filepath.Join(dir, "scan"), photos}, options...)...)
	must(append([]string{"job", "plan", "--block", "1", place, photos}, options...)...)
	worker := func(stage string) (*osexec.Cmd, chan error) {
		cmd := osexec.CommandContext(t.Context(), os.Args[0], "job", stage, place, "--index", "0,1,2,3,4,5,6,7,8,9,10,11,12", "--threads", "1")
		cmd.Env = append(os.Environ(), asProgram+"=1")
		var stderr bytes.Buffer
		cmd.Stderr = &stderr
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- cmd.Wait() }()
		return cmd, ended
	}
	killed, gone := worker("embed")
	_, done := worker("embed")
	for deadline := time.Now().Add(time.Minute); ; {
		files, err := filepath.Glob(filepath.Join(place, "embed", "*.done"))
		if err != nil || time.Now().After(deadline) {
			t.Fatal("no step was done", err)
		}
		if len(files) > 1 {
			break
		}
		time.Sleep(time.Millisecond)
	}
	if err := killed.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	<-gone
	if err := <-done; err != nil {
		t.Fatalf("the worker beside the one that was killed: %v", err)
	}
	t.Setenv(asProgram, "1")
	must("job", "run", "--runner", "local:2", "--threads", "1", "--quiet", "--no-report", "--out", filepath.Join(dir, "out"), place)
	var results [2]map[string]any
	for k, name := range []string{"scan", "out"} {
		data, err := os.ReadFile(filepath.Join(dir, name, "results.json"))
		if err != nil {
			t.Fatal(err)
		}
		if err := json.Unmarshal(data, &results[k]); err != nil {
			t.Fatal(err)
		}
		delete(results[k], "run") // when, and how long
	}
	if !reflect.DeepEqual(results[0], results[1]) {
		t.Errorf("the job gives other results than the scan")
	}
	if left, _ := filepath.Glob(filepath.Join(place, "*", "*.tmp*")); len(left) > 1 {
		t.Logf("left by the worker that was killed: %v", left)
	}
}

// TestJobUsage: what is wrong with a command of job is said, and what to do.
func TestJobUsage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, c := range []struct {
		code int
		want string
		args []string
	}{
		{exitUsage, "needs a job", []string{"status"}},
		{exitUsage, "at least one file or folder", []string{"plan", dir}},
		{exitUsage, "needs --index", []string{"strip", dir}},
		{exitFailed, "codegraph job plan", []string{"status", dir}},
		{exitFailed, "codegraph job plan", []string{"strip", dir, "--index", "0"}},
		{exitFailed, "there is no job", []string{"run", dir}},
	} {
		if _, stderr, code := invoke(t, append([]string{"job"}, c.args...)...); code != c.code || !strings.Contains(stderr, c.want) {
			t.Errorf("job %v: exit %d, %q", c.args, code, stderr)
		}
	}
}

// TestJobOnEngine: run submits the stages that are not done, one after the other,
// does not believe an engine that says so of steps without markers, and goes on
// when it is run again.
func TestJobOnEngine(t *testing.T) {
	photos, dir := filepath.Join(category(t), "test"), t.TempDir()
	place, lazy := filepath.Join(dir, "job"), filepath.Join(dir, "lazy")
	// The engine does all steps of a stage, or none of mask while a file says so.
	script := `#!/bin/sh
echo "$*" >> '` + dir + `/calls'
[ "$1" = get ] && [ -e '` + dir + `'/"$3" ] && echo '{"status": {"conditions": [{"type": "Complete", "status": "True"}]}}'
[ "$1" = delete ] && rm -f '` + dir + `'/"$3"
[ "$1" = apply ] || exit 0
stage=${3%.yaml}
touch '` + dir + `'/"$(sed -n 's/^  name: "\(.*\)"/\1/p' "$3")"
[ "$stage" = mask ] && [ -e '` + lazy + `' ] && exit 0
n=$(sed -n 's/^  completions: //p' "$3")
for i in $(seq 0 $((n - 1))); do
  JOB_COMPLETION_INDEX=$i '` + os.Args[0] + `' job "$stage" '` + place + `' --quiet || exit
done
`
	for name, text := range map[string]string{"kubectl": script, "lazy": ""} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	t.Setenv(asProgram, "1")
	if _, stderr, code := invoke(t, "job", "plan", "--quiet", "--size", "128", "--grid", "8", "--align", "off", place, photos); code != exitDone {
		t.Fatalf("exit %d: %s", code, stderr)
	}
	run := []string{"job", "run", "--quiet", "--no-report", "--runner", "kubernetes", "--scripts", filepath.Join(dir, "scripts"), "--out", filepath.Join(dir, "out"), place}
	if _, stderr, code := invoke(t, run...); code != exitFailed || !strings.Contains(stderr, "not done: 1 of 1 of mask, step 0 for one") {
		t.Errorf("steps that were not done: exit %d: %s", code, stderr)
	}
	if err := os.Remove(lazy); err != nil {
		t.Fatal(err)
	}
	if _, stderr, code := invoke(t, run...); code != exitDone {
		t.Fatalf("again: exit %d: %s", code, stderr)
	}
	calls, err := os.ReadFile(filepath.Join(dir, "calls"))
	if err != nil {
		t.Fatal(err)
	}
	for stage, want := range map[string]int{"embed": 1, "strip": 1, "families": 1, "mask": 2} {
		if n := strings.Count(string(calls), "apply -f "+stage+".yaml\n"); n != want {
			t.Errorf("%s was submitted %d times, want %d:\n%s", stage, n, want, calls)
		}
	}
	if _, err := os.Stat(filepath.Join(dir, "out", "results.json")); err != nil {
		t.Error(err)
	}
}
