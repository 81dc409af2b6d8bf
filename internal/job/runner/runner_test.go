package runner

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// asWorker makes this test binary a worker that dies at its first step unless
// the file that it names is there, and at step 3 always where it names none.
const asWorker = "CODEGRAPH_TEST_AS_WORKER"

func TestMain(m *testing.M) {
	file, ok := os.LookupEnv(asWorker)
	if !ok {
		os.Exit(m.Run())
	}
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		if file != "" && os.WriteFile(file, nil, 0o666) == nil && os.Remove(file) == nil {
			if f, err := os.OpenFile(file+".died", os.O_CREATE|os.O_EXCL, 0o666); err == nil {
				f.Close()
				os.Exit(9)
			}
		}
		if file == "" && in.Text() == "3" {
			os.Exit(9)
		}
		fmt.Printf("%s\tdone\n", in.Text())
	}
	os.Exit(0)
}

func workers(file string) func(ctx context.Context) *exec.Cmd {
	return func(ctx context.Context) *exec.Cmd {
		cmd := exec.CommandContext(ctx, os.Args[0])
		cmd.Env = append(os.Environ(), asWorker+"="+file)
		return cmd
	}
}

// TestLocal: steps of a process that dies are done by another, and one that
// always kills its process ends the job.
func TestLocal(t *testing.T) {
	t.Parallel()
	file, n := filepath.Join(t.TempDir(), "first"), 0
	if err := Local(context.Background(), 2, []int{0, 1, 2, 5, 4}, workers(file), func() { n++ }); err != nil || n != 5 {
		t.Errorf("%d of 5 steps: %v", n, err)
	}
	if _, err := os.Stat(file + ".died"); err != nil {
		t.Error("no worker died")
	}
	err := Local(context.Background(), 2, []int{1, 3, 2}, workers(""), func() {})
	if err == nil || !strings.Contains(err.Error(), "step 3 failed 3 times") {
		t.Errorf("a step that kills its process: %v", err)
	}
	if err := Local(context.Background(), 2, nil, workers(""), func() {}); err != nil {
		t.Errorf("no steps: %v", err)
	}
	if err := Local(context.Background(), 1, []int{1}, func(ctx context.Context) *exec.Cmd { return exec.CommandContext(ctx, "no such program") }, func() {}); err == nil {
		t.Error("a program that is not there")
	}
}

var task = Task{Name: "strip", Steps: 12, Command: []string{"/opt/code graph", "job", "strip", "s3://bucket/a?region=eu", "--quiet"}}

// TestScripts: what engines take has the steps and the command, quoted.
func TestScripts(t *testing.T) {
	t.Parallel()
	n := Needs{CPUs: 4, Memory: "8Gi", Parallel: 5, Image: "registry/codegraph:1", Claim: "photos", Mount: "/shared"}
	for _, c := range []struct {
		what, text string
		want       []string
	}{
		{"slurm", slurmScript(task, n), []string{"--array=0-11%5\n", "--cpus-per-task=4\n", "--mem=8G\n", "'/opt/code graph' job strip 's3://bucket/a?region=eu' --quiet && exit 0", "--requeue\n"}},
		{"spark", sparkScript([]Task{task}), []string{`USING '\'/opt/code graph\' job strip \'s3://bucket/a?region=eu\' --quiet --stdin' AS`, "range(0, 12, 1, 12)"}},
		{"kubernetes", kubernetesManifest("codegraph", task, n), []string{
			`name: "codegraph-strip"`, "completionMode: Indexed", "completions: 12", "parallelism: 5", "backoffLimitPerIndex: 3",
			`command: ["/opt/code graph","job","strip","s3://bucket/a?region=eu","--quiet"]`, `cpu: "4", memory: "8Gi"`, `claimName: "photos"`,
		}},
	} {
		for _, want := range c.want {
			if !strings.Contains(c.text, want) {
				t.Errorf("%s lacks %s:\n%s", c.what, want, c.text)
			}
		}
	}
}
