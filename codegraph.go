package codegraph

import (
	"context"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/pipeline"
)

// What users meet; the fields are documented where the types are defined.
type (
	Options   = pipeline.Options
	Constants = pipeline.Constants
	Param     = pipeline.Param

	Method    = pipeline.Method
	Align     = pipeline.Align
	Precision = pipeline.Precision
	TileMatch = pipeline.TileMatch
	Rescore   = pipeline.Rescore

	Phase    = pipeline.Phase
	Progress = pipeline.Progress

	Result        = pipeline.Result
	Image         = pipeline.Image
	Family        = pipeline.Family
	Member        = pipeline.Member
	Status        = pipeline.Status
	Alignment     = pipeline.Alignment
	Variant       = pipeline.Variant
	PhaseTime     = pipeline.PhaseTime
	MemoryPlan    = pipeline.MemoryPlan
	Intermediates = pipeline.Intermediates

	Evidence   = pipeline.Evidence
	Vector     = pipeline.Vector
	Model      = pipeline.Model
	ImageGraph = pipeline.ImageGraph
	Community  = pipeline.Community

	State = pipeline.State
)

// Values of Options.
const (
	MethodCoDeGraph = pipeline.MethodCoDeGraph
	MethodMuSc      = pipeline.MethodMuSc

	AlignAuto = pipeline.AlignAuto
	AlignOn   = pipeline.AlignOn
	AlignOff  = pipeline.AlignOff

	PrecisionAuto  = pipeline.PrecisionAuto
	PrecisionExact = pipeline.PrecisionExact
	PrecisionFast  = pipeline.PrecisionFast

	TileSame = pipeline.TileSame
	TileAny  = pipeline.TileAny

	RescoreNone  = pipeline.RescoreNone
	RescoreRsCIN = pipeline.RescoreRsCIN
)

// The phases, in order.
const (
	PhaseTile    = pipeline.PhaseTile
	PhaseAlign   = pipeline.PhaseAlign
	PhaseEmbed   = pipeline.PhaseEmbed
	PhaseCompare = pipeline.PhaseCompare
	PhaseGraph   = pipeline.PhaseGraph
	PhaseFilter  = pipeline.PhaseFilter
	PhaseWrite   = pipeline.PhaseWrite
)

// What is done about a family.
const (
	StatusDefect    = pipeline.StatusDefect
	StatusCandidate = pipeline.StatusCandidate
	StatusRejected  = pipeline.StatusRejected
)

// Errors that callers tell apart.
var (
	ErrOptions = pipeline.ErrOptions
	ErrState   = pipeline.ErrState
)

// DefaultConstants returns the defaults.
func DefaultConstants() Constants { return pipeline.DefaultConstants() }

// Detect scores a batch: see the package documentation. The result depends on
// the images and the options only, not on the number of threads. An image
// that cannot be read is listed in Result.Skipped, unless opts.Strict.
func Detect(ctx context.Context, images imageset.Set, opts Options) (*Result, error) {
	return pipeline.Detect(ctx, images, opts)
}

// Scan is Detect, and returns what it takes to score later images like those
// of the batch: see State, which must be closed.
func Scan(ctx context.Context, images imageset.Set, opts Options) (*Result, *State, error) {
	return pipeline.Scan(ctx, images, opts)
}

// LoadState reads what State.Save wrote. b is the network of the state, nil for
// the embedded one; it is an error (ErrState) if the state was made with another.
func LoadState(path string, b backbone.Backbone) (*State, error) {
	return pipeline.LoadState(path, b)
}
