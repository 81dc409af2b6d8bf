package pipeline

import (
	"time"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/burnout"
	"codegraph/internal/family"
	"codegraph/internal/mutual"
	"codegraph/internal/option"
	"codegraph/internal/token"
	"codegraph/internal/verdict"
)

// Alignment is what turning the parts alike does for a batch.
type Alignment struct {
	// Before and After are the mean agreements (cosines) of the images with
	// their mean, as they are and as turned.
	Before, After float64
	Applied       bool // the parts were turned
}

// PhaseTime is the wall-clock time one phase took.
type PhaseTime struct {
	Phase    option.Phase
	Duration time.Duration
}

// Variant is one token variant v: a backbone layer aggregated over r × r
// patches.
type Variant struct {
	Layer  string
	Radius int
}

// Status says what was done about a family.
type Status string

const (
	// StatusDefect families are consistent anomalies: their patches were
	// kept out of the comparison.
	StatusDefect Status = "defect"
	// StatusCandidate families may be a defect or a harmless variant of the
	// part; they are shown, not filtered, until confirmed or rejected.
	StatusCandidate Status = "candidate"
	// StatusRejected families were named harmless by the user, or a reference
	// belongs to them.
	StatusRejected Status = "rejected"
	// StatusDismissed families are not groups, as a person said: nothing is done
	// about them.
	StatusDismissed Status = "dismissed"
)

// Member is one image of a family.
type Member struct {
	Image int // index into Result.Images
	// Patches are the anomalous patches (indices y·GridW+x, ascending): removed
	// from the comparison in a defect family, only marked in a candidate.
	Patches []int
	// Representative is the patch that shows the defect best.
	Representative int
}

// Family is a community of images that share a consistent anomaly.
type Family struct {
	ID      string // stable for the same batch: "F1", "F2", …
	Status  Status
	Asked   bool // whether it is a defect only a person can say, who may have
	Members []Member
	// Density is the mean edge weight (suspicious links) inside the
	// community, absent edges counted as 0.
	Density float64
	// Removed counts patches kept out of the comparison; 0 for candidates.
	Removed int
	// Area is the mean share of its image that a member's patches cover.
	Area float64
	// Gain is the median over members of ln of the factor by which the
	// anomalous patches' scores rise without the family as neighbours.
	Gain float64
	// Evidence is what the status rests on; nil where families were found tile by
	// tile or by the published pipeline.
	Evidence *FamilyEvidence
}

// FamilyEvidence is what the status of a family rests on: see package family for
// the formulas.
type FamilyEvidence struct {
	Deflated bool    // found without what many patches of an image share
	Burnout  float64 // T: how surely its patches match its images and then no others
	Limit    float64 // of T: below, a group may be an accident
	Next     float64 // T of the best other group of the batch
	Z        float64 // σ by which its images stand out
	Alone    float64 // σ by which they would without each other
	Area     float64 // share of the picture over which burnout is half of its peak or more
	Border   float64 // share of the members whose patches touch the border
	Share    float64 // of the batch
	Whole    bool    // the members differ as a whole: a variant, or another kind of part
}

// Image is the result for one scored image.
type Image struct {
	Item          imageset.Item
	Width, Height int // of the original, in pixels, after orientation
	// Turn is the angle by which the image was turned before it was compared,
	// in radians, clockwise as it is seen; 0 for none. Maps and patches are
	// those of the image as it is.
	Turn float64
	// Score is the image's anomaly score: the mean of the highest patches over
	// what image and place let expect (package imagescore), or MapMax for
	// option.MethodMuSc and tiles, or what Options.Rerank makes of MapMax.
	Score float64
	// MuScScore is the MuSc score, before any filtering; ranked again as Score.
	MuScScore float64
	// PeakHeight is that of the map's highest patches above its typical one.
	PeakHeight float64
	// TailIndex is that of its distances to the images of an earlier scan; 0 without
	// one, NaN where they do not tell.
	TailIndex float64
	// MapMax is the maximum of the map.
	MapMax  float64
	Rank    int       // 1 is the most anomalous
	Map     []float32 // anomaly score of each patch, [GridH*GridW]
	MuScMap []float32 // MuSc's, [GridH*GridW]
	Family  int       // index into Result.Families, -1 for none
	// Verdict says whether the image passes, at Options.FDR.
	Verdict  verdict.Verdict
	Warnings []string
	// Base says that the image is one of those that all others are compared
	// with; all are without Options.Base.
	Base bool

	kind   string // of its file; "" for an image in memory
	levels int    // how many grey levels it has; 0: not counted
}

