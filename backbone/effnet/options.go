package effnet

// Options choose what a [Network] computes. The zero value of each field
// means its default, which is that of the embedded network.
type Options struct {
	// Network names an embedded network, "lite0-245", "lite2" or "lite0" with or
	// without the "efficientnet-" before it; "": the first of Names. With Weights, only
	// its defaults are taken.
	Network string
	// Weights is a file written by convert/convert.py; nil: the embedded
	// one. It is not retained.
	Weights []byte
	// Taps names the layers to return, "stage1" and so on, in any order;
	// "stage5/3" is stage5 with each position averaged over the 3 × 3 about it.
	// nil: those that measurement chose for the network.
	Taps []string
	// Size, Grid and Radii are passed on in Info.
	Size  int
	Grid  int
	Radii []int
}

// The defaults that the embedded networks share.
const (
	defaultSize = 448
	defaultGrid = 28
)

func (o Options) withDefaults() (Options, error) {
	e := all[0]
	if o.Network != "" {
		if e = find(o.Network); e == nil {
			return o, unknown(o.Network)
		}
	}
	if o.Weights == nil {
		o.Weights = e.weights
	}
	if o.Taps == nil {
		o.Taps = e.taps
	}
	if o.Size == 0 {
		o.Size = defaultSize
	}
	if o.Grid == 0 {
		o.Grid = defaultGrid
	}
	if o.Radii == nil {
		o.Radii = e.radii
	}
	return o, nil
}
