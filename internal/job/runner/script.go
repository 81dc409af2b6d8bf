package runner

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Task is a stage of a job as an engine runs it: Command and, if it is an array,
// the number of a step for each of Steps.
type Task struct {
	Name    string
	Steps   int
	Command []string
}

// Needs are what a step takes.
type Needs struct {
	CPUs     int
	Memory   string // such as 4Gi; "" leaves it to the engine
	Parallel int    // steps at a time, at most; 0: as many as the engine will
	Image    string // of containers
	Claim    string // persistent volume claim that holds job and images; "" for none
	Mount    string // where that is mounted
}

// quote writes arguments for a POSIX shell.
func quote(args []string) string {
	out := make([]string, len(args))
	for k, a := range args {
		out[k] = a
		if a == "" || strings.Trim(a, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./:=,") != "" {
			out[k] = "'" + strings.ReplaceAll(a, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}

// slurmScript is a script for sbatch: an array with a task for each step. A task whose
// process fails or is killed goes back to the queue, three times at most.
func slurmScript(t Task, n Needs) string {
	array := fmt.Sprintf("0-%d", t.Steps-1)
	if n.Parallel > 0 {
		array += fmt.Sprintf("%%%d", n.Parallel)
	}
	var memory string
	if n.Memory != "" {
		memory = "#SBATCH --mem=" + strings.TrimSuffix(n.Memory, "i") + "\n"
	}
	return fmt.Sprintf(`#!/bin/sh
#SBATCH --job-name=codegraph-%s
#SBATCH --array=%s
#SBATCH --ntasks=1
#SBATCH --cpus-per-task=%d
#SBATCH --requeue
#SBATCH --open-mode=append
#SBATCH --output=%s-%%a.log
%s
# A step that is done is not done again.
%s && exit 0
code=$?
if [ "${SLURM_RESTART_COUNT:-0}" -lt %d ]; then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_${SLURM_ARRAY_TASK_ID}" && sleep 60
fi
exit $code
`, t.Name, array, max(1, n.CPUs), t.Name, memory, quote(t.Command), attempts)
}

// sparkScript is SQL for spark-sql: each step is a row and a partition of its own, which
// the command reads as a line.
func sparkScript(tasks []Task) string {
	var b strings.Builder
	for _, t := range tasks {
		fmt.Fprintf(&b, "-- %s\nSELECT TRANSFORM(id) ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\t'\n  USING '%s' AS (step, state)\nFROM range(0, %d, 1, %d);\n",
			t.Name, strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(quote(append(t.Command, "--stdin"))), t.Steps, t.Steps)
	}
	return b.String()
}

// kubernetesManifest is the manifest of an Indexed Job: each step is an index, tried
// again by itself up to three times.
func kubernetesManifest(name string, t Task, n Needs) string {
	text := func(v any) string { // JSON is YAML
		data, err := json.Marshal(v)
		if err != nil {
			return `""`
		}
		return string(data)
	}
	parallel := t.Steps
	if n.Parallel > 0 {
		parallel = min(parallel, n.Parallel)
	}
	requests := fmt.Sprintf("cpu: %q", fmt.Sprint(max(1, n.CPUs)))
	if n.Memory != "" {
		requests += fmt.Sprintf(", memory: %q", n.Memory)
	}
	var mounts, volumes string
	if n.Claim != "" {
		mounts = fmt.Sprintf("          volumeMounts: [{name: shared, mountPath: %s}]\n", text(n.Mount))
		volumes = fmt.Sprintf("      volumes: [{name: shared, persistentVolumeClaim: {claimName: %s}}]\n", text(n.Claim))
	}
	return fmt.Sprintf(`apiVersion: batch/v1
kind: Job
metadata:
  name: %s
  labels: {app.kubernetes.io/name: codegraph}
spec:
  completionMode: Indexed
  completions: %d
  parallelism: %d
  backoffLimitPerIndex: %d
  template:
    spec:
      restartPolicy: Never
      containers:
        - name: codegraph
          image: %s
          command: %s
          resources: {requests: {%s}}
%s%s`, text(name+"-"+t.Name), t.Steps, parallel, attempts, text(n.Image), text(t.Command), requests, mounts, volumes)
}
