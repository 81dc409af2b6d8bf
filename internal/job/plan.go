package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"gocloud.dev/blob"
	"gocloud.dev/gcerrors"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/answer"
	"codegraph/internal/cpu"
	"codegraph/internal/option"
	"codegraph/internal/pipeline"
)

// Errors that callers tell apart, with errors.Is.
var (
	ErrNotDone = errors.New("a step that this one needs is not done yet")
	ErrUnlike  = errors.New("this worker is not like the one that made the plan")
	ErrNoJob   = errors.New("there is no job")
	ErrBusy    = errors.New("there is a job already")
)

// Worker is what must be the same wherever a step is done: or the bytes of the
// result depend on who did which.
type Worker struct {
	Program   string `json:"program"`   // version, or digest of a program without one
	Kernel    string `json:"kernel"`    // cpu.Name
	Precision string `json:"precision"` // as in effect
	Backbone  string `json:"backbone"`  // digest of the network
}

// newWorker describes this process.
func newWorker(program string, o option.Options, network backbone.Info) Worker {
	return Worker{Program: program, Kernel: cpu.Name(), Precision: string(o.Precision.Effective()), Backbone: network.Digest}
}

// Photograph is an image of a plan, or a reference.
type Photograph struct {
	Name string `json:"name"`
	Path string `json:"path"` // as all workers see it
	Page int    `json:"page,omitempty"`
	// ROI is a region of interest of its own.
	ROI       *imageset.ROI `json:"roi,omitempty"`
	Reference bool          `json:"reference,omitempty"`
}

// Problem is an input that could not be used, or a remark on one.
type Problem struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Plan says what is scanned, how, and in which steps.
type Plan struct {
	Worker
	Network   string              `json:"network"` // as --backbone names it
	Title     string              `json:"title"`   // of the page
	Folder    string              `json:"folder"`
	Settings  option.Settings     `json:"settings"`
	Answers   *answer.Answers     `json:"answers,omitempty"` // of a person
	Images    []Photograph        `json:"images"`
	Angles    []float64           `json:"angles"` // by item, radians; nil: all 0
	Alignment *pipeline.Alignment `json:"alignment"`
	Missing   []Problem           `json:"missing,omitempty"` // found but not readable
	Remarks   []string            `json:"remarks,omitempty"`
	Block     int                 `json:"block"` // images of a strip, and of an embedding
}

const planName = "plan.json"

// block is how many of n images on a grid of p patches make a strip: each takes
// 8·n·p bytes of memory, all together at most 1 GiB, and lays out the tokens of
// all others, so that 16 keep that below a tenth of the work; with 32 strips or
// more there is something to share.
func block(n, p int) int {
	rows := int64(8) * int64(n) * int64(max(1, p))
	return int(max(16, min(256, (1<<30)/rows, int64(n)/32)))
}

// Job is a plan at its place.
type Job struct {
	Plan
	bucket  *blob.Bucket
	options option.Options // complete
	items   []pipeline.Item
	batch   *batch // once it was needed
	host    string
}

// NewPlan aligns the images and plans their scan. o is not complete yet, and has
// the references; what it decides about the images is settled here.
func NewPlan(ctx context.Context, images imageset.Set, s option.Settings, program string) (*Plan, error) {
	o, err := option.Complete(s.Options)
	if err != nil {
		return nil, err
	}
	if o.Tile > 0 || o.Base > 0 || s.Snapshot != "" {
		return nil, fmt.Errorf("%w: a job compares all images with all; tile, base and snapshot take one process", option.Err)
	}
	if images, o, err = pipeline.WithIntensity(ctx, images, o); err != nil {
		return nil, err
	}
	p := &Plan{
		Worker: newWorker(program, o, o.Backbone.Info()), Network: s.Network, Answers: o.Answers,
		Settings: option.Settings{Options: o, ROIMasks: s.ROIMasks, MinArea: s.MinArea, Scale: s.Scale, Overlays: s.Overlays},
	}
	for _, it := range pipeline.NewItems(images, o.References) {
		if it.Path == "" {
			return nil, fmt.Errorf("%s is not in a file: workers could not read it", it.Name)
		}
		p.Images = append(p.Images, Photograph{it.Name, it.Path, it.Page, it.ROI, it.Role == pipeline.RoleReference})
	}
	images, o = pipeline.WithRegions(images, o)
	items := pipeline.NewItems(images, o.References)
	if p.Angles, p.Alignment, err = pipeline.AlignItems(ctx, items, o); err != nil {
		return nil, err
	}
	grid := o.Grid
	if grid == 0 {
		grid = o.Backbone.Info().Grid
	}
	p.Block = block(len(items), grid*grid)
	return p, nil
}

