package pipeline

import (
	"time"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/burnout"
	"codegraph/internal/cache"
	"codegraph/internal/family"
	"codegraph/internal/mutual"
	"codegraph/internal/token"
	"codegraph/internal/verdict"
)

// Method selects how a batch is scored.
type Method string

const (
	// MethodCoDeGraph scores mutually, finds consistent anomalies and
	// scores again without their patches.
	MethodCoDeGraph Method = "codegraph"
	// MethodMuSc is mutual scoring alone (Li et al. 2024).
	MethodMuSc Method = "musc"
)

// Align says whether parts are turned alike before they are compared.
type Align string

const (
	// AlignAuto turns the parts where that makes them agree much better:
	// parts that lie at any angle, but neither parts in a fixture nor
	// textures. See package pose.
	AlignAuto Align = "auto"
	// AlignOn always turns the parts, AlignOff never.
	AlignOn  Align = "on"
	AlignOff Align = "off"
)

// Rescore says how image scores are ranked again.
type Rescore string

const (
	// RescoreNone leaves the maximum of the map.
	RescoreNone Rescore = "none"
	// RescoreRsCIN averages the scores of images that look alike by their
	// class tokens, as MuSc does: see package rscin.
	RescoreRsCIN Rescore = "rscin"
)

// Alignment is what turning the parts alike does for a batch.
type Alignment struct {
	// Before and After are the mean agreements (cosines) of the images with
	// their mean, as they are and as turned.
	Before, After float64
	Applied       bool // the parts were turned
}

// Phase names a step of the work, for progress and timing.
type Phase string

// The phases, in order.
const (
	PhaseTile    Phase = "tile"    // tiles scored, one after the other (Options.Tile)
	PhaseAlign   Phase = "align"   // how each part is turned
	PhaseEmbed   Phase = "embed"   // images decoded, resized and embedded
	PhaseCompare Phase = "compare" // pairs of images compared
	PhaseGraph   Phase = "graph"   // links, communities
	PhaseFilter  Phase = "filter"  // patches removed, images scored again
	PhaseWrite   Phase = "write"   // output files written
)

// PhaseTime is the wall-clock time one phase took.
type PhaseTime struct {
	Phase    Phase
	Duration time.Duration
}

// Progress receives the state of a phase: done of total units. Calls come
// from one goroutine at a time and must return quickly.
type Progress func(phase Phase, done, total int)

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
)

// Member is one image of a family.
type Member struct {
	Image int // index into Result.Images
	// Patches are the guilty patches (indices y·GridW+x, ascending): removed
	// from the comparison in a defect family, only marked in a candidate.
	Patches []int
	// Representative is the patch that shows the defect best.
	Representative int
}

// Family is a community of images that share a consistent anomaly.
type Family struct {
	ID      string // stable for the same batch: "F1", "F2", …
	Status  Status
	Members []Member
	// Density is the mean edge weight (suspicious links) inside the
	// community, absent edges counted as 0.
	Density float64
	// Removed counts patches kept out of the comparison; 0 for candidates.
	Removed int
	// Area is the mean share of its image that a member's patches cover.
	Area float64
	// Gain is the median over members of ln of the factor by which the
	// guilty patches' scores rise without the family as neighbours.
	Gain float64
}

// Image is the result for one scored image.
type Image struct {
	Item          imageset.Item
	Width, Height int // of the original, in pixels, after orientation
	// Turn is the angle by which the image was turned before it was compared,
	// in radians, clockwise as it is seen; 0 for none. Maps and patches are
	// those of the image as it is.
	Turn float64
	// Score is the image's anomaly score: the maximum of its map, unless
	// Options.Rescore ranks the images again.
	Score float64
	// MuScScore is the MuSc score, before any filtering; ranked again as Score.
	MuScScore float64
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

	reference bool // only there for the others to be compared with
}

// Result is everything a scan found out.
type Result struct {
	Method       Method
	Options      Options // as used, defaults filled in
	Backbone     backbone.Info
	Alignment    *Alignment // nil with AlignOff
	Size         int        // input side, in pixels
	GridH, GridW int        // patch grid; P = GridH·GridW
	Variants     []Variant
	Images       []Image
	Families     []Family
	// Null is what normal images score, nil if the batch does not show it.
	Null *verdict.Null
	// References counts the images of Options.References that could be read.
	References int
	believed   []float64     // what they score
	earlier    []judgedImage // of the scan that these images came after
	// Outlying counts the patches that were kept out of the comparison
	// because they score above all patches of the most normal images
	// (Constants.NormalShare), beside those of families.
	Outlying int
	Skipped  []imageset.Problem // inputs that could not be read
	Notes    []string           // remarks on the batch as a whole
	Timing   []PhaseTime
	Plan     MemoryPlan
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
	Links         []burnout.Link  // suspicious links, most suspicious first
	Finding       *family.Finding // image graph, communities, families
}

