package option

import (
	"slices"

	"codegraph/imageset"
	"codegraph/internal/rscin"
	"codegraph/internal/verdict"
)

// Group is a part of the table, a heading of help and reference.
type Group string

// The groups, in order.
const (
	Network    Group = "Network"
	Comparison Group = "Comparison"
	Known      Group = "Known images"
	Decision   Group = "Decision"
	Output     Group = "Output"
	Limits     Group = "Input and limits"
	Algorithm  Group = "Constants of the algorithm"
)

// Groups returns all groups, in order.
func Groups() []Group {
	return []Group{Network, Comparison, Known, Decision, Output, Limits, Algorithm}
}

// Traits say which parts of the program know an option.
type Traits uint8

const (
	// Recorded options can change a result: results.json has them, and a
	// result that is kept is found by them.
	Recorded Traits = 1 << iota
	// Fixed options are kept in a snapshot: images that are scored against it
	// are scored as those of the scan that left it.
	Fixed
	// Served options may be chosen by a client of serve; the others are the
	// server's.
	Served
)

// table holds every option once: flags, --set, TOML, results.json, the keys of
// kept results, snapshots, the API of serve and docs/options.md are made of
// it. To add an option, add its field to Options or Constants and a line here.
var table = []Option{
	{Name: "backbone", Group: Network, Placeholder: "name", Traits: Served, Default: "efficientnet-lite0-245, built in as are efficientnet-lite2 and efficientnet-lite0",
		Usage: "network: a name, or a .safetensors or .onnx file; see codegraph model",
		field: text(func(s *Settings) *string { return &s.Network })},
	{Name: "size", Group: Network, Placeholder: "pixels", Traits: Recorded | Fixed | Served, Default: "the network's",
		Usage: "side of the network's input",
		field: whole(func(s *Settings) *int { return &s.Size }, 1, 4096)},
	{Name: "grid", Group: Network, Placeholder: "patches", Traits: Recorded | Fixed | Served, Default: "the network's",
		Usage: "side of the grid of patches",
		field: whole(func(s *Settings) *int { return &s.Grid }, 1, 512)},
	{Name: "radii", Group: Network, Placeholder: "sides", Traits: Recorded | Fixed | Served, Default: "the network's",
		Usage: "sides of the neighbourhoods that patches are averaged over, such as 1,3",
		field: numbers(func(s *Settings) *[]int { return &s.Radii }, nil, oddSides)},
	{Name: "precision", Group: Network, Placeholder: "auto|exact|fast", Traits: Recorded | Served,
		Usage: "numbers to compute with: exact, float32; fast, integers to find the nearest patches and in a vision transformer; auto, fast where the processor has instructions for it",
		field: choice(func(s *Settings) *Precision { return &s.Precision }, PrecisionAuto, PrecisionAuto, PrecisionExact, PrecisionFast)},

	{Name: "align", Group: Comparison, Placeholder: "auto|on|off", Traits: Recorded | Fixed | Served,
		Default: "auto; off with --method musc, --match-radius or --tile",
		Usage:   "turn the parts alike first: always, never, or where it makes them agree much better",
		field:   choice(func(s *Settings) *Align { return &s.Align }, "", AlignAuto, AlignOn, AlignOff)},
	{Name: "match-radius", Group: Comparison, Placeholder: "patches", Traits: Recorded | Fixed | Served, Default: "anywhere",
		Usage: "match only patches at most so far away, for parts in a fixture",
		field: whole(func(s *Settings) *int { return &s.MatchRadius }, 1, 512)},
	{Name: "base", Group: Comparison, Placeholder: "images", Traits: Recorded | Fixed | Served, Default: "all",
		Usage: "compare each image with at most so many, chosen to differ",
		field: whole(func(s *Settings) *int { return &s.Base }, 2, 1<<20)},
	{Name: "tile", Group: Comparison, Placeholder: "pixels", Traits: Recorded | Fixed | Served, Default: "none",
		Usage: "divide large images into overlapping tiles of this side",
		field: whole(func(s *Settings) *int { return &s.Tile }, 16, 1<<14)},
	{Name: "tile-match", Group: Comparison, Placeholder: "same|any", Traits: Recorded | Fixed | Served,
		Usage: "compare a tile with the same tile of the other images, for parts in a fixture, or with any of their tiles, for textures",
		field: choice(func(s *Settings) *TileMatch { return &s.TileMatch }, TileSame, TileSame, TileAny)},
	{Name: "roi", Group: Comparison, Placeholder: "file", Traits: Recorded | Fixed | Served, Default: "all of the image",
		Usage: "region of interest: only what lies inside is compared and scored",
		field: region(func(s *Settings) **imageset.ROI { return &s.ROI })},
	{Name: "roi-masks", Group: Comparison, Placeholder: "folder", Traits: Recorded, Default: "none",
		Usage: "folder of a region of interest for each image, named like it or NAME_mask; may be that of the images",
		field: text(func(s *Settings) *string { return &s.ROIMasks })},
	{Name: "rerank", Group: Comparison, Placeholder: "none|rscin", Traits: Recorded | Fixed | Served,
		Usage: "rank the images again: rscin averages the scores of images with similar class tokens, as MuSc does; it takes a network that has class tokens",
		field: choice(func(s *Settings) *Rerank { return &s.Rerank }, RerankNone, RerankNone, RerankRsCIN)},
	{Name: "rscin-windows", Group: Comparison, Placeholder: "images", Traits: Recorded | Fixed | Served,
		Usage: "numbers of nearest images, the image itself included, that --rerank rscin averages over",
		field: numbers(func(s *Settings) *[]int { return &s.RsCINWindows }, rscin.Windows(), atLeastOne)},
	{Name: "seed", Group: Comparison, Placeholder: "number", Traits: Recorded | Fixed | Served,
		Usage: "seed of the random choices; the same seed gives the same result",
		field: seed(func(s *Settings) *uint64 { return &s.Seed })},

	{Name: "snapshot", Group: Known, Placeholder: "file", Traits: Served, Default: "none",
		Usage: "score the images against the scan that left this snapshot",
		field: text(func(s *Settings) *string { return &s.Snapshot })},
	{Name: "answers", Group: Known, Placeholder: "file", Default: "none",
		Usage: "what a person said of these images and families, as a report hands it out",
		field: text(func(s *Settings) *string { return &s.Said })},

	{Name: "method", Group: Decision, Placeholder: "method", Traits: Recorded | Fixed | Served,
		Usage: "codegraph, published (as in the paper) or musc (mutual scoring alone)",
		field: choice(func(s *Settings) *Method { return &s.Method }, MethodCoDeGraph, MethodCoDeGraph, MethodPublished, MethodMuSc)},
	{Name: "fdr", Group: Decision, Placeholder: "share", Traits: Recorded | Served,
		Usage: "expected share of good images among those that fail",
		field: share(func(s *Settings) *float64 { return &s.FDR }, verdict.DefaultFDR)},
	{Name: "threshold", Group: Decision, Placeholder: "score", Traits: Recorded | Served, Default: "by --fdr",
		Usage: "score from which on an image fails",
		field: between(func(s *Settings) *float64 { return &s.Threshold }, 0, 0, 1e6)},
	{Name: "confirm", Group: Decision, Placeholder: "ID", Traits: Recorded | Fixed | Served, Default: "none",
		Usage: "filter this family as a defect; repeatable",
		field: names(func(s *Settings) *[]string { return &s.Confirm }, 100)},
	{Name: "reject", Group: Decision, Placeholder: "ID", Traits: Recorded | Fixed | Served, Default: "none",
		Usage: "take this family for harmless; repeatable",
		field: names(func(s *Settings) *[]string { return &s.Reject }, 100)},

	{Name: "min-area", Group: Output, Placeholder: "pixels", Traits: Recorded | Served,
		Usage: "leave out smaller defect regions",
		field: whole(func(s *Settings) *int { return &s.MinArea }, 1, 1<<30)},
	{Name: "scale", Group: Output, Placeholder: "batch|image", Traits: Recorded | Served,
		Usage: "colours of the overlays: over the scores of the batch, or of each image",
		field: choice(func(s *Settings) *string { return &s.Scale }, ScaleBatch, ScaleBatch, ScaleImage)},
	{Name: "overlays", Group: Output, Placeholder: "auto|all|flagged|none", Traits: Recorded | Served,
		Usage: "which images are written with their maps in colour: all, those that do not pass, none; auto: all, and none where the photographs have over 128 million pixels together",
		field: choice(func(s *Settings) *string { return &s.Overlays }, OverlaysAuto, OverlaysAuto, OverlaysAll, OverlaysFlagged, OverlaysNone)},

	{Name: "strict", Group: Limits, Traits: Recorded | Served,
		Usage: "fail at the first input that cannot be read",
		field: yes(func(s *Settings) *bool { return &s.Strict })},
	{Name: "intensity", Group: Limits, Placeholder: "auto|full|BITS", Traits: Recorded | Fixed | Served,
		Usage: "scale of files of 16 bits and more: the bits that the brightest sample of the batch takes, all, or a number, such as 10 for a camera of 10 bits",
		field: checked(func(s *Settings) *string { return &s.Intensity }, IntensityAuto, "auto, full or a number of bits from 8 to 32", isIntensity)},
	{Name: "max-pixels", Group: Limits, Placeholder: "pixels", Traits: Recorded, Default: "100 million",
		Usage: "refuse larger images",
		field: whole(func(s *Settings) *int64 { return &s.MaxPixels }, 1, 1<<40)},
	{Name: "threads", Group: Limits, Placeholder: "number", Default: "all cores",
		Usage: "number of threads",
		field: whole(func(s *Settings) *int { return &s.Threads }, 1, 1<<16)},
	{Name: "max-memory", Group: Limits, Placeholder: "size", Default: "none",
		Usage: "bound on the planned memory, such as 2GiB",
		field: bytes(func(s *Settings) *int64 { return &s.MaxMemory })},
	{Name: "spill-dir", Group: Limits, Placeholder: "folder", Default: "the system's",
		Usage: "folder for tables beyond --max-memory",
		field: text(func(s *Settings) *string { return &s.SpillDir })},

	constant("neighbours", func(c *Constants) *float64 { return &c.Neighbours }, 0.3, 0, 1,
		"share of the other images, the nearest, that a score averages over"),
	constant("omega", func(c *Constants) *float64 { return &c.Omega }, 0.4, 0, 1,
		"rank ω that evidence refers to, as a share of the other images"),
	constant("level", func(c *Constants) *float64 { return &c.Level }, 0.05, 1e-12, 1,
		"chance of a family by accident in a batch, by theory"),
	constant("stand-out", func(c *Constants) *float64 { return &c.StandOut }, 1, 0, 1000,
		"σ by which images of a defect stand out without each other"),
	constant("local", func(c *Constants) *float64 { return &c.Local }, 0.1, 0, 1,
		"largest share of the picture that a defect covers"),
	constant("same", func(c *Constants) *float64 { return &c.Same }, 0.5, 0, 1,
		"Jaccard index from which on two groups are the same"),
}

// constant is an entry for a number of the algorithm.
func constant[T number](name string, at func(*Constants) *T, standard, least, most T, usage string) Option {
	return Option{Name: name, Group: Algorithm, Placeholder: "number", Traits: Recorded | Fixed | Served, Usage: usage,
		field: between(func(s *Settings) *T { return at(&s.Constants) }, standard, least, most)}
}

// All returns the table.
func All() []Option { return slices.Clone(table) }

// Lookup finds an option by its name.
func Lookup(name string) (Option, bool) {
	i := slices.IndexFunc(table, func(o Option) bool { return o.Name == name })
	if i < 0 {
		return Option{}, false
	}
	return table[i], true
}

// Defaults returns the settings that no option changes.
func Defaults() Settings {
	var s Settings
	for _, o := range table {
		o.Value(&s).Reset()
	}
	return s
}
