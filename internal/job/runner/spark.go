package runner

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"
)

// spark is one submission of all tasks: starting Spark takes longer than a query.
func spark(master string, tasks []Task) Submission {
	const query = "job.sql"
	command := []string{"spark-sql"}
	if master != "" {
		command = append(command, "--master", master)
	}
	command = append(command, "-f", query)
	s := Submission{Scripts: map[string]string{query: sparkScript(tasks)}, Commands: [][]string{command}}
	for _, t := range tasks {
		s.Tasks = append(s.Tasks, t.Name)
	}
	s.follow = func(ctx context.Context, c commands) error { return followSpark(ctx, c, command) }
	return s
}

// followSpark runs spark-sql, which ends at the first query that fails, and
// cancels what runs when it is interrupted.
func followSpark(ctx context.Context, c commands, command []string) error {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Dir, cmd.Stderr = c.dir, c.stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = time.Minute
	err := cmd.Run()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	if err != nil {
		return fmt.Errorf("%s: %w", strings.Join(command, " "), err)
	}
	return nil
}
