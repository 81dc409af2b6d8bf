package codegraph

import (
	"context"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/pipeline"
	"codegraph/internal/snapshot"
	"codegraph/internal/tiled"
)

// What users meet; the fields are documented where the types are defined.
type (
	Options   = option.Options
	Constants = option.Constants

	Method    = option.Method
	Align     = option.Align
	Precision = option.Precision
	TileMatch = option.TileMatch
	Rerank    = option.Rerank

	Phase    = option.Phase
	Progress = option.Progress

	Result         = pipeline.Result
	Image          = pipeline.Image
	Family         = pipeline.Family
	FamilyEvidence = pipeline.FamilyEvidence
	Member         = pipeline.Member
	Status         = pipeline.Status
	Alignment      = pipeline.Alignment
	Variant        = pipeline.Variant
	PhaseTime      = pipeline.PhaseTime
	MemoryPlan     = pipeline.MemoryPlan
	Intermediates  = pipeline.Intermediates

	Evidence   = pipeline.Evidence
	Vector     = pipeline.Vector
	Model      = pipeline.Model
	ImageGraph = pipeline.ImageGraph
	Community  = pipeline.Community

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
)

// Errors that callers tell apart.
var (
	ErrOptions  = option.Err
	ErrSnapshot = snapshot.Err
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

// Scan is Detect, and returns what it takes to score later images like those
// of the batch: see Snapshot, which must be closed.
func Scan(ctx context.Context, images imageset.Set, opts Options) (*Result, *Snapshot, error) {
	opts, err := option.Complete(opts)
	if err != nil {
		return nil, nil, err
	}
	if images, opts, err = pipeline.WithIntensity(ctx, images, opts); err != nil {
		return nil, nil, err
	}
	return snapshot.Scan(ctx, images, opts)
}

// LoadSnapshot reads what Snapshot.Save wrote. b is the network of the
// snapshot, nil for the embedded one; it is an error (ErrSnapshot) if the
// snapshot was made with another.
func LoadSnapshot(path string, b backbone.Backbone) (*Snapshot, error) {
	return snapshot.Load(path, b)
}
