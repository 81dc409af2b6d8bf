package report

import (
	"fmt"
	"math"
	"time"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/outdir"
	"codegraph/internal/verdict"
)

// Schema is the version of results.json. A reader should refuse a number it
// does not know; new keys may appear under the same number.
const Schema = outdir.SchemaPrefix + "1"

// Document is the content of results.json; docs/results-schema.md describes
// it key by key. Everything in it but Run is a function of the input, the
// options and the program version.
type Document struct {
	Schema   string   `json:"schema"`
	Version  string   `json:"version"`
	Method   string   `json:"method"`
	Backbone Backbone `json:"backbone"`
	Options  Settings `json:"options"`
	// Alignment says what turning the parts alike does; null if it was off.
	Alignment *Alignment `json:"alignment"`
	InputSize int        `json:"input_size"`
	Grid      Grid       `json:"grid"`
	Counts    Counts     `json:"counts"`
	Variants  []Variant  `json:"variants"`
	Scale     Scale      `json:"scale"`
	Verdicts  Verdicts   `json:"verdicts"`
	// VerdictNote says why no image passes, or passes or fails; "" where images may.
	VerdictNote string `json:"verdict_note"`
	Limits      Limits `json:"limits"`
	// Answers are what a person said, on which verdicts and families rest; null:
	// nothing.
	Answers *codegraph.Answers `json:"answers"`
	// Null is what normal images score; null if the batch does not show it.
	Null *Null `json:"normal"`
	// TailIndex is that of the earlier scan; left out without one.
	TailIndex *float64  `json:"tail_index,omitempty"`
	Images    []Image   `json:"images"`
	Families  []Family  `json:"families"`
	Skipped   []Skipped `json:"skipped"`
	Notes     []string  `json:"notes"`
	// Files lists every file of the output folder that belongs to it, in
	// slash-separated paths: the next run removes these and no others.
	Files []string `json:"files"`
	Run   Run      `json:"run"`
}

// Backbone names the frozen network.
type Backbone struct {
	Name   string   `json:"name"`
	Digest string   `json:"digest"`
	Layers []string `json:"layers"`
}

// Settings are the options in effect, defaults filled in. In JSON it has those
// that can change a result, by their names; see docs/options.md.
type Settings = option.Settings

// Alignment holds the mean agreements (cosines) of the images with their mean,
// as they are and turned alike.
type Alignment struct {
	Before  float64 `json:"before"`
	After   float64 `json:"after"`
	Applied bool    `json:"applied"`
}

// Grid is the patch grid that indices and grid files refer to.
type Grid struct {
	Height int `json:"height"`
	Width  int `json:"width"`
}

// Counts are N and P of the algorithm.
type Counts struct {
	Images     int `json:"images"`
	Patches    int `json:"patches"`
	References int `json:"references"` // images that were compared with and not scored
}

// Variant is one token variant: a layer averaged over Radius × Radius.
type Variant struct {
	Layer  string `json:"layer"`
	Radius int    `json:"radius"`
}

// Scale maps grey levels of the anomaly maps to scores: level g of 65535 is
// Min + (Max − Min)·g/65535.
type Scale struct {
	Min float64 `json:"min"`
	Max float64 `json:"max"`
}

// Verdicts counts the images by their verdict.
type Verdicts struct {
	Pass   int `json:"pass"`
	Unsure int `json:"unsure"`
	Fail   int `json:"fail"`
}

// Null is the distribution of the scores of normal images: see package verdict.
type Null struct {
	Location float64 `json:"location"`
	Scale    float64 `json:"scale"`
	Normal   int     `json:"images"` // taken for normal
}

// Limits are the scores that verdicts change at.
type Limits struct {
	Median *float64 `json:"median"` // of the batch; null: it was not judged
	Pass   *float64 `json:"pass"`   // the highest that passes; null: none does
	Fail   *float64 `json:"fail"`   // the least that fails; null: none does
}

// known is nil for what is not a finite number.
func known(v float64) *float64 {
	if !finite(v) {
		return nil
	}
	return &v
}

// tailIndex is nil for one that is not known.
func tailIndex(alpha float64) *float64 {
	if alpha == 0 {
		return nil
	}
	return known(alpha)
}

