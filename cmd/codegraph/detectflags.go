package main

import (
	"slices"
	"strings"
	"sync"

	"github.com/spf13/pflag"

	"codegraph"
	"codegraph/backbone"
	"codegraph/backbone/onnx"
	"codegraph/internal/rscin"
)

// detectFlags are the flags of every command that scores images.
type detectFlags struct {
	Backbone  string
	Provider  string // of ONNX Runtime
	Size      int
	Grid      int
	Radii     []int
	Align     string
	Aligned   int
	Base      int
	Precision string
	Tile      int
	TileMatch string
	Rescore   string
	Windows   []int // of RsCIN
	Seed      uint64
	Threads   int
	Strict    bool
	MaxMemory byteSize
	SpillDir  string
	MaxPixels int64
	Constants codegraph.Constants

	// load opens the network, once for all copies of the flags.
	load func() (backbone.Backbone, error)
}

// addPrecision adds --precision.
func addPrecision(f *pflag.FlagSet, precision *string) {
	f.StringVar(precision, "precision", string(codegraph.PrecisionAuto), "`how` to compute: exact, in single precision; fast, nearest patches and a vision\ntransformer among integers; or auto, fast where the processor has instructions\nfor it")
}

func checkPrecision(p string) error {
	return oneOf("precision", p, string(codegraph.PrecisionAuto), string(codegraph.PrecisionExact), string(codegraph.PrecisionFast))
}

func (o *detectFlags) addFlags(f *pflag.FlagSet) {
	o.load = sync.OnceValues(func() (backbone.Backbone, error) {
		return openBackbone(o.Backbone, o.Provider, codegraph.Precision(o.Precision))
	})
	f.StringVar(&o.Backbone, "backbone", defaultBackbone, "`name` of the network, or a .safetensors or .onnx file: see codegraph model")
	addProvider(f, &o.Provider)
	f.IntVar(&o.Size, "size", 0, "input side in `pixels` (default: the network's)")
	f.IntVar(&o.Grid, "grid", 0, "side of the patch grid in `patches` (default: the network's)")
	f.IntSliceVar(&o.Radii, "radii", nil, "neighbourhood `sides`, odd, such as 1,3 (default: the network's)")
	f.StringVar(&o.Align, "align", "", "turn the parts alike first: auto, where it pays, on or off `when`\n(default: auto; off with --method musc --aligned or --tile)")
	f.IntVar(&o.Aligned, "aligned", 0, "for parts in a fixture: match only at most so many `patches` away;\n0 is anywhere")
	f.IntVar(&o.Base, "base", 0, "compare each image with at most so many `images`, chosen to differ;\n0 is all")
	f.IntVar(&o.Tile, "tile", 0, "divide large images into overlapping tiles of so many `pixels` a side;\n0 is none")
	f.StringVar(&o.TileMatch, "tile-match", string(codegraph.TileSame), "what a tile is compared with: the same tile of the other images, for parts\nin a fixture, or any of their tiles, for textures: `which`, same or any")
	addPrecision(f, &o.Precision)
	f.StringVar(&o.Rescore, "rescore", string(codegraph.RescoreNone), "rank the images again: `how`, none or rscin (averages of images alike by their\nclass tokens, as MuSc does; --backbone must have such)")
	f.IntSliceVar(&o.Windows, "rscin-windows", rscin.Windows(), "nearest `images`, the image itself included, that --rescore rscin averages over")
	f.Uint64Var(&o.Seed, "seed", 0, "seed of the random choices; the same `number` gives the same result")
	f.IntVar(&o.Threads, "threads", 0, "`number` of threads (default: all cores)")
	f.BoolVar(&o.Strict, "strict", false, "fail at the first input that cannot be read")
	f.Var(&o.MaxMemory, "max-memory", "bound on the planned memory, such as 2GiB; 0 is none")
	f.StringVar(&o.SpillDir, "spill-dir", "", "`folder` for tables beyond --max-memory (default: the system's)")
	f.Int64Var(&o.MaxPixels, "max-pixels", 0, "refuse larger images, in `pixels` (default: 100 million)")
}

// addProvider adds the flag of what ONNX networks run on.
func addProvider(f *pflag.FlagSet, provider *string) {
	f.StringVar(provider, "provider", onnx.Providers()[0], "what an .onnx network runs on: `one` of "+strings.Join(onnx.Providers(), ", "))
}