// Result is everything a scan found out.
type Result struct {
	Method       option.Method
	Options      option.Options // as used, defaults filled in
	Backbone     backbone.Info
	Alignment    *Alignment // nil with option.AlignOff
	Size         int        // input side, in pixels
	GridH, GridW int        // patch grid; P = GridH·GridW
	Variants     []Variant
	Images       []Image
	Families     []Family
	// Null is what normal images score, nil if the batch does not show it.
	Null *verdict.Null
	// Limits are the scores that verdicts change at.
	Limits verdict.Limits
	// VerdictNote says why no image passes, or passes or fails; "" where images may.
	VerdictNote string
	// TailIndex is the median of the earlier scan's own images (Image.TailIndex).
	TailIndex float64
	// MapNull is what the maps of normal images reach at most, nil if the batch
	// does not show it.
	MapNull *verdict.Null
	// References counts the images of Options.References that could be read.
	References int
	Skipped    []imageset.Problem // inputs that could not be read
	Notes      []string           // remarks on the batch as a whole
	Timing     []PhaseTime
	Plan       MemoryPlan
	// Intermediates are the quantities in between, if Options asked for them.
	Intermediates *Intermediates
	// Evidence is what the result rests on, in short, if Options asked for it.
	Evidence *Evidence
}

// Intermediates are what the algorithm worked with, for research. Patches are
// those of the images as compared: turned by Image.Turn.
type Intermediates struct {
	// Table holds the patch-to-image distances before any filtering; package
	// burnout reads similarity vectors, growth rates and endurance ratios
	// from its rows.
	Table *mutual.Table
	// Tokens makes the tokens of every variant, [P][C] of each image.
	Tokens *token.Store
	// Before and After are a(x) of the mean distances without and with
	// filtering, [N][P].
	Before, After [][]float32
	// Valid marks the patches that others could match, [N][P]; nil, of an image or as
	// a whole: all.
	Valid mutual.Valid
	// MuSc and Final are the patch scores that images are scored by without and
	// with filtering, [N][P].
	MuSc, Final [][]float32
	Links       []burnout.Link  // suspicious links, most suspicious first
	Finding     *family.Finding // image graph, communities, families
}

// MemoryPlan is what a run is going to need, worked out before it starts.
type MemoryPlan struct {
	Tokens  int64 // bytes of patch tokens
	Table   int64 // bytes of patch-to-image distances: two tables, or one on disk
	Working int64 // bytes of scratch space of all threads
	// Decoding is the bytes that images take while they are decoded, before the table
	// and the scratch space are there.
	Decoding int64
	Other    int64 // bytes in use when the plan was made: the network, one image
	Spilled  bool  // the table lives in a memory-mapped file
	// TokensSpilled says that the tokens do, too.
	TokensSpilled bool
	// Block is how many images make a strip: their distances to all others are
	// measured at a time, and the tokens of so many are laid out twice; 0: all
	// images are one strip, laid out once.
	Block int
}

// Heap is the planned memory without what lives in mapped files, in bytes.
func (p MemoryPlan) Heap() int64 {
	sum := p.Working
	if !p.Spilled {
		sum += p.Table
	}
	sum = max(sum, p.Decoding) + p.Other
	if !p.TokensSpilled {
		sum += p.Tokens
	}
	return sum
}