// Image is the result for one image. File names are relative to the output
// folder.
type Image struct {
	Name       string         `json:"name"`
	Path       string         `json:"path"`
	Width      int            `json:"width"`
	Height     int            `json:"height"`
	Turn       float64        `json:"turn"` // before it was compared: degrees, clockwise
	Score      float64        `json:"score"`
	MuScScore  float64        `json:"musc_score"`
	MapMax     float64        `json:"map_max"`
	Rank       int            `json:"rank"`
	Verdict    *verdict.Label `json:"verdict"` // null if it was not judged, like the two that follow
	PValue     *float64       `json:"p_value"`
	QValue     *float64       `json:"q_value"`
	Severity   *float64       `json:"severity"`             // null where there is no limit to fail
	PeakHeight float64        `json:"peak_height"`          // of its highest patches above its typical one
	TailIndex  *float64       `json:"tail_index,omitempty"` // of its distances to an earlier scan; left out without one
	Family     *string        `json:"family"`
	Base       bool           `json:"base"` // one of those that images are compared with
	Grid       string         `json:"grid"`
	MuScGrid   string         `json:"musc_grid"`
	Map        string         `json:"map"`
	Overlay    *string        `json:"overlay"` // null for none
	Regions    []Region       `json:"regions"` // of defects, the clearest first
	Mask       *string        `json:"mask"`    // of the regions; null for none
	Warnings   []string       `json:"warnings"`
}

// Family is a group of images that share an anomaly.
type Family struct {
	ID             string   `json:"id"`
	Status         string   `json:"status"`
	Asked          bool     `json:"asked"` // whether it is a defect only a person can say
	Members        []Member `json:"members"`
	Density        float64  `json:"density"`
	Area           float64  `json:"area"`
	Gain           float64  `json:"gain"`
	PatchesRemoved int      `json:"patches_removed"`
	// Evidence is null for families of tiles and of the published pipeline.
	Evidence *FamilyEvidence `json:"evidence"`
	Sheet    *string         `json:"sheet"` // null if no member could be read again
}

// FamilyEvidence is what the status of a family rests on: see
// codegraph.FamilyEvidence.
type FamilyEvidence struct {
	Distances string  `json:"distances"` // plain or deflated
	Burnout   float64 `json:"burnout"`
	Limit     float64 `json:"limit"`
	Next      float64 `json:"next"`
	Z         float64 `json:"z"`
	Alone     float64 `json:"alone"`
	Area      float64 `json:"area"`
	Border    float64 `json:"border"`
	Share     float64 `json:"share"`
	Whole     bool    `json:"whole"`
}

func newFamilyEvidence(e *codegraph.FamilyEvidence) *FamilyEvidence {
	if e == nil {
		return nil
	}
	distances := "plain"
	if e.Deflated {
		distances = "deflated"
	}
	return &FamilyEvidence{distances, e.Burnout, e.Limit, e.Next, e.Z, e.Alone, e.Area, e.Border, e.Share, e.Whole}
}

// Member is one image of a family and where the anomaly is in it.
type Member struct {
	Index          int    `json:"index"` // into images
	Name           string `json:"name"`
	Path           string `json:"path"`
	Representative Box    `json:"representative"`
	Box            Box    `json:"box"`     // around the patches connected with it
	Patches        []int  `json:"patches"` // y·width + x on the grid
}

// Box is a rectangle in pixels of the original image.
type Box struct {
	X      int `json:"x"`
	Y      int `json:"y"`
	Width  int `json:"width"`
	Height int `json:"height"`
}

// Skipped is an input that was not scored.
type Skipped struct {
	Name   string `json:"name"`
	Reason string `json:"reason"`
}

// Run is what differs between two runs on the same input.
type Run struct {
	Created   string      `json:"created"` // RFC 3339, UTC
	Go        string      `json:"go"`
	System    string      `json:"system"`
	Threads   int         `json:"threads"`
	MaxMemory int64       `json:"max_memory"`
	Memory    Memory      `json:"memory"`
	Seconds   float64     `json:"seconds"`
	Phases    []PhaseTime `json:"phases"`
}

// Memory is the plan made before the work, in bytes.
type Memory struct {
	Tokens  int64 `json:"tokens"`
	Table   int64 `json:"table"`
	Working int64 `json:"working"`
	// Decoding is what images take while they are decoded, before table and scratch.
	Decoding int64 `json:"decoding"`
	Other    int64 `json:"other"`
	Spilled  bool  `json:"spilled"`
	// TokensSpilled and Block are those of codegraph.MemoryPlan.
	TokensSpilled bool `json:"tokens_spilled"`
	Block         int  `json:"block"`
}

// PhaseTime is the wall-clock time of one phase.
type PhaseTime struct {
	Phase   string  `json:"phase"`
	Seconds float64 `json:"seconds"`
}

