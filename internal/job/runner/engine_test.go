//go:build !windows

package runner

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// fake puts commands into PATH that give these answers, one after the other, by
// name and first argument; the last again and again. One that begins with ! goes to
// the error output and fails. It returns what reads the calls so far.
func fake(t *testing.T, answers map[string][]string) (calls func() string) {
	t.Helper()
	dir := t.TempDir()
	for key, all := range answers {
		for k, a := range all {
			if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s.%d", key, k+1)), []byte(a), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		name, _, _ := strings.Cut(key, " ")
		script := `#!/bin/sh
echo "${0##*/} $*" >> '` + dir + `/calls'
key="` + dir + `/${0##*/} $1"
[ -e "$key.1" ] || exit 0
n=$(($(cat "$key.n" 2>/dev/null || echo 0) + 1))
[ -e "$key.$n" ] || n=$((n - 1))
echo $n > "$key.n"
read -r first < "$key.$n"
case $first in "!"*) echo "$first" >&2; exit 1;; esac
cat "$key.$n"
`
		if err := os.WriteFile(filepath.Join(dir, name), []byte(script), 0o777); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func() string {
		data, err := os.ReadFile(filepath.Join(dir, "calls"))
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
}

// hurry makes engines be asked without waiting.
func hurry(t *testing.T) {
	t.Helper()
	b, p := between, patience
	between, patience = time.Millisecond, 5
	t.Cleanup(func() { between, patience = b, p })
}

const (
	running  = `{"metadata": {"name": "p-strip"}, "status": {"active": 2, "conditions": [{"type": "Suspended", "status": "False"}]}}`
	complete = `{"metadata": {"name": "p-strip"}, "status": {"conditions": [{"type": "SuccessCriteriaMet", "status": "True"}, {"type": "Complete", "status": "True"}]}}`
	broken   = `{"metadata": {"name": "p-strip"}, "status": {"failedIndexes": "3,5-7", "conditions": [{"type": "Failed", "status": "True", "reason": "FailedIndexes", "message": "Job has failed indexes"}]}}`
)

// slurmTasks is what scontrol shows of job 17, by number and state, reason and exit code.
func slurmTasks(tasks ...string) string {
	var b strings.Builder
	for _, t := range tasks {
		f := strings.Fields(t)
		fmt.Fprintf(&b, "JobId=2%s ArrayJobId=17 ArrayTaskId=%[1]s JobName=codegraph-strip JobState=%s Reason=%s ExitCode=%s\n", f[0], f[1], f[2], f[3])
	}
	return b.String()
}

// TestEngines: the end of what an engine was given is seen, good or bad, and a
// failure is told as the engine tells it.
func TestEngines(t *testing.T) {
	hurry(t)
	for _, c := range []struct {
		what, engine string
		answers      map[string][]string
		err          string   // "": none
		calls, never []string // commands
	}{
		{"complete", "kubernetes", map[string][]string{"kubectl get": {"", running, complete}}, "", []string{"kubectl apply -f strip.yaml\n"}, []string{"kubectl delete"}},
		{"failed", "kubernetes", map[string][]string{"kubectl get": {"", running, broken}}, "job p-strip of Kubernetes failed (FailedIndexes): Job has failed indexes; steps 3,5-7", nil, []string{"kubectl delete"}},
		{"failed before", "kubernetes", map[string][]string{"kubectl get": {broken, running, complete}}, "", []string{"kubectl delete job p-strip\nkubectl apply"}, nil},
		{"runs already", "kubernetes", map[string][]string{"kubectl get": {running, complete}}, "", nil, []string{"kubectl delete"}},
		{"no answer for a while", "kubernetes", map[string][]string{"kubectl get": {"", running, "!timed out", "!timed out", "!timed out", complete}}, "", nil, nil},
		{"no answer", "kubernetes", map[string][]string{"kubectl get": {"", "!connection refused"}}, "connection refused", nil, nil},
		{"no answer at first", "kubernetes", map[string][]string{"kubectl get": {"!connection refused"}}, "connection refused", nil, []string{"kubectl apply"}},
		{"deleted", "kubernetes", map[string][]string{"kubectl get": {"", running, "!Error from server (NotFound)"}}, "was deleted", nil, nil},
		{"refused", "kubernetes", map[string][]string{"kubectl get": {""}, "kubectl apply": {"!the Job is invalid"}}, "the Job is invalid", nil, nil},

		{"completed", "slurm", map[string][]string{"sbatch --parsable": {"17;cluster"}, "scontrol show": {
			slurmTasks("0 RUNNING None 0:0", "[1-11%5] PENDING Resources 0:0"), slurmTasks("0 COMPLETED None 0:0", "1 COMPLETED None 0:0"),
		}}, "", []string{"sbatch --parsable strip.sh\n", "scontrol show job --oneliner 17\n"}, []string{"scancel"}},
		{"some failed", "slurm", map[string][]string{"sbatch --parsable": {"17"}, "scontrol show": {
			slurmTasks("0 COMPLETED None 0:0", "1 FAILED NonZeroExitCode 1:0", "2 RUNNING None 0:0"), slurmTasks("2 TIMEOUT TimeLimit 0:15", "11 OUT_OF_MEMORY OutOfMemory 0:125"), "!Invalid job id specified",
		}}, "job 17 of Slurm: task 1 FAILED (exit 1:0), task 2 TIMEOUT (exit 0:15), task 11 OUT_OF_MEMORY (exit 0:125)", nil, nil},
		{"requeued", "slurm", map[string][]string{"sbatch --parsable": {"17"}, "scontrol show": {
			slurmTasks("0 FAILED NonZeroExitCode 1:0", "1 RUNNING None 0:0"), slurmTasks("0 PENDING BeginTime 0:0"), slurmTasks("0 COMPLETED None 0:0", "1 COMPLETED None 0:0"),
		}}, "", nil, nil},
		{"cancelled", "slurm", map[string][]string{"sbatch --parsable": {"17"}, "scontrol show": {slurmTasks("0 CANCELLED None 0:0")}}, "task 0 CANCELLED (exit 0:0)", nil, nil},
		{"held", "slurm", map[string][]string{"sbatch --parsable": {"17"}, "scontrol show": {
			slurmTasks("0 PENDING launch_failed_requeued_held 0:0", "1 RUNNING None 0:0"), slurmTasks("0 PENDING launch_failed_requeued_held 0:0", "1 COMPLETED None 0:0"),
		}}, "task 0 is held (launch_failed_requeued_held)", nil, nil},
		{"forgotten", "slurm", map[string][]string{"sbatch --parsable": {"17"}, "scontrol show": {"!slurm_load_jobs error: Invalid job id specified"}}, "", nil, nil},
		{"no answer", "slurm", map[string][]string{"sbatch --parsable": {"17"}, "scontrol show": {"!Unable to contact slurm controller"}}, "Unable to contact", nil, nil},
		{"refused", "slurm", map[string][]string{"sbatch --parsable": {"!invalid partition"}}, "invalid partition", nil, nil},

		{"done", "spark", map[string][]string{"spark-sql -f": {""}}, "", []string{"spark-sql -f job.sql\n"}, nil},
		{"failed", "spark", map[string][]string{"spark-sql -f": {"!Job aborted due to stage failure"}}, "spark-sql -f job.sql: exit status 1", nil, nil},
	} {
		t.Run(c.engine+" "+c.what, func(t *testing.T) {
			calls := fake(t, c.answers)
			err := submit(context.Background(), t, c.engine)
			if c.err == "" && err != nil || c.err != "" && (err == nil || !strings.Contains(err.Error(), c.err)) {
				t.Errorf("error %v, want %q", err, c.err)
			}
			got := calls()
			for _, want := range c.calls {
				if !strings.Contains(got, want) {
					t.Errorf("no %q among the calls:\n%s", want, got)
				}
			}
			for _, never := range c.never {
				if strings.Contains(got, never) {
					t.Errorf("%q among the calls:\n%s", never, got)
				}
			}
		})
	}
}

func submit(ctx context.Context, t *testing.T, engine string) error {
	t.Helper()
	all, err := Submissions(engine, "p", "", []Task{task}, Needs{})
	if err != nil || len(all) != 1 || !all[0].There() {
		t.Fatalf("%d submissions: %v", len(all), err)
	}
	return all[0].Run(ctx, t.TempDir(), io.Discard)
}

// TestInterrupted: what was submitted is cancelled.
func TestInterrupted(t *testing.T) {
	hurry(t)
	for _, c := range []struct {
		engine, want string
		answers      map[string][]string
	}{
		{"kubernetes", "kubectl delete job p-strip --wait=false\n", map[string][]string{"kubectl get": {"", running}}},
		{"slurm", "scancel 17\n", map[string][]string{"sbatch --parsable": {"17"}, "scontrol show": {slurmTasks("0 RUNNING None 0:0")}, "scancel 17": {""}}},
	} {
		calls := fake(t, c.answers)
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		if err := submit(ctx, t, c.engine); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v", c.engine, err)
		}
		cancel()
		if got := calls(); !strings.Contains(got, c.want) {
			t.Errorf("%s: no %q among the calls:\n%s", c.engine, c.want, got)
		}
	}
}
