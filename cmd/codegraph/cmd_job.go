package main

import (
	"bufio"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"codegraph/imageset"
	"codegraph/internal/job"
	"codegraph/internal/option"
	"codegraph/internal/outdir"
	"codegraph/report"
)

func newJobCommand(p *program) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "job",
		Short: "Share a scan among processes and machines",
		Long: `Job divides a scan of many images into steps that any number of processes do,
on one machine or on many, over a folder that all see or an object store:

  codegraph job plan JOB PATH...  says what is scanned and how
  codegraph job embed JOB         a block of images becomes tokens
  codegraph job strip JOB         a block is compared with all other images
  codegraph job families JOB      groups with the same anomaly are looked for
  codegraph job mask JOB          a block is scored without anomalous patches
  codegraph job finish JOB        the result is written, as scan does

JOB is a folder, s3://BUCKET/NAME or gs://BUCKET/NAME. Job run does all of it,
in processes of this machine or with Slurm, Spark or Kubernetes. A step that is
done is not done again: a job is resumed by running it again. The result has the
same bytes as that of codegraph scan. See docs/scale.md.`,
	}
	cmd.AddCommand(newJobPlanCommand(p))
	for _, s := range []job.Stage{job.Embed, job.Strip, job.Families, job.Mask} {
		cmd.AddCommand(newJobStepCommand(p, s))
	}
	cmd.AddCommand(newJobFinishCommand(p), newJobStatusCommand(p), newJobRunCommand(p))
	return cmd
}

// programIdentity tells builds apart: the version, or the digest of a program
// that has none.
var programIdentity = sync.OnceValue(func() string {
	if v := programVersion(); v != "devel" {
		return versionText()
	}
	path, err := os.Executable()
	if err != nil {
		return versionText()
	}
	f, err := os.Open(path)
	if err != nil {
		return versionText()
	}
	defer f.Close()
	h := sha256.New()
	if _, err := io.Copy(h, f); err != nil {
		return versionText()
	}
	return fmt.Sprintf("%s %x", versionText(), h.Sum(nil)[:8])
})

func newJobPlanCommand(p *program) *cobra.Command {
	var opts scanOptions
	var block int
	cmd := &cobra.Command{
		Use:     "plan [flags] JOB PATH...",
		Short:   "Plan a job: find the images, and how they are turned",
		Example: "  codegraph job plan /shared/job1 /shared/photos",
		Args:    atLeast(2, "job plan needs a job and at least one file or folder of images"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := errors.Join(opts.detectFlags.validate(), opts.snapshotFlags.validate(opts.Snapshot)); err != nil {
				return err
			}
			return p.planJob(cmd.Context(), opts, block, args[0], args[1:])
		},
	}
	f := cmd.Flags()
	f.SortFlags = false
	heading(f, "Job", func(f *pflag.FlagSet) {
		f.IntVar(&block, "block", 0, "`images` of a strip (default: by the number of images)")
		f.StringArrayVar(&opts.snapshotFlags.References, "reference", nil, "`folder` of images known to be good: compared with, not scored; repeatable")
		f.BoolVarP(&opts.Quiet, "quiet", "q", false, "print only what is wrong")
	})
	opts.detectFlags.addFlags(f, option.Groups()...)
	opts.addSet(f)
	opts.addHelpAll(f)
	return cmd
}

func (p *program) planJob(ctx context.Context, opts scanOptions, block int, place string, roots []string) error {
	for k, root := range roots { // workers have other working folders
		abs, err := filepath.Abs(root)
		if err != nil {
			return err
		}
		roots[k] = abs
	}
	in, err := p.inputs(ctx, opts, roots)
	if err != nil {
		return err
	}
	detect := in.detect
	show := newProgress(p.stderr, opts.Quiet)
	defer show.stop()
	detect.Progress = show.update
	settings := opts.Settings
	settings.Options = detect
	plan, err := job.NewPlan(ctx, in.images, settings, programIdentity())
	if err != nil {
		return err
	}
	missing, remarks := imageset.Split(in.problems)
	for _, m := range missing {
		plan.Missing = append(plan.Missing, job.Problem{Name: m.Name, Reason: m.Err.Error()})
	}
	plan.Remarks, plan.Title, plan.Folder = remarks, titleOf(roots), strings.Join(roots, ", ")
	if block > 0 {
		plan.Block = block
	}
	if err := job.Create(ctx, place, plan); err != nil {
		return jobHint(err)
	}
	show.stop()
	if !opts.Quiet {
		fmt.Fprintf(p.stdout, "%d images, %d steps of %d images each\n", len(plan.Images), plan.Steps(job.Strip), plan.Block)
	}
	return nil
}

