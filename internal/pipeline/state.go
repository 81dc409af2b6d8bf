package pipeline

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/imagescore"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/pose"
	"codegraph/internal/token"
)

// State is what a scan leaves behind for images that come later: the tokens of
// its base images, which of their patches are out of the comparison, and the
// families that these belong to. It scores newcomers one by one, each in time
// proportional to the base. It may be used by several goroutines.
type State struct {
	about    stateInfo
	backbone backbone.Backbone
	tokens   *token.Store
	before   *mutual.Table  // distances within the base, all patches in it
	bounded  bool           // memory is, as planned
	block    int            // of MemoryPlan
	template *pose.Template // nil: parts are compared as they lie

	mu   sync.Mutex
	base *mutual.Base // made when first needed
	fast bool         // how base is searched
}

// stateInfo is what of a State is not a tensor.
type stateInfo struct {
	Backbone   string        `json:"backbone"` // digest
	Network    string        `json:"network"`  // name
	Options    option.Kept   `json:"options"`
	Neighbours int           `json:"neighbours"` // K
	Images     []string      `json:"images"`
	Reference  []bool        `json:"reference"` // by image
	Removed    map[int][]int `json:"removed"`   // patches as compared
	Families   []stateFamily `json:"families"`
	Judged     []judgedImage `json:"judged"` // images of the scan, and those added
	// Pattern is what the images typically score at each patch, as compared.
	Pattern imagescore.Pattern `json:"pattern"`
}

// stateFamily is a family of status defect.
type stateFamily struct {
	ID      string        `json:"id"`
	Guilty  []guiltyImage `json:"guilty"`  // ascending by image
	Rise    float64       `json:"rise"`    // topRise of an image's rises, the median over Guilty
	Depends float64       `json:"depends"` // the same of ln(a′/a), the change of a patch's score
	Density float64       `json:"density"`
	Gain    float64       `json:"gain"`
}

// guiltyImage is a base image with the patches, as compared, that are out of
// the comparison.
type guiltyImage struct {
	Image   int   `json:"image"`
	Patches []int `json:"patches"`
}

// Images returns the names of the base images that are not references.
func (s *State) Images() []string {
	var names []string
	for i, name := range s.about.Images {
		if !s.about.Reference[i] {
			names = append(names, name)
		}
	}
	return names
}

// Close releases what a scan within Options.MaxMemory left on disk. Neither s
// nor a state that Add made of it can be used afterwards.
func (s *State) Close() error {
	return errors.Join(s.tokens.Close(), s.before.Close())
}

// ErrState is wrapped by errors about a saved state that does not fit.
var ErrState = errors.New("saved state does not fit")

// Score scores images against the base. Of opts, Backbone, Precision, FDR,
// Threads, Strict, MaxPixels, Cache and Progress count; the others are those of
// the scan that left the state. Families of the result are those of the state,
// by the newcomers that belong to them. Scores and verdict of an image do not
// depend on the others: it is judged as if it had been in that scan.
func (s *State) Score(ctx context.Context, images imageset.Set, opts Options) (*Result, error) {
	opts, err := s.options(opts)
	if err != nil {
		return nil, err
	}
	n := &newcomers{State: s, opts: opts, kept: newKept(opts)}
	return n.score(ctx, images)
}

// options are those of a scan that left s, with what Score takes from o.
func (s *State) options(o Options) (Options, error) {
	a := &s.about
	own := a.Options.Fix(o)
	// What was chosen for the batch as a whole does not apply to single images.
	own.Align, own.Base, own.Tile, own.Rerank = AlignOff, 0, 0, RerankNone
	own.Confirm, own.Reject, own.References = nil, nil, nil
	own.MaxMemory, own.KeepIntermediates, own.Evidence = 0, false, 0
	if own.Backbone == nil {
		own.Backbone = s.backbone
	}
	own, err := option.Complete(own)
	if err != nil {
		return own, err
	}
	if info := own.Backbone.Info(); info.Digest != a.Backbone {
		return own, fmt.Errorf("%w: it was made with the network %s (%s), not with %s (%s)", ErrState, a.Network, short(a.Backbone), info.Name, short(info.Digest))
	}
	return own, nil
}

// short is the beginning of a digest.
func short(digest string) string { return digest[:min(12, len(digest))] }

// newState makes a state of what d worked with.
func (d *detector) newState(ctx context.Context) (*State, error) {
	r, o := d.result, d.opts
	s := &State{
		backbone: o.Backbone, tokens: d.tokens, before: d.table, bounded: o.MaxMemory > 0, block: r.Plan.Block,
		about: stateInfo{
			Backbone: o.Backbone.Info().Digest, Network: o.Backbone.Info().Name, Options: option.Keep(o),
			Neighbours: d.neighbours(), Removed: d.removed, Families: d.guilty, Pattern: d.pattern,
		},
	}
	for _, im := range r.Images {
		s.about.Images = append(s.about.Images, im.Item.Name)
		s.about.Reference = append(s.about.Reference, im.reference)
	}
	if r.Alignment == nil || !r.Alignment.Applied {
		return s, nil
	}
	items := make(imageset.Set, len(r.Images))
	angles := make([]float64, len(r.Images))
	for i, im := range r.Images {
		items[i], angles[i] = im.Item, im.Turn
	}
	a := newAligner(o)
	read, err := a.load(ctx, items)
	if err != nil {
		return nil, err
	}
	if len(read) != len(items) {
		return nil, errors.New("an image that was scored can no longer be read")
	}
	s.template, err = pose.NewTemplate(ctx, len(items), o.Threads, a.view, angles)
	return s, err
}
