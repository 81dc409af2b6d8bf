package runner

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
)

func slurm(t Task, n Needs) Submission {
	script := t.Name + ".sh"
	return Submission{
		Tasks: []string{t.Name}, Scripts: map[string]string{script: slurmScript(t, n)}, Commands: [][]string{{"sbatch", "--wait", script}},
		follow: func(ctx context.Context, c commands) error { return followSlurm(ctx, c, script) },
	}
}

// followSlurm does not leave the waiting to sbatch, which takes an array of
// cancelled tasks for done and waits for those that are held for good.
func followSlurm(ctx context.Context, c commands, script string) error {
	out, err := c.run(ctx, "sbatch", "--parsable", script)
	if err != nil {
		return err
	}
	id, _, _ := strings.Cut(strings.TrimSpace(out), ";") // a cluster may follow
	a := array{id: id, tasks: make(map[string]slurmTask)}
	err = poll(ctx, func() (done bool, silent, failed error) {
		// Slurm forgets tasks some minutes after they ended.
		out, err := c.run(ctx, "scontrol", "show", "job", "--oneliner", id)
		if err != nil && !strings.Contains(err.Error(), "Invalid job id") {
			return false, err, nil
		}
		return a.read(out)
	})
	if ctx.Err() != nil {
		return c.cancel(ctx, "scancel", id)
	}
	return err
}

// array is an array of tasks as Slurm showed it so far.
type array struct {
	id    string
	tasks map[string]slurmTask // by number
}

type slurmTask struct{ state, reason, exit string }

// read takes what scontrol shows: a line for each task, or for several that wait.
func (a *array) read(shown string) (done bool, silent, failed error) {
	live, held := 0, ""
	for line := range strings.Lines(shown) {
		field := make(map[string]string)
		for _, f := range strings.Fields(line) {
			key, value, _ := strings.Cut(f, "=")
			field[key] = cmp.Or(field[key], value)
		}
		t := slurmTask{field["JobState"], field["Reason"], field["ExitCode"]}
		number := cmp.Or(field["ArrayTaskId"], field["JobId"])
		if t.state == "" {
			continue
		}
		a.tasks[number] = t
		if !t.ended() {
			live++
			if !t.stuck() {
				continue
			}
			held = fmt.Sprintf("task %s is held (%s)", number, t.reason)
			live--
		}
	}
	if live > 0 {
		return false, nil, nil
	}
	if held != "" {
		return true, nil, fmt.Errorf("job %s of Slurm: %s and will not run; scancel %[1]s ends it", a.id, held)
	}
	return true, nil, a.failure()
}

// ended reports whether a task will not run again.
func (t slurmTask) ended() bool {
	return slices.Contains([]string{"COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "PREEMPTED", "BOOT_FAIL", "DEADLINE", "OUT_OF_MEMORY", "REVOKED"}, t.state)
}

// stuck reports whether a task waits for somebody to release it, because it
// could not be started or was requeued too often.
func (t slurmTask) stuck() bool {
	reason := strings.ToLower(t.reason)
	return t.state == "SPECIAL_EXIT" || t.state == "REQUEUE_HOLD" || strings.Contains(reason, "requeued_held") ||
		strings.Contains(reason, "requeued_in_held") || strings.Contains(reason, "maxrequeue")
}

// failure says which tasks ended otherwise than they should.
func (a *array) failure() error {
	var failed []string
	for number, t := range a.tasks {
		if t.ended() && t.state != "COMPLETED" {
			failed = append(failed, fmt.Sprintf("task %s %s (exit %s)", number, t.state, t.exit))
		}
	}
	if len(failed) == 0 {
		return nil
	}
	slices.SortFunc(failed, func(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), strings.Compare(a, b)) })
	return errors.New("job " + a.id + " of Slurm: " + some(failed))
}

// some lists the first few.
func some(all []string) string {
	const few = 5
	if len(all) <= few {
		return strings.Join(all, ", ")
	}
	return fmt.Sprintf("%s and %d more", strings.Join(all[:few], ", "), len(all)-few)
}