// MemoryPlan is what a run is going to need, worked out before it starts.
type MemoryPlan struct {
	Tokens  int64 // bytes of patch tokens
	Table   int64 // bytes of patch-to-image distances
	Working int64 // bytes of scratch space of all threads
	Other   int64 // bytes in use when the plan was made: the network, one image
	Spilled bool  // the table lives in a memory-mapped file
	// TokensSpilled says that the tokens do, too.
	TokensSpilled bool
	// Block is how many images are laid out twice at a time, 0 for all once.
	Block int
}

// Heap is the planned memory without what lives in mapped files, in bytes.
func (p MemoryPlan) Heap() int64 {
	sum := p.Working + p.Other
	if !p.Spilled {
		sum += p.Table
	}
	if !p.TokensSpilled {
		sum += p.Tokens
	}
	return sum
}

// Options control a scan. The zero value of each field means its default.
type Options struct {
	Method   Method
	Backbone backbone.Backbone // nil: the embedded network
	Size     int               // input side in pixels; 0: the backbone's
	Grid     int               // side of the patch grid; 0: the backbone's
	Radii    []int             // LNAMD neighbourhoods; nil: the backbone's
	Align    Align             // "": AlignAuto; AlignOff for MethodMuSc, whose scores are MuSc's exactly
	// Aligned limits matches to patches at most so many patches away along
	// either side, for parts in a fixture; 0: patches match wherever they are.
	// It makes AlignOff the default.
	Aligned   int
	Precision Precision // "": PrecisionAuto; Result.Options has what that was
	// Tile divides images, which must be of one size, into overlapping tiles
	// of so many pixels a side; 0: none. Each tile is scored as an image is,
	// at Size, and the maps are blended: for defects that are lost at the
	// size a network takes. There are no Evidence and Intermediates then.
	Tile      int
	TileMatch TileMatch // "": TileSame
	Seed      uint64
	Threads   int // 0: all cores
	// Strict makes the first unreadable input fail the run; otherwise it is
	// listed in Result.Skipped.
	Strict bool
	// MaxMemory bounds the planned memory, in bytes; 0: no bound. A table
	// that does not fit is spilled to a memory-mapped file in SpillDir.
	MaxMemory int64
	SpillDir  string // "": the system's temporary directory
	// MaxPixels bounds the size of a decoded image; 0: the default.
	MaxPixels int64
	// FDR is the largest expected share of good images among those that fail
	// (Image.Verdict); 0: verdict.DefaultFDR.
	FDR float64
	// Confirm and Reject name families, as an earlier run reported them, to
	// be filtered as defects or ignored as harmless.
	Confirm, Reject []string
	// References are images known or believed to be good. The others are
	// compared with them as well; they are not scored themselves, and a family
	// that one belongs to is harmless. From verdict.FewestReferences on,
	// verdicts go by what they score.
	References imageset.Set
	// Base is the most images that an image is compared with; 0: all. Time
	// and memory grow with N·Base instead of N². Base images, references
	// first, are chosen to differ as much as possible, so that rare variants
	// are among them; families are looked for among them, and the other
	// images join those whose guilty patches theirs match.
	Base int
	// Rescore ranks the images again, for which it takes a backbone with class
	// tokens and all images compared with all: no Tile, Base or State.
	Rescore Rescore // "": RescoreNone
	// RsCINWindows are the numbers of nearest images, the image itself
	// included, that RescoreRsCIN averages over; nil: rscin.Windows.
	RsCINWindows []int
	Constants    Constants // all zero: DefaultConstants
	// Cache keeps features and distances between runs; nil: none. The result
	// is the same with it and without.
	Cache *cache.Dir
	// KeepIntermediates fills Result.Intermediates, at the price of one more
	// distance table in memory.
	KeepIntermediates bool
	// Evidence fills Result.Evidence with the similarity vectors of at most
	// so many patches, about 150 bytes each; 0: no evidence.
	Evidence int
	Progress Progress
	// Planned hears of each memory plan before the memory is taken, for a
	// program to bound its heap by: see MemoryPlan.Heap.
	Planned func(MemoryPlan)
}
