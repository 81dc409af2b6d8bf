package option

import (
	"errors"

	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/answer"
	"codegraph/internal/cache"
	"codegraph/internal/knn"
)

// Err is wrapped by errors about options that make no sense.
var Err = errors.New("wrong options")

// Method selects how a batch is scored.
type Method string

const (
	// MethodCoDeGraph scores mutually, finds consistent anomalies and
	// scores again without their patches.
	MethodCoDeGraph Method = "codegraph"
	// MethodPublished is the pipeline as published, with its image graph.
	MethodPublished Method = "published"
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

// Rerank says how image scores are ranked again.
type Rerank string

const (
	// RerankNone leaves the maximum of the map.
	RerankNone Rerank = "none"
	// RerankRsCIN averages the scores of images that look alike by their
	// class tokens, as MuSc does: see package rscin.
	RerankRsCIN Rerank = "rscin"
)

// TileMatch says what a tile is compared with.
type TileMatch string

const (
	// TileSame compares each tile with the same tile of the other images:
	// boards, whatever lies in a fixture. One tile is in memory at a time.
	TileSame TileMatch = "same"
	// TileAny compares each tile with all tiles of the other images: fabrics,
	// surfaces, whatever looks alike everywhere.
	TileAny TileMatch = "any"
)

// Precision says in what numbers a patch's nearest patches are looked for;
// callers that open a network should use the same precision. The distances
// themselves are always computed in float32, and identical patches are always
// at distance 0.
type Precision string

const (
	// PrecisionAuto is PrecisionFast on processors with instructions for it
	// and PrecisionExact on others.
	PrecisionAuto Precision = "auto"
	// PrecisionExact looks in float32: distances agree with those in float64
	// to 1e-5.
	PrecisionExact Precision = "exact"
	// PrecisionFast looks among tokens rounded to 8 or 16 bits and measures
	// what may be nearest within rounding. It can pick a patch that is a
	// little farther away than the nearest.
	PrecisionFast Precision = "fast"
)

// Effective is what p means on this machine; the zero value is PrecisionAuto.
func (p Precision) Effective() Precision {
	switch {
	case p != PrecisionAuto && p != "":
		return p
	case knn.QuantisedSearchPays():
		return PrecisionFast
	default:
		return PrecisionExact
	}
}

// IntensityAuto is the depth that the brightest sample of a batch takes.
const IntensityAuto = "auto"

func isIntensity(s string) bool {
	_, err := imageset.ParseIntensity(s)
	return s == IntensityAuto || err == nil
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

// Progress receives the state of a phase: done of total units. Calls come
// from one goroutine at a time and must return quickly.
type Progress func(phase Phase, done, total int)

// Report calls p, if it is not nil.
func (p Progress) Report(phase Phase, done, total int) {
	if p != nil {
		p(phase, done, total)
	}
}

// Options control a scan. The zero value of each field means its default.
// docs/options.md lists those that have a name on the command line.
type Options struct {
	Method   Method
	Backbone backbone.Backbone // nil: the embedded network
	Size     int               // input side in pixels; 0: the backbone's
	Grid     int               // side of the patch grid; 0: the backbone's
	Radii    []int             // LNAMD neighbourhoods; nil: the backbone's
	Align    Align             // "": AlignAuto; AlignOff for MethodMuSc, whose scores are MuSc's exactly
	// MatchRadius limits matches to patches at most so many patches away along
	// either side, for parts in a fixture; 0: patches match wherever they are.
	// It makes AlignOff the default.
	MatchRadius int
	Precision   Precision // "": PrecisionAuto; Result.Options has what that was
	// Tile divides images, which must be of one size, into overlapping tiles
	// of so many pixels a side; 0: none. Each tile is scored as an image is,
	// at Size, and the maps are blended: for defects that are lost at the
	// size a network takes. There are no Evidence and Intermediates then.
	Tile      int
	TileMatch TileMatch // "": TileSame
	// ROI is the region of images without one of their own that is compared; nil:
	// all. What lies outside is compared with nothing, scores 0, and turns along
	// with the part.
	ROI     *imageset.ROI
	Seed    uint64
	Threads int // 0: all cores
	// Strict makes the first unreadable input fail the run; otherwise it is
	// listed in Result.Skipped.
	Strict bool
	// MaxMemory bounds the planned memory, in bytes; 0: no bound. A table
	// that does not fit is spilled to a memory-mapped file in SpillDir.
	MaxMemory int64
	SpillDir  string // "": the system's temporary directory
	// MaxPixels bounds the size of a decoded image; 0: the default.
	MaxPixels int64
	// Intensity is the scale of samples of 16 bits and more: "" or "auto" for the
	// depth that the brightest sample of the batch takes, "full" for the whole range
	// of their type, or a number of bits. Result.Options has what auto was.
	Intensity string
	// FDR is the highest probability of being good at which an image fails
	// (Image.Verdict); 0: 0.05.
	FDR float64
	// Threshold is the score from which on an image fails; 0: by FDR.
	Threshold float64
	// Confirm and Reject name families, as an earlier run reported them, to
	// be filtered as defects or ignored as harmless.
	Confirm, Reject []string
	// Answers are what a person said of the images and families of the batch; they
	// count before Confirm and Reject, which name families. nil: nothing.
	Answers *answer.Answers
	// References are images known or believed to be good. The others are
	// compared with them as well; they are not scored themselves, and a family
	// that one belongs to is harmless. From verdict.Fewest on, verdicts go by
	// what they score.
	References imageset.Set
	// Base is the most images that an image is compared with; 0: all. Time
	// and memory grow with N·Base instead of N². Base images, references
	// first, are chosen to differ as much as possible, so that rare variants
	// are among them; families are looked for among them, and the other
	// images join those whose anomalous patches theirs match.
	Base int
	// Rerank ranks the images again, for which it takes a backbone with class
	// tokens and all images compared with all: no Tile, Base or snapshot.
	Rerank Rerank // "": RerankNone
	// RsCINWindows are the numbers of nearest images, the image itself
	// included, that RerankRsCIN averages over; nil: rscin.Windows.
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
	// Seen is shown each image once it is decoded, for a program that makes
	// something of it, too, without reading it again. It is called concurrently,
	// not for all images and for some more than once, and must not change or keep
	// what it is shown. Part of an image is not told from the whole by its file:
	// see imageset.Item.
	Seen func(imageset.Item, *imageset.Picture)
	// Planned hears of the heap of each memory plan before the memory is taken,
	// in bytes, for a program to bound its heap by.
	Planned func(heap int64)
}

// Constants are the numbers of the algorithm. Usage, bounds and default of
// each are in the table of options.
type Constants struct {
	Neighbours float64
	Omega      float64
	Level      float64
	StandOut   float64
	Local      float64
	Same       float64
}

// DefaultConstants returns the defaults.
func DefaultConstants() Constants { return Defaults().Constants }

// Settings are all that a run is chosen by: the options of the library, and
// what the program does before and after it.
type Settings struct {
	Options
	Network  string // name of Options.Backbone; "": the embedded network
	Snapshot string // what the images are scored against; "": each other
	ROIMasks string // folder of the regions of interest of single images; "": none
	Said     string // file of Options.Answers; "": none
	MinArea  int    // of a defect region, in pixels
	Scale    string // colours of the overlays: ScaleBatch or ScaleImage
	Overlays string // which images get one: OverlaysAuto, …
}

// Which images get an overlay: all unless the batch is large, all, those that do
// not pass, none.
const (
	OverlaysAuto    = "auto"
	OverlaysAll     = "all"
	OverlaysFlagged = "flagged"
	OverlaysNone    = "none"
)

// Colours of overlays: over the scores of the batch, or of each image.
const (
	ScaleBatch = "batch"
	ScaleImage = "image"
)
