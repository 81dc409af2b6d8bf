package codegraph

import (
	"context"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/answer"
	"codegraph/internal/option"
	"codegraph/internal/pipeline"
	"codegraph/internal/snapshot"
	"codegraph/internal/tiled"
)

// What goes into a scan.
type (
	// Options control a scan; the zero value of each field means its default, and
	// docs/options.md has them all.
	Options = option.Options
	// Constants are the numbers of the algorithm, all without a unit.
	Constants = option.Constants
	// Method selects how a batch is scored.
	Method = option.Method
	// Align says whether parts are turned alike before they are compared.
	Align = option.Align
	// Precision says in what numbers the nearest patches are looked for.
	Precision = option.Precision
	// TileMatch says what a tile is compared with.
	TileMatch = option.TileMatch
	// Rerank says how image scores are ranked again.
	Rerank = option.Rerank
	// Answers are what a person said of the images and families of a batch.
	Answers = answer.Answers
	// Phase names a step of the work.
	Phase = option.Phase
	// Progress hears how far a phase is: done of total units, from one goroutine at
	// a time.
	Progress = option.Progress
)

// What comes out.
type (
	// Result is everything a scan found out. Images are known by their index in
	// Result.Images, patches by y·GridW + x.
	Result = pipeline.Result
	// Image is the result for one image: its maps are [GridH·GridW], its scores
	// distances of unit vectors, 0 to 2.
	Image = pipeline.Image
	// Family is a group of images that share what no others have.
	Family = pipeline.Family
	// FamilyEvidence is what the status of a family rests on.
	FamilyEvidence = pipeline.FamilyEvidence
	// Member is an image of a family, and its patches.
	Member = pipeline.Member
	// Status says what was done about a family.
	Status = pipeline.Status
	// Alignment is how much more the parts agree when they are turned alike, as
	// cosines.
	Alignment = pipeline.Alignment
	// Variant is a layer of the network, averaged over Radius × Radius patches.
	Variant = pipeline.Variant
	// PhaseTime is the wall-clock time of a phase.
	PhaseTime = pipeline.PhaseTime
	// MemoryPlan is what a run is going to need, in bytes.
	MemoryPlan = pipeline.MemoryPlan
	// Intermediates are the quantities in between, with Options.KeepIntermediates:
	// distances [N][P][N], scores [N][P], links and groups.
	Intermediates = pipeline.Intermediates

	// Evidence is what the result rests on, with Options.Evidence.
	Evidence = pipeline.Evidence
	// Vector is the mutual similarity vector of a patch, in short.
	Vector = pipeline.Vector
	// Model is the tail index of a batch and how well it fits.
	Model = pipeline.Model
	// ImageGraph counts the suspicious links between images.
	ImageGraph = pipeline.ImageGraph
	// Community is a group of images of the graph.
	Community = pipeline.Community

	// Session is a scan that stays open: Judge is its result with a person's answers.
	Session = pipeline.Session

	// Snapshot is what it takes to score later images like those of a scan.
	Snapshot = snapshot.Snapshot
)

// Values of Options.
const (
	MethodCoDeGraph = option.MethodCoDeGraph
	MethodPublished = option.MethodPublished
	MethodMuSc      = option.MethodMuSc

	AlignAuto = option.AlignAuto
	AlignOn   = option.AlignOn
	AlignOff  = option.AlignOff

	PrecisionAuto  = option.PrecisionAuto
	PrecisionExact = option.PrecisionExact
	PrecisionFast  = option.PrecisionFast

	TileSame = option.TileSame
	TileAny  = option.TileAny

	RerankNone  = option.RerankNone
	RerankRsCIN = option.RerankRsCIN
)

// The phases, in order.
const (
	PhaseTile    = option.PhaseTile
	PhaseAlign   = option.PhaseAlign
	PhaseEmbed   = option.PhaseEmbed
	PhaseCompare = option.PhaseCompare
	PhaseGraph   = option.PhaseGraph
	PhaseFilter  = option.PhaseFilter
	PhaseWrite   = option.PhaseWrite
)

// What is done about a family.
const (
	StatusDefect    = pipeline.StatusDefect
	StatusCandidate = pipeline.StatusCandidate
	StatusRejected  = pipeline.StatusRejected
	StatusDismissed = pipeline.StatusDismissed
)

// Errors that callers tell apart, with errors.Is.
var (
	ErrOptions  = option.Err   // options that make no sense
	ErrSnapshot = snapshot.Err // a snapshot that is damaged, or of another network
)

// DefaultConstants returns the defaults.
func DefaultConstants() Constants { return option.DefaultConstants() }

// Detect scores a batch: see the package documentation. The result depends on
// the images and the options only, not on the number of threads. An image
// that cannot be read is listed in Result.Skipped, unless opts.Strict.
func Detect(ctx context.Context, images imageset.Set, opts Options) (*Result, error) {
	opts, err := option.Complete(opts)
	if err != nil {
		return nil, err
	}
	images, opts = pipeline.WithRegions(images, opts)
	if images, opts, err = pipeline.WithIntensity(ctx, images, opts); err != nil {
		return nil, err
	}
	switch {
	case opts.Tile > 0:
		return tiled.Detect(ctx, images, opts)
	case opts.Base > 0:
		res, s, err := snapshot.Scan(ctx, images, opts)
		if err != nil {
			return nil, err
		}
		return res, s.Close()
	}
	return pipeline.Detect(ctx, images, opts)
}

// Open is Detect, and keeps the scan open for a person's answers: see Session,
// which must be closed. It is nil where images are not all compared with all as a
// whole (Options.Tile and Base).
func Open(ctx context.Context, images imageset.Set, opts Options) (*Result, *Session, error) {
	complete, err := option.Complete(opts)
	if err != nil {
		return nil, nil, err
	}
	if complete.Tile > 0 || complete.Base > 0 {
		res, err := Detect(ctx, images, opts)
		return res, nil, err
	}
	images, complete = pipeline.WithRegions(images, complete)
	if images, complete, err = pipeline.WithIntensity(ctx, images, complete); err != nil {
		return nil, nil, err
	}
	return pipeline.Open(ctx, images, complete)
}

// LoadAnswers reads a file of answers, as a report hands it out, for
// Options.Answers.
func LoadAnswers(path string) (*Answers, error) { return answer.Load(path) }

// Scan is Detect, and returns what it takes to score later images like those
// of the batch: see Snapshot, which must be closed.
func Scan(ctx context.Context, images imageset.Set, opts Options) (*Result, *Snapshot, error) {
	opts, err := option.Complete(opts)
	if err != nil {
		return nil, nil, err
	}
	images, opts = pipeline.WithRegions(images, opts)
	if images, opts, err = pipeline.WithIntensity(ctx, images, opts); err != nil {
		return nil, nil, err
	}
	return snapshot.Scan(ctx, images, opts)
}

// LoadSnapshot reads what Snapshot.Save wrote. b is the network of the snapshot;
// nil stands for the embedded one of the name that the snapshot has. It is an error
// (ErrSnapshot) if the snapshot was made with another.
func LoadSnapshot(path string, b backbone.Backbone) (*Snapshot, error) {
	return snapshot.Load(path, b)
}
