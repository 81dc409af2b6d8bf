package pipeline

import (
	"errors"
	"fmt"
	"runtime"
	"slices"

	"codegraph/backbone/effnet"
	"codegraph/internal/rscin"
	"codegraph/internal/verdict"
)

// ErrOptions is wrapped by errors about options that make no sense.
var ErrOptions = errors.New("wrong options")

// withDefaults fills in what is zero and checks the rest.
func (o Options) withDefaults() (Options, error) {
	if o.Method == "" {
		o.Method = MethodCoDeGraph
	}
	if o.Method != MethodCoDeGraph && o.Method != MethodMuSc {
		return o, fmt.Errorf("%w: method %q; there are %s and %s", ErrOptions, o.Method, MethodCoDeGraph, MethodMuSc)
	}
	if o.Align == "" {
		o.Align = AlignAuto
		if o.Method == MethodMuSc || o.Aligned > 0 || o.Tile > 0 {
			o.Align = AlignOff
		}
	}
	if !slices.Contains([]Align{AlignAuto, AlignOn, AlignOff}, o.Align) {
		return o, fmt.Errorf("%w: align %q; there are %s, %s and %s", ErrOptions, o.Align, AlignAuto, AlignOn, AlignOff)
	}
	if o.Backbone == nil {
		b, err := effnet.Default()
		if err != nil {
			return o, fmt.Errorf("codegraph: embedded backbone: %w", err)
		}
		o.Backbone = b
	}
	info := o.Backbone.Info()
	if o.Size == 0 {
		o.Size = info.Size
	}
	if info.Fixed && o.Size != info.Size {
		return o, fmt.Errorf("%w: size %d; %s takes %d only", ErrOptions, o.Size, info.Name, info.Size)
	}
	if o.Size < info.Multiple || o.Size%info.Multiple != 0 {
		return o, fmt.Errorf("%w: size %d; %s takes positive multiples of %d", ErrOptions, o.Size, info.Name, info.Multiple)
	}
	if o.Grid == 0 {
		o.Grid = info.Grid
	}
	if o.Grid < 0 || o.Grid > o.Size {
		return o, fmt.Errorf("%w: a grid of %d patches a side at %d pixels", ErrOptions, o.Grid, o.Size)
	}
	if o.Base < 0 || o.Base == 1 {
		return o, fmt.Errorf("%w: a base of %d images; it takes two, better twenty", ErrOptions, o.Base)
	}
	if err := o.checkTile(); err != nil {
		return o, err
	}
	if o.Aligned < 0 {
		return o, fmt.Errorf("%w: matches at most %d patches away; it must not be negative", ErrOptions, o.Aligned)
	}
	if o.Precision = o.Precision.Effective(); o.Precision != PrecisionExact && o.Precision != PrecisionFast {
		return o, fmt.Errorf("%w: precision %q; there are %s, %s and %s", ErrOptions, o.Precision, PrecisionAuto, PrecisionExact, PrecisionFast)
	}
	if err := o.checkRescore(); err != nil {
		return o, err
	}
	if len(o.Radii) == 0 {
		o.Radii = info.Radii
	}
	o.Radii = slices.Clone(o.Radii)
	for _, r := range o.Radii {
		if r < 1 || r%2 == 0 {
			return o, fmt.Errorf("%w: neighbourhood %d; it must be odd and positive", ErrOptions, r)
		}
	}
	if o.FDR == 0 {
		o.FDR = verdict.DefaultFDR
	}
	if !(o.FDR > 0 && o.FDR < 1) {
		return o, fmt.Errorf("%w: a false-discovery rate of %v; it must be between 0 and 1", ErrOptions, o.FDR)
	}
	if o.Threads <= 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	return o, o.checkConstants()
}

func (o *Options) checkTile() error {
	if o.TileMatch == "" {
		o.TileMatch = TileSame
	}
	switch {
	case o.Tile < 0:
		return fmt.Errorf("%w: tiles of %d pixels", ErrOptions, o.Tile)
	case o.TileMatch != TileSame && o.TileMatch != TileAny:
		return fmt.Errorf("%w: tiles match %q; there are %s and %s", ErrOptions, o.TileMatch, TileSame, TileAny)
	case o.Tile > 0 && o.Align != AlignOff:
		return fmt.Errorf("%w: align %q with tiles, which are compared as they lie", ErrOptions, o.Align)
	case o.Tile > 0 && o.Base > 0:
		return fmt.Errorf("%w: a base of %d images with tiles", ErrOptions, o.Base)
	case o.Tile > 0 && o.TileMatch == TileAny && o.Aligned > 0:
		return fmt.Errorf("%w: matches limited to %d patches with tiles that match any other", ErrOptions, o.Aligned)
	}
	return nil
}

func (o *Options) checkRescore() error {
	if o.Rescore == "" {
		o.Rescore = RescoreNone
	}
	switch {
	case o.Rescore == RescoreNone:
		o.RsCINWindows = nil
		return nil
	case o.Rescore != RescoreRsCIN:
		return fmt.Errorf("%w: rescore %q; there are %s and %s", ErrOptions, o.Rescore, RescoreNone, RescoreRsCIN)
	case !o.Backbone.Info().ClassToken:
		return fmt.Errorf("%w: rescore %s compares images by class tokens, and %s has none: take a vision transformer that has, such as CLIP or DINOv2", ErrOptions, o.Rescore, o.Backbone.Info().Name)
	case o.Tile > 0 || o.Base > 0:
		return fmt.Errorf("%w: rescore %s with tiles or a base; it looks at all images of a batch together", ErrOptions, o.Rescore)
	}
	if len(o.RsCINWindows) == 0 {
		o.RsCINWindows = rscin.Windows()
	}
	o.RsCINWindows = slices.Clone(o.RsCINWindows)
	for _, k := range o.RsCINWindows {
		if k < 1 {
			return fmt.Errorf("%w: an RsCIN window of %d images; an image and its nearest are at least 1", ErrOptions, k)
		}
	}
	return nil
}

func (o *Options) checkConstants() error {
	if o.Constants == (Constants{}) {
		o.Constants = DefaultConstants()
	}
	for _, p := range o.Constants.Params() {
		if !(*p.Value >= p.Min && *p.Value <= p.Max) {
			return fmt.Errorf("%w: %s is %v; it must be between %v and %v", ErrOptions, p.Name, *p.Value, p.Min, p.Max)
		}
	}
	return nil
}
