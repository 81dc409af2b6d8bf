package pipeline

import (
	"codegraph/internal/family"
	"codegraph/internal/option"
)

// The options of a scan, as package option has them.
type (
	Options   = option.Options
	Constants = option.Constants
	Phase     = option.Phase
	Progress  = option.Progress
)

const (
	MethodCoDeGraph = option.MethodCoDeGraph
	MethodMuSc      = option.MethodMuSc

	AlignAuto = option.AlignAuto
	AlignOff  = option.AlignOff

	PrecisionFast = option.PrecisionFast

	TileSame = option.TileSame
	TileAny  = option.TileAny

	RerankNone  = option.RerankNone
	RerankRsCIN = option.RerankRsCIN

	PhaseTile    = option.PhaseTile
	PhaseAlign   = option.PhaseAlign
	PhaseEmbed   = option.PhaseEmbed
	PhaseCompare = option.PhaseCompare
	PhaseGraph   = option.PhaseGraph
	PhaseFilter  = option.PhaseFilter
)

// ErrOptions is wrapped by errors about options that make no sense.
var ErrOptions = option.Err

// familyParams are the constants that package family takes.
func familyParams(o Options) family.Params {
	c := o.Constants
	return family.Params{
		Neighbours: c.Neighbours, Level: c.Level, StandOut: c.StandOut, Local: c.Local, Same: c.Same,
		Threads: o.Threads,
	}
}
