package option

import (
	"fmt"
	"runtime"
	"slices"

	"codegraph/backbone"
	"codegraph/backbone/effnet"
)

// Complete fills in defaults where o has zero values, and returns an error
// (Err) about options that may not be or do not go together.
func Complete(o Options) (Options, error) {
	s := Settings{Options: o}
	s.reset()
	if err := s.check(); err != nil {
		return o, err
	}
	o = s.Options
	o.Radii, o.RsCINWindows = slices.Clone(o.Radii), slices.Clone(o.RsCINWindows)
	if o.Align == "" {
		o.Align = AlignAuto
		if o.Method == MethodMuSc || o.MatchRadius > 0 || o.Tile > 0 {
			o.Align = AlignOff
		}
	}
	if o.Backbone == nil {
		b, err := effnet.Default()
		if err != nil {
			return o, fmt.Errorf("embedded backbone: %w", err)
		}
		o.Backbone = b
	}
	if err := o.fit(o.Backbone.Info()); err != nil {
		return o, fmt.Errorf("%w: %w", Err, err)
	}
	if err := o.agree(); err != nil {
		return o, fmt.Errorf("%w: %w", Err, err)
	}
	if o.Rerank == RerankNone {
		o.RsCINWindows = nil
	}
	o.Precision = o.Precision.Effective()
	if o.Threads == 0 {
		o.Threads = runtime.GOMAXPROCS(0)
	}
	return o, nil
}

// reset sets the default of the options that are zero; of the constants, if all
// are.
func (s *Settings) reset() {
	constants := s.Constants == Constants{}
	for _, o := range table {
		v := o.Value(s)
		if o.Group == Algorithm && constants || o.Group != Algorithm && v.Zero() {
			v.Reset()
		}
	}
}

// check checks each option by itself.
func (s *Settings) check() error {
	for _, o := range table {
		if err := o.Value(s).Check(); err != nil {
			return fmt.Errorf("%w: %w", Err, err)
		}
	}
	return nil
}

// fit fills in what depends on the network.
func (o *Options) fit(info backbone.Info) error {
	if o.Size == 0 {
		o.Size = info.Size
	}
	if o.Grid == 0 {
		o.Grid = info.Grid
	}
	if len(o.Radii) == 0 {
		o.Radii = slices.Clone(info.Radii)
	}
	switch {
	case info.Fixed && o.Size != info.Size:
		return fmt.Errorf("size is %d: %s takes %d only", o.Size, info.Name, info.Size)
	case o.Size < info.Multiple || o.Size%info.Multiple != 0:
		return fmt.Errorf("size is %d: %s takes positive multiples of %d", o.Size, info.Name, info.Multiple)
	case o.Grid > o.Size:
		return fmt.Errorf("grid is %d: there are not so many patches in %d pixels", o.Grid, o.Size)
	case o.Rerank == RerankRsCIN && !info.ClassToken:
		return fmt.Errorf("rerank %s compares images by class tokens, and %s has none: take a vision transformer that has, such as CLIP or DINOv2", o.Rerank, info.Name)
	}
	return nil
}

// agree finds options that exclude each other.
func (o *Options) agree() error {
	switch {
	case o.Tile > 0 && o.Align != AlignOff:
		return fmt.Errorf("align %s does not go with tile: tiles are compared as they lie", o.Align)
	case o.Tile > 0 && o.Base > 0:
		return fmt.Errorf("base does not go with tile")
	case o.Tile > 0 && o.TileMatch == TileAny && o.MatchRadius > 0:
		return fmt.Errorf("match-radius does not go with tile-match %s", o.TileMatch)
	case o.Rerank == RerankRsCIN && (o.Tile > 0 || o.Base > 0):
		return fmt.Errorf("rerank %s does not go with tile or base: it looks at all images of a batch together", o.Rerank)
	}
	for _, id := range o.Confirm {
		if slices.Contains(o.Reject, id) {
			return fmt.Errorf("family %s is both confirmed and rejected", id)
		}
	}
	return nil
}