// jobHint says what to do about an error of a job.
func jobHint(err error) error {
	switch {
	case errors.Is(err, job.ErrBusy):
		return withHint(err, "choose another place, or go on with codegraph job run")
	case errors.Is(err, job.ErrNoJob):
		return withHint(err, "make one with codegraph job plan")
	case errors.Is(err, job.ErrNotDone):
		return withHint(err, "see codegraph job status")
	}
	return err
}

// workerFlags are what a worker of a job chooses for itself.
type workerFlags struct {
	option.Settings
	Provider string
	Quiet    bool
}

func (o *workerFlags) addFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	o.Settings = option.Defaults()
	addNamed(f, &o.Settings, "threads", "max-memory", "spill-dir")
	addProvider(f, &o.Provider)
	f.BoolVarP(&o.Quiet, "quiet", "q", false, "print only what is wrong")
}

// openJob opens a job and makes it ready for work; progress hears of it.
func (p *program) openJob(ctx context.Context, place string, o *workerFlags, evidence int, progress option.Progress) (*job.Job, error) {
	j, err := job.Open(ctx, place)
	if err != nil {
		return nil, jobHint(err)
	}
	own := o.Settings.Options
	own.Progress, own.Evidence = progress, evidence
	limitMemory(&own)
	b, err := openBackbone(j.Network, o.Provider, option.Precision(j.Precision))
	if err == nil {
		err = j.Use(ctx, b, programIdentity(), own)
	}
	if err != nil {
		j.Close()
		return nil, jobHint(err)
	}
	return j, nil
}

var stepShort = map[job.Stage]string{
	job.Embed:    "Turn a block of images into tokens",
	job.Strip:    "Compare a block of images with all others",
	job.Families: "Look for groups with the same anomaly",
	job.Mask:     "Score a block of images without anomalous patches",
}

// phaseOf is what the progress of a stage is called.
var phaseOf = map[job.Stage]option.Phase{
	job.Embed: option.PhaseEmbed, job.Strip: option.PhaseCompare, job.Families: option.PhaseGraph, job.Mask: option.PhaseFilter,
}

// indexEnv are the variables in which engines tell a task its number.
var indexEnv = []string{"SLURM_ARRAY_TASK_ID", "JOB_COMPLETION_INDEX", "AWS_BATCH_JOB_ARRAY_INDEX"}

func newJobStepCommand(p *program, s job.Stage) *cobra.Command {
	var opts workerFlags
	var indices []int
	var stdin bool
	cmd := &cobra.Command{
		Use:   string(s) + " [flags] JOB",
		Short: stepShort[s],
		Long: stepShort[s] + `.

The number of the step is --index, a line of the input with --stdin, or what
Slurm, Kubernetes or AWS Batch say in ` + strings.Join(indexEnv[:1], "") + `,
` + indexEnv[1] + ` or ` + indexEnv[2] + `.`,
		Args: atLeast(1, "job "+string(s)+" needs a job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return p.runSteps(cmd.Context(), s, args[0], &opts, indices, stdin)
		},
	}
	if s != job.Families {
		cmd.Flags().IntSliceVar(&indices, "index", nil, "`numbers` of the steps, from 0")
	}
	cmd.Flags().BoolVar(&stdin, "stdin", false, "read numbers of steps from the input, a line each, and answer each with a line")
	opts.addFlags(cmd.Flags())
	return cmd
}