// newDocument describes res. File names are filled in as files are written.
func newDocument(res *codegraph.Result, opts Options) (*Document, error) {
	if err := check(res); err != nil {
		return nil, err
	}
	if err := opts.Truth.check(len(res.Images)); err != nil {
		return nil, err
	}
	doc := &Document{
		Schema:    Schema,
		Version:   opts.Version,
		Method:    string(res.Method),
		Backbone:  Backbone{res.Backbone.Name, res.Backbone.Digest, list(res.Backbone.Layers)},
		Options:   Settings{Options: res.Options, MinArea: opts.MinArea, Scale: string(opts.Scale), Overlays: string(opts.Overlays)},
		InputSize: res.Size,
		Grid:      Grid{res.GridH, res.GridW},
		Counts:    Counts{len(res.Images), res.GridH * res.GridW, res.References},
		Variants:  []Variant{},
		Scale:     batchScale(res),
		Images:    make([]Image, len(res.Images)),
		Families:  make([]Family, len(res.Families)),
		Skipped:   []Skipped{},
		Notes:     list(res.Notes),
		TailIndex: tailIndex(res.TailIndex),

		VerdictNote: res.VerdictNote,
	}
	if said := res.Options.Answers; !said.Empty() {
		doc.Answers = said
	}
	if a := res.Alignment; a != nil {
		doc.Alignment = &Alignment{a.Before, a.After, a.Applied}
	}
	for _, v := range res.Variants {
		doc.Variants = append(doc.Variants, Variant(v))
	}
	for _, p := range res.Skipped {
		doc.Skipped = append(doc.Skipped, Skipped{p.Name, p.Err.Error()})
	}
	if res.Limits != (verdict.Limits{}) {
		doc.Limits = newLimits(res.Limits)
	}
	if n := res.Null; n != nil {
		doc.Null = &Null{n.Location, n.Scale, n.Normal}
	}
	for i := range res.Images {
		doc.Images[i] = newImage(res, i)
		doc.Verdicts.add(res.Images[i].Verdict.Label)
	}
	for i := range res.Families {
		doc.Families[i] = newFamily(res, i)
	}
	return doc, nil
}

func newImage(res *codegraph.Result, i int) Image {
	im := &res.Images[i]
	out := Image{
		Name:       im.Item.Name,
		Path:       imageset.Readable(im.Item.Path),
		Width:      im.Width,
		Height:     im.Height,
		Turn:       im.Turn * 180 / math.Pi,
		Score:      im.Score,
		MuScScore:  im.MuScScore,
		MapMax:     im.MapMax,
		PeakHeight: im.PeakHeight,
		TailIndex:  tailIndex(im.TailIndex),
		Rank:       im.Rank,
		Base:       im.Base,
		Warnings:   list(im.Warnings),
	}
	if v := im.Verdict; v.Label != "" {
		out.judged(v)
	}
	if im.Family >= 0 {
		id := res.Families[im.Family].ID
		out.Family = &id
	}
	return out
}

func (v *Verdicts) add(label verdict.Label) {
	switch label {
	case verdict.Pass:
		v.Pass++
	case verdict.Unsure:
		v.Unsure++
	case verdict.Fail:
		v.Fail++
	}
}

func newFamily(res *codegraph.Result, i int) Family {
	f := &res.Families[i]
	out := Family{
		ID:             f.ID,
		Status:         string(f.Status),
		Asked:          f.Asked,
		Members:        make([]Member, len(f.Members)),
		Density:        f.Density,
		Area:           f.Area,
		Gain:           f.Gain,
		PatchesRemoved: f.Removed,
		Evidence:       newFamilyEvidence(f.Evidence),
	}
	for k, m := range f.Members {
		im := &res.Images[m.Image]
		box := func(p int) Box { return PatchBox(p, res.GridH, res.GridW, im.Width, im.Height) }
		rep := box(m.Representative)
		all := rep
		for _, p := range around(m.Representative, m.Patches, res.GridW) {
			all = all.union(box(p))
		}
		out.Members[k] = Member{
			Index:          m.Image,
			Name:           im.Item.Name,
			Path:           imageset.Readable(im.Item.Path),
			Representative: rep,
			Box:            all,
			Patches:        list(m.Patches),
		}
	}
	return out
}

// around returns the patches that are connected with p, side by side or over
// corners: a member's other patches may be far from where the anomaly is.
func around(p int, patches []int, gridW int) []int {
	rest := make(map[int]bool, len(patches))
	for _, q := range patches {
		rest[q] = true
	}
	group := []int{p}
	delete(rest, p)
	for k := 0; k < len(group); k++ {
		y, x := group[k]/gridW, group[k]%gridW
		for dy := -1; dy <= 1; dy++ {
			for dx := max(-1, -x); dx <= min(1, gridW-1-x); dx++ {
				if q := (y+dy)*gridW + x + dx; rest[q] {
					group = append(group, q)
					delete(rest, q)
				}
			}
		}
	}
	return group
}

