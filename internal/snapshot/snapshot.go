package snapshot

import (
	"errors"
	"fmt"
	"sync"

	"codegraph/backbone"
	"codegraph/internal/imagescore"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/pipeline"
	"codegraph/internal/pose"
	"codegraph/internal/token"
	"codegraph/internal/verdict"
)

// Err is wrapped by errors about a snapshot that does not fit.
var Err = errors.New("the snapshot does not fit")

// Snapshot is what a scan leaves behind for images that come later: the tokens
// of its gallery, which of their patches are out of the comparison, and the
// families that these belong to. It may be used by several goroutines, and must
// be closed.
type Snapshot struct {
	about    about
	backbone backbone.Backbone
	tokens   *token.Store
	table    *mutual.Table  // distances within the gallery, of all patches, [M][P][M]
	bounded  bool           // memory is, as planned
	shared   bool           // tokens and table are those of a result's intermediates, too
	block    int            // of MemoryPlan
	template *pose.Template // nil: parts are compared as they lie

	mu      sync.Mutex
	gallery *mutual.Gallery // made when first needed
	fast    bool            // how gallery is searched
	tail    float64         // of ownTailIndex; 0: not known yet

	memos [2]verdict.Memo // what the images of the scan say of good ones
}

// about is what of a Snapshot is not a tensor.
type about struct {
	Backbone   string                 `json:"backbone"` // digest
	Network    string                 `json:"network"`  // name
	Options    option.Kept            `json:"options"`
	Neighbours int                    `json:"neighbours"` // K
	Images     []string               `json:"images"`     // names of the gallery, [M]
	Reference  []bool                 `json:"reference"`  // [M]
	Angles     []float64              `json:"angles"`     // by which they were rotated, radians, [M]
	Regions    bool                   `json:"regions"`    // some images have a region of interest
	Hidden     map[int][]int          `json:"hidden"`     // by image: patches that are not compared, as rotated, ascending
	Removed    map[int][]int          `json:"removed"`    // by image: patches as compared, ascending
	Families   []family               `json:"families"`
	Judged     []pipeline.JudgedImage `json:"judged"` // images of the scan, and those added
	Looks      pipeline.Looks         `json:"looks"`  // of its images as files
	// Pattern is what the images typically score at each patch, as compared.
	Pattern imagescore.Pattern `json:"pattern"`
}

// newSnapshot takes over the tokens and distances of a run.
func newSnapshot(run *pipeline.Run) *Snapshot {
	o, b := run.Options, run.Batch
	info := o.Backbone.Info()
	s := &Snapshot{
		backbone: o.Backbone, tokens: b.Tokens, table: run.Distances.Table, bounded: o.MaxMemory > 0, block: run.Plan.Block, template: run.Template,
		about: about{
			Backbone: info.Digest, Network: info.Name, Options: option.Keep(o),
			Neighbours: run.Distances.K, Families: families(run), Pattern: run.Pattern, Regions: b.Regions, Hidden: make(map[int][]int),
		},
	}
	if run.Filtered != nil {
		s.about.Removed = run.Filtered.Removed
	}
	for i, im := range b.Images {
		for x, valid := range im.Valid {
			if !valid {
				s.about.Hidden[i] = append(s.about.Hidden[i], x)
			}
		}
		s.about.Images = append(s.about.Images, im.Name)
		s.about.Reference = append(s.about.Reference, im.Role == pipeline.RoleReference)
		s.about.Angles = append(s.about.Angles, im.Angle)
	}
	return s
}

// Images returns the names of the gallery's images that are not references.
func (s *Snapshot) Images() []string {
	var names []string
	for i, name := range s.about.Images {
		if !s.about.Reference[i] {
			names = append(names, name)
		}
	}
	return names
}

// Close releases what a scan within Options.MaxMemory left on disk. Neither s
// nor a snapshot that Add made of it can be used afterwards.
func (s *Snapshot) Close() error {
	if s.shared {
		return nil
	}
	return errors.Join(s.tokens.Close(), s.table.Close())
}

// options are those of a scan that left s, with what Score takes from o.
func (s *Snapshot) options(o option.Options) (option.Options, error) {
	a := &s.about
	own := a.Options.Fix(o)
	// What was chosen for the batch as a whole does not apply to single images.
	own.Align, own.Base, own.Tile, own.Rerank = option.AlignOff, 0, 0, option.RerankNone
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
		return own, fmt.Errorf("%w: it was made with the network %s (%s), not with %s (%s)", Err, a.Network, short(a.Backbone), info.Name, short(info.Digest))
	}
	return own, nil
}

// short is the beginning of a digest.
func short(digest string) string { return digest[:min(12, len(digest))] }