// Create writes a plan to a place where there is none.
func Create(ctx context.Context, place string, p *Plan) error {
	bucket, err := open(ctx, place)
	if err != nil {
		return err
	}
	defer bucket.Close()
	there, err := bucket.Exists(ctx, planName)
	if err != nil {
		return fmt.Errorf("job %s: %w", place, err)
	}
	if there {
		return fmt.Errorf("%w at %s", ErrBusy, place)
	}
	data, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		return err
	}
	if err := bucket.WriteAll(ctx, planName, data, nil); err != nil {
		return fmt.Errorf("job %s: %w", place, err)
	}
	return nil
}

// Open reads the plan at a place. The job must be closed.
func Open(ctx context.Context, place string) (*Job, error) {
	bucket, err := open(ctx, place)
	if err != nil {
		return nil, err
	}
	j := &Job{bucket: bucket, host: hostName()}
	data, err := bucket.ReadAll(ctx, planName)
	if err == nil {
		j.Settings = option.Defaults()
		err = json.Unmarshal(data, &j.Plan)
	} else if gcerrors.Code(err) == gcerrors.NotFound {
		err = fmt.Errorf("%w at %s", ErrNoJob, place)
	}
	if err != nil {
		bucket.Close()
		return nil, fmt.Errorf("job %s: %w", place, err)
	}
	return j, nil
}

// Use makes the job ready for steps with a network; o has what is this process's
// alone: threads, memory, progress. It is an error (ErrUnlike) if the process
// would give other bytes than the one that made the plan.
func (j *Job) Use(ctx context.Context, b backbone.Backbone, program string, own option.Options) error {
	o := j.Settings.Options
	o.Backbone, o.Precision = b, option.Precision(j.Precision)
	o.Threads, o.MaxMemory, o.SpillDir, o.Progress, o.Planned, o.Cache, o.Evidence = own.Threads, own.MaxMemory, own.SpillDir, own.Progress, own.Planned, own.Cache, own.Evidence
	var images imageset.Set
	for _, im := range j.Images {
		it := imageset.Item{Name: im.Name, Path: im.Path, Page: im.Page, ROI: im.ROI}
		if im.Reference {
			o.References = append(o.References, it)
		} else {
			images = append(images, it)
		}
	}
	o.Answers = j.Answers
	o, err := option.Complete(o)
	if err != nil {
		return err
	}
	images, o = pipeline.WithRegions(images, o)
	if images, o, err = pipeline.WithIntensity(ctx, images, o); err != nil {
		return err
	}
	if err := j.alike(newWorker(program, o, o.Backbone.Info())); err != nil {
		return err
	}
	j.options, j.items = o, pipeline.NewItems(images, o.References)
	return nil
}

// alike says how w differs from the worker of the plan.
func (j *Job) alike(w Worker) error {
	for _, part := range []struct{ what, mine, plan, hint string }{
		{"program", w.Program, j.Program, "run the same build everywhere"},
		{"kernel", w.Kernel, j.Kernel, "choose processors that are alike, or one kernel that all have by the environment variable " + cpu.EnvVar + " for the plan and its workers"},
		{"precision", w.Precision, j.Precision, "plan with --precision exact"},
		{"network", w.Backbone, j.Backbone, "give all workers the same file"},
	} {
		if part.mine != part.plan {
			return fmt.Errorf("%w: its %s is %q, that of the plan %q; %s", ErrUnlike, part.what, part.mine, part.plan, part.hint)
		}
	}
	return nil
}

// Close releases the job.
func (j *Job) Close() error {
	if j.batch != nil && j.batch.Tokens != nil {
		j.batch.Tokens.Close()
	}
	return j.bucket.Close()
}
