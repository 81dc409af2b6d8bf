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

// familyParams are the constants that package family takes.
func familyParams(o Options) family.Params {
	c := o.Constants
	return family.Params{
		Neighbours: c.Neighbours, Level: c.Level, StandOut: c.StandOut, Local: c.Local, Same: c.Same,
		Threads: o.Threads,
	}
}
