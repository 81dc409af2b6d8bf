package runner

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"time"
)

// Submission is what an engine is given at a time.
type Submission struct {
	Tasks    []string          // names of those that it does
	Scripts  map[string]string // files that it takes, by name
	Commands [][]string        // what a person runs, one after the other, in their folder
	// follow submits it, with what runs the engine's commands, and returns when
	// all is done or an error that says what failed.
	follow func(ctx context.Context, engine commands) error
}

// Submissions are those that do tasks, one after the other: for slurm, spark
// with the URL of its master ("": its own default) or kubernetes, where prefix
// begins the names of Jobs.
func Submissions(engine, prefix, master string, tasks []Task, n Needs) ([]Submission, error) {
	var out []Submission
	switch engine {
	case "slurm":
		for _, t := range tasks {
			out = append(out, slurm(t, n))
		}
	case "kubernetes":
		for _, t := range tasks {
			out = append(out, kubernetes(prefix, t, n))
		}
	case "spark":
		out = append(out, spark(master, tasks))
	default:
		return nil, fmt.Errorf("there is no engine %q", engine)
	}
	return out, nil
}

// There reports whether the engine's command is on this machine.
func (s *Submission) There() bool {
	_, err := exec.LookPath(s.Commands[0][0])
	return err == nil
}

// Run submits what lies in dir and waits until it is done. Interrupted, it
// cancels what it submitted.
func (s *Submission) Run(ctx context.Context, dir string, stderr io.Writer) error {
	return s.follow(ctx, commands{dir, stderr})
}

// commands runs those of an engine.
type commands struct {
	dir    string
	stderr io.Writer
}

// run returns what a command prints. What it says on its error output goes to
// the error.
func (c commands) run(ctx context.Context, command ...string) (string, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	var stderr bytes.Buffer
	cmd.Dir, cmd.Stderr = c.dir, &stderr
	out, err := cmd.Output()
	if err != nil {
		err = fmt.Errorf("%s: %w: %s", strings.Join(command, " "), errors.Join(err, ctx.Err()), strings.Join(strings.Fields(stderr.String()), " "))
	}
	return string(out), err
}

// cancel runs a command that ends what was submitted, after ctx is done.
func (c commands) cancel(ctx context.Context, command ...string) error {
	ending, stop := context.WithTimeout(context.WithoutCancel(ctx), time.Minute)
	defer stop()
	_, err := c.run(ending, command...)
	return errors.Join(context.Cause(ctx), err)
}

// between is how often an engine is asked how far it is, and patience how often
// it may give no answer before that is an error: some minutes.
var between, patience = 5 * time.Second, 60

// poll asks again and again until ask says that all is done, or what failed. No
// answer is not yet a failure: engines are restarted while jobs run.
func poll(ctx context.Context, ask func() (done bool, silent, failed error)) error {
	for silence := 0; ; {
		done, silent, failed := ask()
		if done || failed != nil {
			return failed
		}
		if silence++; silent == nil {
			silence = 0
		} else if silence >= patience {
			return silent
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(between):
		}
	}
}
