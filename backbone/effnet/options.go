package effnet

import "slices"

// Options choose what a [Network] computes. The zero value of each field
// means its default.
type Options struct {
	// Weights is a file written by convert/convert.py; nil: the embedded
	// one. It is not retained.
	Weights []byte
	// Taps names the layers to return, "stage1" and so on, in any order;
	// nil: DefaultTaps.
	Taps []string
	// Size, Grid and Radii are passed on in Info.
	Size  int
	Grid  int
	Radii []int
}

// The defaults of Info. Everything that measurement decides is here.
const (
	defaultSize = 448
	defaultGrid = 28
)

var (
	defaultRadii = []int{1, 3, 5}
	defaultTaps  = []string{"stage3", "stage4"}
)

// DefaultTaps returns the layers tapped unless Options.Taps says otherwise.
func DefaultTaps() []string { return slices.Clone(defaultTaps) }

func (o Options) withDefaults() Options {
	if o.Weights == nil {
		o.Weights = embedded
	}
	if o.Taps == nil {
		o.Taps = defaultTaps
	}
	if o.Size == 0 {
		o.Size = defaultSize
	}
	if o.Grid == 0 {
		o.Grid = defaultGrid
	}
	if o.Radii == nil {
		o.Radii = defaultRadii
	}
	return o
}
