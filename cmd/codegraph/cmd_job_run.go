package main

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	osexec "os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"codegraph/internal/job"
	"codegraph/internal/job/runner"
)

// runFlags say what runs a job.
type runFlags struct {
	finishFlags
	Runner  string
	Scripts string
	NoStart bool
	Program string
	runner.Needs
}

func newJobRunCommand(p *program) *cobra.Command {
	var opts runFlags
	cmd := &cobra.Command{
		Use:   "run [flags] JOB",
		Short: "Do all steps of a job that are not done, and write the result",
		Long: `Run does what is left of a job. --runner says who:

  local:N     N processes of this machine, each with its share of the cores
  slurm       sbatch: an array for each stage
  spark       spark-sql: a query for each stage, whose rows are steps
  kubernetes  kubectl: an Indexed Job for each stage

For all but local, what the engine takes is written to --scripts, and submitted
and followed if the engine's command is on this machine. What runs elsewhere is
cancelled with the engine's own means, and by interrupting this command.`,
		Example: `  codegraph job run --runner local:4 /shared/job1
  codegraph job run --runner slurm --cpus 8 --out results /shared/job1
  codegraph job run --runner kubernetes --image codegraph:1 s3://bucket/job1`,
		Args: atLeast(1, "job run needs a job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.json = p.json || opts.JSON
			return p.runJob(cmd.Context(), args[0], &opts)
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	f.StringVar(&opts.Runner, "runner", "local:2", "`engine`: local:N, slurm, spark or kubernetes")
	f.StringVar(&opts.Scripts, "scripts", "codegraph-job", "`folder` for what the engine takes")
	f.BoolVar(&opts.NoStart, "no-start", false, "write what the engine takes, and start nothing")
	f.StringVar(&opts.Program, "program", "", "`path` of this program where the engine runs it (default: this file)")
	f.IntVar(&opts.CPUs, "cpus", 2, "`cores` of a step on an engine")
	f.StringVar(&opts.Memory, "memory", "", "`memory` that a step asks an engine for, such as 8Gi")
	f.IntVar(&opts.Parallel, "parallel", 0, "`steps` at a time at most on an engine; 0: as many as it will")
	f.StringVar(&opts.Image, "image", "codegraph", "container `image` for kubernetes")
	f.StringVar(&opts.Claim, "claim", "", "persistent volume `claim` with job and images for kubernetes")
	f.StringVar(&opts.Mount, "mount", "/shared", "`folder` where the claim is mounted")
	opts.finishFlags.addFlags(f)
	return cmd
}

// worked are the stages that workers do, in order.
func worked() []job.Stage { return []job.Stage{job.Embed, job.Strip, job.Families, job.Mask} }

func (p *program) runJob(ctx context.Context, place string, opts *runFlags) error {
	if !strings.Contains(place, "://") {
		abs, err := filepath.Abs(place)
		if err != nil {
			return err
		}
		place = abs
	}
	if opts.Program == "" {
		self, err := os.Executable()
		if err != nil {
			return err
		}
		opts.Program = self
	}
	j, err := job.Open(ctx, place)
	if err != nil {
		return jobHint(err)
	}
	defer j.Close()
	kind, count, _ := strings.Cut(opts.Runner, ":")
	switch kind {
	case "local":
		n, err := strconv.Atoi(count)
		if err != nil || n < 1 {
			return usagef("--runner %q: local takes a number of processes, such as local:4", opts.Runner)
		}
		err = p.runLocal(ctx, j, place, n, opts)
		if err != nil {
			return err
		}
	case "slurm", "spark", "kubernetes":
		started, err := p.runEngine(ctx, j, kind, place, opts)
		if err != nil || !started {
			return err
		}
	default:
		return usagef("--runner %q: there are local:N, slurm, spark and kubernetes", opts.Runner)
	}
	return p.finishJob(ctx, place, &opts.finishFlags)
}

// stepArgs are the arguments of a worker.
func (o *runFlags) stepArgs(s job.Stage, place string, threads int) []string {
	args := []string{"job", string(s), place, "--quiet", "--threads", strconv.Itoa(max(1, threads))}
	if o.MaxMemory > 0 {
		args = append(args, "--max-memory", strconv.FormatInt(o.MaxMemory, 10))
	}
	if o.SpillDir != "" {
		args = append(args, "--spill-dir", o.SpillDir)
	}
	return args
}

// runLocal does the steps in n processes of this machine.
func (p *program) runLocal(ctx context.Context, j *job.Job, place string, n int, opts *runFlags) error {
	show := newProgress(p.stderr, opts.Quiet)
	defer show.stop()
	for _, s := range worked() {
		all, err := j.Status(ctx)
		if err != nil {
			return err
		}
		var stage job.Progress
		for _, a := range all {
			if a.Stage == s {
				stage = a
			}
		}
		threads := opts.Threads
		if s == job.Families { // one step, which has all cores
			threads = opts.Threads * n
		}
		done := stage.Done
		err = runner.Local(ctx, n, stage.Missing, func(ctx context.Context) *osexec.Cmd {
			cmd := osexec.CommandContext(ctx, opts.Program, append(opts.stepArgs(s, place, threads), "--stdin")...)
			cmd.Stderr = p.stderr
			return cmd
		}, func() {
			done++
			show.update(phaseOf[s], done, stage.Total)
		})
		if err != nil {
			return fmt.Errorf("%s: %w", s, err)
		}
	}
	return nil
}

// runEngine writes what an engine takes, and submits and follows what is not done;
// it returns false if that is left to the user.
func (p *program) runEngine(ctx context.Context, j *job.Job, kind, place string, opts *runFlags) (started bool, err error) {
	var tasks []runner.Task
	for _, s := range worked() {
		command := append([]string{opts.Program}, opts.stepArgs(s, place, opts.CPUs)...)
		tasks = append(tasks, runner.Task{Name: string(s), Steps: j.Steps(s), Command: command})
	}
	all, err := runner.Submissions(kind, "codegraph-"+digest(place), os.Getenv("SPARK_MASTER"), tasks, opts.Needs)
	if err != nil {
		return false, err
	}
	if err := writeScripts(opts.Scripts, all); err != nil {
		return false, err
	}
	if opts.NoStart || !all[0].There() {
		fmt.Fprintf(p.stdout, "written to %s; run, one after the other:\n", opts.Scripts)
		for _, s := range all {
			for _, command := range s.Commands {
				fmt.Fprintf(p.stdout, "  %s\n", strings.Join(command, " "))
			}
		}
		fmt.Fprintf(p.stdout, "  codegraph job finish %s\n", place)
		return false, nil
	}
	following, stop := context.WithCancel(ctx)
	defer stop()
	go p.follow(following, place, opts.Quiet)
	for _, s := range all {
		missing, err := missingSteps(ctx, j, s.Tasks)
		if err != nil {
			return false, err
		}
		if missing == "" {
			continue
		}
		if err = s.Run(ctx, opts.Scripts, p.stderr); err == nil {
			// The engine may be wrong: the markers are not.
			if missing, err = missingSteps(ctx, j, s.Tasks); err == nil && missing != "" {
				err = fmt.Errorf("%s has run, and these steps are not done: %s", kind, missing)
			}
		}
		if err != nil {
			return false, withHint(err, "see the engine's logs, and codegraph job status; run the same again to go on")
		}
	}
	return true, nil
}

// missingSteps says which steps of some stages are not done; "" for none.
func missingSteps(ctx context.Context, j *job.Job, stages []string) (string, error) {
	all, err := j.Status(ctx)
	if err != nil {
		return "", err
	}
	var missing []string
	for _, s := range all {
		if len(s.Missing) > 0 && slices.Contains(stages, string(s.Stage)) {
			missing = append(missing, fmt.Sprintf("%d of %d of %s, step %d for one", len(s.Missing), s.Total, s.Stage, s.Missing[0]))
		}
	}
	return strings.Join(missing, "; "), nil
}

// follow shows how far a job is, from its markers.
func (p *program) follow(ctx context.Context, place string, quiet bool) {
	show := newProgress(p.stderr, quiet)
	defer show.stop()
	j, err := job.Open(ctx, place)
	if err != nil {
		return
	}
	defer j.Close()
	for {
		if all, err := j.Status(ctx); err == nil {
			for _, s := range all {
				if s.Done < s.Total && phaseOf[s.Stage] != "" {
					show.update(phaseOf[s.Stage], s.Done, s.Total)
					break
				}
			}
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(2 * time.Second):
		}
	}
}

// digest tells jobs apart in names that may have few kinds of characters.
func digest(place string) string {
	sum := sha256.Sum256([]byte(place))
	return hex.EncodeToString(sum[:4])
}

// writeScripts writes what an engine takes.
func writeScripts(dir string, all []runner.Submission) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	for _, s := range all {
		for name, text := range s.Scripts {
			if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
				return err
			}
		}
	}
	return nil
}