// runSteps does steps and says of each whether it was done before.
func (p *program) runSteps(ctx context.Context, s job.Stage, place string, opts *workerFlags, indices []int, stdin bool) error {
	if s == job.Families && !stdin {
		indices = []int{0}
	}
	for _, name := range indexEnv {
		if v := os.Getenv(name); v != "" && len(indices) == 0 && !stdin {
			k, err := strconv.Atoi(v)
			if err != nil {
				return usagef("%s is %q, not a number", name, v)
			}
			indices = []int{k}
		}
	}
	if len(indices) == 0 && !stdin {
		return usagef("job %s needs --index", s)
	}
	j, err := p.openJob(ctx, place, opts, 0, nil)
	if err != nil {
		return err
	}
	defer j.Close()
	one := func(k int) error {
		did, err := j.Run(ctx, s, k)
		if err != nil {
			return jobHint(fmt.Errorf("%s %d: %w", s, k, err))
		}
		state := "done"
		if !did {
			state = "was done"
		}
		if stdin || !opts.Quiet {
			_, err = fmt.Fprintf(p.stdout, "%d\t%s\n", k, state)
		}
		return err
	}
	for _, k := range indices {
		if err := one(k); err != nil {
			return err
		}
	}
	if !stdin {
		return nil
	}
	for lines := bufio.NewScanner(os.Stdin); lines.Scan(); {
		k, err := strconv.Atoi(strings.TrimSpace(lines.Text()))
		if err != nil {
			return usagef("the input has %q, not the number of a step", lines.Text())
		}
		if err := one(k); err != nil {
			return err
		}
	}
	return nil
}

// finishFlags say where the result of a job goes.
type finishFlags struct {
	workerFlags
	Out      string
	JSON     bool
	NoPage   bool
	ExitCode bool
}

func (o *finishFlags) addFlags(f *pflag.FlagSet) {
	f.SortFlags = false
	f.StringVarP(&o.Out, "out", "o", "codegraph-out", "output `folder`")
	f.BoolVar(&o.JSON, "json", false, "print results.json instead of the summary, errors as JSON too")
	f.BoolVar(&o.NoPage, "no-report", false, "leave out report.html")
	f.BoolVar(&o.ExitCode, "exit-code", false, "end with exit code 4 if an image fails")
	o.workerFlags.addFlags(f)
}

func newJobFinishCommand(p *program) *cobra.Command {
	var opts finishFlags
	cmd := &cobra.Command{
		Use:   "finish [flags] JOB",
		Short: "Write the result of a job of which all steps are done",
		Args:  atLeast(1, "job finish needs a job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			p.json = p.json || opts.JSON
			return p.finishJob(cmd.Context(), args[0], &opts)
		},
	}
	opts.addFlags(cmd.Flags())
	return cmd
}

func (p *program) finishJob(ctx context.Context, place string, opts *finishFlags) error {
	release, err := claimOut(opts.Out)
	if err != nil {
		return err
	}
	defer release()
	show := newProgress(p.stderr, opts.Quiet)
	defer show.stop()
	evidence := report.PagePatches
	if opts.NoPage {
		evidence = 0
	}
	j, err := p.openJob(ctx, place, &opts.workerFlags, evidence, show.update)
	if err != nil {
		return err
	}
	defer j.Close()
	var files []string
	for _, im := range j.Images {
		files = append(files, im.Path)
	}
	if err := outdir.Guard(opts.Out, files); err != nil {
		return withHint(err, "choose another folder with --out")
	}
	res, err := j.Finish(ctx)
	if err != nil {
		return jobHint(err)
	}
	scan := scanOptions{JSON: opts.JSON, Quiet: opts.Quiet, Out: opts.Out, ExitCode: opts.ExitCode, NoPage: opts.NoPage}
	scan.Settings = j.Settings
	if err := scan.known(res.Families); err != nil {
		return err
	}
	created, err := sourceDate()
	if err != nil {
		return err
	}
	doc, err := report.Write(ctx, opts.Out, res, report.Options{
		Title: j.Title, Folder: j.Folder, Created: created, Overlays: report.OverlayMode(j.Settings.Overlays),
		Version: programVersion(), Load: p.engine.load(j.Settings.MaxPixels), Scale: report.ScaleMode(j.Settings.Scale),
		Page: !opts.NoPage, MinArea: j.Settings.MinArea, Progress: show.update,
	})
	if err != nil {
		return err
	}
	show.stop()
	if err := j.Finished(ctx, opts.Out); err != nil {
		return err
	}
	return p.conclude(doc, scan)
}

func newJobStatusCommand(p *program) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "status JOB",
		Short: "Print how far a job is",
		Args:  atLeast(1, "job status needs a job"),
		RunE: func(cmd *cobra.Command, args []string) error {
			j, err := job.Open(cmd.Context(), args[0])
			if err != nil {
				return jobHint(err)
			}
			defer j.Close()
			all, err := j.Status(cmd.Context())
			if err != nil {
				return err
			}
			if asJSON {
				return job.Encode(p.stdout, all)
			}
			return job.Write(p.stdout, all)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "print JSON, with the steps that are missing")
	return cmd
}