// PatchBox returns the tile of patch p = y·gridW + x in an image of w × h
// pixels: the smallest box of whole pixels that holds the columns
// x·w/gridW … (x+1)·w/gridW and the rows likewise.
func PatchBox(p, gridH, gridW, w, h int) Box {
	y, x := p/gridW, p%gridW
	x0, y0 := x*w/gridW, y*h/gridH
	x1, y1 := ceilDiv((x+1)*w, gridW), ceilDiv((y+1)*h, gridH)
	return Box{X: x0, Y: y0, Width: x1 - x0, Height: y1 - y0}
}

func ceilDiv(a, b int) int { return (a + b - 1) / b }

func (b Box) union(c Box) Box {
	x0, y0 := min(b.X, c.X), min(b.Y, c.Y)
	x1 := max(b.X+b.Width, c.X+c.Width)
	y1 := max(b.Y+b.Height, c.Y+c.Height)
	return Box{X: x0, Y: y0, Width: x1 - x0, Height: y1 - y0}
}

// batchScale returns the least and greatest score of any patch.
func batchScale(res *codegraph.Result) Scale {
	if len(res.Images) == 0 {
		return Scale{}
	}
	lo, hi := math.Inf(1), math.Inf(-1)
	for i := range res.Images {
		a, b := mapRange(res.Images[i].Map)
		lo, hi = min(lo, a), max(hi, b)
	}
	return Scale{Min: lo, Max: hi}
}

func mapRange(m []float32) (lo, hi float64) {
	lo, hi = math.Inf(1), math.Inf(-1)
	for _, v := range m {
		lo, hi = min(lo, float64(v)), max(hi, float64(v))
	}
	return lo, hi
}

// check finds what JSON or the renderers could not express, before any file
// is written.
func check(res *codegraph.Result) error {
	p := res.GridH * res.GridW
	if res.GridH < 1 || res.GridW < 1 {
		return fmt.Errorf("the result has a patch grid of %d × %d", res.GridH, res.GridW)
	}
	for i := range res.Images {
		if err := checkImage(&res.Images[i], p, len(res.Families)); err != nil {
			return fmt.Errorf("image %s: %w", res.Images[i].Item.Name, err)
		}
	}
	for i := range res.Families {
		if err := checkFamily(&res.Families[i], p, len(res.Images)); err != nil {
			return fmt.Errorf("family %s: %w", res.Families[i].ID, err)
		}
	}
	return nil
}

func checkImage(im *codegraph.Image, p, families int) error {
	if len(im.Map) != p || len(im.MuScMap) != p {
		return fmt.Errorf("maps of %d and %d values, want %d", len(im.Map), len(im.MuScMap), p)
	}
	if im.Width < 1 || im.Height < 1 {
		return fmt.Errorf("size of %d × %d pixels", im.Width, im.Height)
	}
	if im.Family < -1 || im.Family >= families {
		return fmt.Errorf("family index %d of %d", im.Family, families)
	}
	if !finite(im.Score) || !finite(im.MuScScore) || !finite(im.MapMax) {
		return fmt.Errorf("score %v (MuSc %v) is not a finite number", im.Score, im.MuScScore)
	}
	for k := range p {
		if !finite(float64(im.Map[k])) || !finite(float64(im.MuScMap[k])) {
			return fmt.Errorf("score of patch %d is not a finite number", k)
		}
	}
	return nil
}

func checkFamily(f *codegraph.Family, p, images int) error {
	if !finite(f.Density) || !finite(f.Area) || !finite(f.Gain) {
		return fmt.Errorf("density %v, area %v or gain %v is not a finite number", f.Density, f.Area, f.Gain)
	}
	if e := f.Evidence; e != nil && (!finite(e.Burnout) || !finite(e.Z) || !finite(e.Alone)) {
		return fmt.Errorf("burnout %v, z %v or z without each other %v is not a finite number", e.Burnout, e.Z, e.Alone)
	}
	for _, m := range f.Members {
		if m.Image < 0 || m.Image >= images {
			return fmt.Errorf("member %d of %d images", m.Image, images)
		}
		if m.Representative < 0 || m.Representative >= p {
			return fmt.Errorf("representative patch %d of %d", m.Representative, p)
		}
		for _, x := range m.Patches {
			if x < 0 || x >= p {
				return fmt.Errorf("patch %d of %d", x, p)
			}
		}
	}
	return nil
}

func finite(v float64) bool { return !math.IsNaN(v) && !math.IsInf(v, 0) }

// list makes a nil slice an empty one: JSON arrays are never null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}

func seconds(d time.Duration) float64 { return d.Round(time.Microsecond).Seconds() }