func (o *detectFlags) addConstants(f *pflag.FlagSet) {
	o.Constants = codegraph.DefaultConstants()
	for _, p := range o.Constants.Params() {
		f.Float64Var(p.Value, p.Name, *p.Value, p.Usage)
	}
}

// validate finds what is wrong whatever the input.
func (o *detectFlags) validate() error {
	if !isBuiltin(o.Backbone) {
		if _, err := findModel(o.Backbone); err != nil {
			return err
		}
	}
	if err := checkProvider(o.Backbone, o.Provider); err != nil {
		return err
	}
	if err := oneOf("align", o.Align, "", string(codegraph.AlignAuto), string(codegraph.AlignOn), string(codegraph.AlignOff)); err != nil {
		return err
	}
	if err := oneOf("tile-match", o.TileMatch, string(codegraph.TileSame), string(codegraph.TileAny)); err != nil {
		return err
	}
	if err := checkPrecision(o.Precision); err != nil {
		return err
	}
	if err := oneOf("rescore", o.Rescore, string(codegraph.RescoreNone), string(codegraph.RescoreRsCIN)); err != nil {
		return err
	}
	for _, v := range []struct {
		flag  string
		value int64
	}{{"size", int64(o.Size)}, {"grid", int64(o.Grid)}, {"aligned", int64(o.Aligned)}, {"tile", int64(o.Tile)}, {"base", int64(o.Base)}, {"threads", int64(o.Threads)}, {"max-pixels", o.MaxPixels}} {
		if v.value < 0 {
			return usagef("--%s is %d: it must not be negative", v.flag, v.value)
		}
	}
	for _, r := range o.Radii {
		if r < 1 || r%2 == 0 {
			return usagef("--radii has %d: sides must be odd and positive", r)
		}
	}
	for _, k := range o.Windows {
		if k < 1 {
			return usagef("--rscin-windows has %d: an image and its nearest are at least 1", k)
		}
	}
	for _, p := range o.Constants.Params() {
		if !(*p.Value >= p.Min && *p.Value <= p.Max) {
			return usagef("--%s is %v: it must be between %v and %v", p.Name, *p.Value, p.Min, p.Max)
		}
	}
	return nil
}

func oneOf(flag, value string, allowed ...string) error {
	if slices.Contains(allowed, value) {
		return nil
	}
	return usagef("--%s is %q: there is %s", flag, value, strings.Join(slices.DeleteFunc(allowed, func(s string) bool { return s == "" }), ", "))
}

// options are those of the library.
func (o *detectFlags) options() (codegraph.Options, error) {
	var network backbone.Backbone // nil: the library's own
	if !isBuiltin(o.Backbone) {
		var err error
		if network, err = o.load(); err != nil {
			return codegraph.Options{}, err
		}
	}
	return codegraph.Options{
		Backbone:  network,
		Size:      o.Size,
		Grid:      o.Grid,
		Radii:     o.Radii,
		Align:     codegraph.Align(o.Align),
		Aligned:   o.Aligned,
		Base:      o.Base,
		Precision: codegraph.Precision(o.Precision),
		Tile:      o.Tile,
		TileMatch: codegraph.TileMatch(o.TileMatch),
		Rescore:   codegraph.Rescore(o.Rescore), RsCINWindows: o.Windows,
		Seed:      o.Seed,
		Threads:   o.Threads,
		Strict:    o.Strict,
		MaxMemory: int64(o.MaxMemory),
		SpillDir:  o.SpillDir,
		MaxPixels: o.MaxPixels,
		Constants: o.Constants,
	}, nil
}

// network describes the network of the flags.
func (o *detectFlags) network() (backbone.Info, error) {
	b, err := o.load()
	if err != nil {
		return backbone.Info{}, err
	}
	return b.Info(), nil
}

// settings are the options in effect, for documents.
func (o *detectFlags) settings() map[string]any {
	constants := make(map[string]float64)
	for _, p := range o.Constants.Params() {
		constants[p.Name] = *p.Value
	}
	return map[string]any{
		"size": o.Size, "grid": o.Grid, "radii": append([]int{}, o.Radii...), "align": o.Align, "aligned": o.Aligned, "base": o.Base, "precision": codegraph.Precision(o.Precision).Effective(), "tile": o.Tile, "tile_match": o.TileMatch, "rescore": o.Rescore, "rscin_windows": append([]int{}, o.Windows...), "seed": o.Seed,
		"strict": o.Strict, "max_pixels": o.MaxPixels, "constants": constants,
	}
}
