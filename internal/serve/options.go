package serve

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"slices"

	"codegraph"
	"codegraph/backbone"
)

// errRequest is wrapped by errors that are the client's.
var errRequest = errors.New("wrong request")

// Options are the choices of one run; zero fields mean the defaults of a scan.
type Options struct {
	Method    codegraph.Method    `json:"method,omitempty"`
	Backbone  string              `json:"backbone,omitempty"` // one of Engine.Networks
	Size      int                 `json:"size,omitempty"`     // pixels
	Grid      int                 `json:"grid,omitempty"`     // patches a side
	Radii     []int               `json:"radii,omitempty"`
	Align     codegraph.Align     `json:"align,omitempty"`
	Aligned   int                 `json:"aligned,omitempty"`
	Base      int                 `json:"base,omitempty"`
	Tile      int                 `json:"tile,omitempty"`
	TileMatch codegraph.TileMatch `json:"tile_match,omitempty"`
	Precision codegraph.Precision `json:"precision,omitempty"`
	FDR       float64             `json:"fdr,omitempty"`      // of the images that fail; 0: verdict.DefaultFDR
	MinArea   int                 `json:"min_area,omitempty"` // of a defect region, in pixels
	Seed      uint64              `json:"seed,omitempty"`
	Confirm   []string            `json:"confirm,omitempty"`
	Reject    []string            `json:"reject,omitempty"`
	Constants map[string]float64  `json:"constants,omitempty"` // by the names of codegraph.Constants
	// State is one of Engine.States: the images are scored against that scan,
	// each for itself. Only Backbone, Precision, FDR and MinArea go with it:
	// all else is that scan's.
	State string `json:"state,omitempty"`
}

// Bounds on what a client may ask for.
const (
	maxSide     = 2048 // pixels
	maxGrid     = 256
	maxBase     = 1 << 20
	maxRadii    = 8
	maxRadius   = 31
	maxFamilies = 100
)

// parseOptions reads options, {} for "".
func parseOptions(data []byte) (Options, error) {
	var o Options
	if len(bytes.TrimSpace(data)) == 0 {
		return o, nil
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&o); err != nil {
		return o, fmt.Errorf("%w: options: %w", errRequest, err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return o, fmt.Errorf("%w: options: more than one JSON value", errRequest)
	}
	return o, nil
}

// check finds what is wrong whatever the images.
func (o *Options) check(networks, states []string) error {
	wrong := func(name string, value any, want string) error {
		return fmt.Errorf("%w: option %s is %v; it must be %s", errRequest, name, value, want)
	}
	switch {
	case !slices.Contains([]codegraph.Method{"", codegraph.MethodCoDeGraph, codegraph.MethodMuSc}, o.Method):
		return wrong("method", o.Method, "codegraph or musc")
	case o.Backbone != "" && !slices.Contains(networks, o.Backbone):
		return wrong("backbone", o.Backbone, fmt.Sprintf("one of %q", networks))
	case !slices.Contains([]codegraph.Align{"", codegraph.AlignAuto, codegraph.AlignOn, codegraph.AlignOff}, o.Align):
		return wrong("align", o.Align, "auto, on or off")
	case !slices.Contains([]codegraph.TileMatch{"", codegraph.TileSame, codegraph.TileAny}, o.TileMatch):
		return wrong("tile_match", o.TileMatch, "same or any")
	case o.Size < 0 || o.Size > maxSide:
		return wrong("size", o.Size, fmt.Sprintf("between 0 and %d", maxSide))
	case o.Grid < 0 || o.Grid > maxGrid:
		return wrong("grid", o.Grid, fmt.Sprintf("between 0 and %d", maxGrid))
	case o.Aligned < 0 || o.Aligned > maxGrid:
		return wrong("aligned", o.Aligned, fmt.Sprintf("between 0 and %d", maxGrid))
	case o.Base != 0 && (o.Base < 2 || o.Base > maxBase):
		return wrong("base", o.Base, fmt.Sprintf("0 or between 2 and %d", maxBase))
	case o.State != "" && !slices.Contains(states, o.State):
		return wrong("state", o.State, fmt.Sprintf("one of %q", states))
	case o.State != "" && !reflect.DeepEqual(*o, Options{State: o.State, Backbone: o.Backbone, Precision: o.Precision, FDR: o.FDR, MinArea: o.MinArea}):
		return fmt.Errorf("%w: with a state there are no options but backbone, precision, fdr and min_area: all others are those of the scan that left it", errRequest)
	case !slices.Contains([]codegraph.Precision{"", codegraph.PrecisionAuto, codegraph.PrecisionExact, codegraph.PrecisionFast}, o.Precision):
		return wrong("precision", o.Precision, "auto, exact or fast")
	case !(o.FDR >= 0 && o.FDR < 1):
		return wrong("fdr", o.FDR, "between 0 and 1, such as 0.05")
	case o.MinArea < 0:
		return wrong("min_area", o.MinArea, "0 or more")
	case o.Tile != 0 && (o.Tile < 64 || o.Tile > 1<<14):
		return wrong("tile", o.Tile, "0 or between 64 and 16384")
	case len(o.Radii) > maxRadii:
		return wrong("radii", o.Radii, fmt.Sprintf("at most %d", maxRadii))
	case len(o.Confirm)+len(o.Reject) > maxFamilies:
		return wrong("confirm and reject", len(o.Confirm)+len(o.Reject), fmt.Sprintf("at most %d families", maxFamilies))
	}
	for _, r := range o.Radii {
		if r < 1 || r > maxRadius || r%2 == 0 {
			return wrong("radii", o.Radii, fmt.Sprintf("odd numbers up to %d", maxRadius))
		}
	}
	_, err := o.constants()
	return err
}

// constants are the default ones but for those that are set.
func (o *Options) constants() (codegraph.Constants, error) {
	c := codegraph.DefaultConstants()
	known := map[string]codegraph.Param{}
	for _, p := range c.Params() {
		known[p.Name] = p
	}
	for name, v := range o.Constants {
		p, ok := known[name]
		if !ok {
			return c, fmt.Errorf("%w: there is no constant %q", errRequest, name)
		}
		if !(v >= p.Min && v <= p.Max) {
			return c, fmt.Errorf("%w: constant %s is %v; it must be between %v and %v", errRequest, name, v, p.Min, p.Max)
		}
		*p.Value = v
	}
	return c, nil
}

// least is the number of images that can be scored.
func (o *Options) least() int {
	if o.State != "" {
		return 1
	}
	return 2
}

// Detect returns the options of the library, with the network that Backbone
// names; nil: the library's own.
func (o *Options) Detect(network backbone.Backbone) (codegraph.Options, error) {
	constants, err := o.constants()
	return codegraph.Options{
		Backbone: network, Method: o.Method, Size: o.Size, Grid: o.Grid, Radii: o.Radii,
		Align: o.Align, Aligned: o.Aligned, Base: o.Base, Tile: o.Tile, TileMatch: o.TileMatch,
		Precision: o.Precision, FDR: o.FDR, Seed: o.Seed, Confirm: o.Confirm, Reject: o.Reject, Constants: constants,
	}, err
}
