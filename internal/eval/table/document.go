package table

import (
	"fmt"
	"math"
)

// Schema is the version of the JSON document. A reader should refuse a number
// it does not know; new keys may appear under the same number.
const Schema = "codegraph.bench/1"

// The methods that a run compares.
const (
	MuSc      = "musc"
	CoDeGraph = "codegraph"
)

// methods in the order of the tables.
var methods = [...]string{MuSc, CoDeGraph}

// methodName is a method's name in tables; that of an unknown one is its key.
func methodName(key string) string {
	switch key {
	case MuSc:
		return "MuSc"
	case CoDeGraph:
		return "CoDeGraph"
	case winCLIP:
		return "WinCLIP"
	default:
		return key
	}
}

// Document is what a benchmark run measured.
type Document struct {
	Schema   string   `json:"schema"` // filled in by Write
	Version  string   `json:"version"`
	Dataset  string   `json:"dataset"`
	Layout   string   `json:"layout"`
	Protocol Protocol `json:"protocol"`
	Backbone Backbone `json:"backbone"`
	Options  any      `json:"options"`
	Results  []Row    `json:"results"`
	// Mean has a row per method; Write fills it in by meansOf if it is nil.
	Mean        []Mean        `json:"mean"`
	Consistency []Consistency `json:"consistency"`
	Families    []Family      `json:"families"`
	Published   []Published   `json:"published"`
	Notes       []string      `json:"notes"`
}

// Protocol says on what the figures were taken.
type Protocol struct {
	// Paper is the method whose paper's protocol was kept to, "" for none; then
	// each published figure has the difference to it beside it. Setting says what
	// that fixes.
	Paper      string `json:"paper,omitempty"`
	Setting    string `json:"setting,omitempty"`
	Size       string `json:"size"`       // at which pixels are judged, such as 518 × 518
	Subset     int    `json:"subset"`     // images drawn per category; 0: all
	Stratified bool   `json:"stratified"` // the subset keeps the shares of the types
	Repeats    int    `json:"repeats"`
	Seed       uint64 `json:"seed"`
}

// Backbone names the frozen network.
type Backbone struct {
	Name   string `json:"name"`
	Digest string `json:"digest"`
}

// Row is what one method reached on one category.
type Row struct {
	Category string `json:"category"`
	Method   string `json:"method"` // MuSc or CoDeGraph
	Figures
	// Original are the figures of pixels at the images' original resolution,
	// nil if they were not taken.
	Original *PixelFigures `json:"original,omitempty"`
	// Std and OriginalStd are standard deviations over repeats, nil for one
	// run.
	Std         *Figures      `json:"std,omitempty"`
	OriginalStd *PixelFigures `json:"original_std,omitempty"`
	Repeats     int           `json:"repeats"`
}

func (r *Row) result() result { return newResult(r.Figures, r.Original, r.Std, r.OriginalStd) }

// Consistency says of a type of defect how much its images look alike, and
// what the methods make of it.
type Consistency struct {
	Category string `json:"category"`
	Type     string `json:"type"`
	Images   int    `json:"images"`
	// Consistency is the share of the type's defective patches whose nearest
	// look-alikes are defective patches of the same type.
	Consistency Percent `json:"consistency"`
	// The pixel APs on the good images and those of just this type.
	MuScPixelAP      Percent `json:"musc_pixel_ap"`
	CoDeGraphPixelAP Percent `json:"codegraph_pixel_ap"`
}

// Family is a reported group of images that share an anomaly.
type Family struct {
	Category       string         `json:"category"`
	ID             string         `json:"id"`
	Status         string         `json:"status"`
	Types          map[string]int `json:"types"` // members by type
	Area           float64        `json:"area"`  // mean share of its image that a member's patches cover
	Gain           float64        `json:"gain"`
	PatchesRemoved int            `json:"patches_removed"`
}

// images is how many members the family has.
func (f *Family) images() int {
	n := 0
	for _, k := range f.Types {
		n += k
	}
	return n
}

// complete returns a copy of the document with nothing left out, or says what
// no format could express.
func (d *Document) complete(opts Options) (*Document, error) {
	c := *d
	if c.Schema == "" {
		c.Schema = Schema
	}
	if c.Schema != Schema {
		return nil, fmt.Errorf("document of schema %q; this program writes %s", c.Schema, Schema)
	}
	if err := checkRows(c.Results); err != nil {
		return nil, err
	}
	if c.Mean == nil {
		c.Mean = meansOf(c.Results)
	}
	c.Results, c.Mean, c.Consistency = list(c.Results), list(c.Mean), list(c.Consistency)
	c.Families, c.Notes = list(c.Families), list(c.Notes)
	c.Published = []Published{}
	for _, p := range d.Published {
		if !p.OtherBackbone || opts.OtherBackbones {
			c.Published = append(c.Published, p)
		}
	}
	return &c, c.check()
}

// check finds what else no format could express.
func (d *Document) check() error {
	for i := range d.Mean {
		m := &d.Mean[i]
		if err := checkMethod(m.Method); err != nil {
			return fmt.Errorf("mean: %w", err)
		}
		if r := m.result(); !r.finite() {
			return fmt.Errorf("mean of %s: a figure is infinite", m.Method)
		}
	}
	for i := range d.Published {
		if r := newResult(d.Published[i].Figures, nil, nil, nil); !r.finite() {
			return fmt.Errorf("published figures of %s: one is infinite", d.Published[i].Source)
		}
	}
	for _, c := range d.Consistency {
		if math.IsInf(float64(c.Consistency+c.MuScPixelAP+c.CoDeGraphPixelAP), 0) {
			return fmt.Errorf("consistency of %s/%s: a figure is infinite", c.Category, c.Type)
		}
	}
	for _, f := range d.Families {
		if s := f.Area + f.Gain; math.IsNaN(s) || math.IsInf(s, 0) {
			return fmt.Errorf("family %s of %s: area %v or gain %v is not a finite number", f.ID, f.Category, f.Area, f.Gain)
		}
	}
	return nil
}

// place is where a row belongs.
type place struct{ category, method string }

// checkRows looks for rows that have no place of their own in a table.
func checkRows(rows []Row) error {
	seen := make(map[place]bool)
	for i := range rows {
		r := &rows[i]
		at := place{r.Category, r.Method}
		if err := checkMethod(r.Method); err != nil {
			return fmt.Errorf("row %d, %s: %w", i, r.Category, err)
		}
		if seen[at] {
			return fmt.Errorf("row %d: there is another one of %s on %s", i, r.Method, r.Category)
		}
		seen[at] = true
		if r := r.result(); !r.finite() {
			return fmt.Errorf("row %d: a figure of %s on %s is infinite", i, at.method, at.category)
		}
	}
	return nil
}

func checkMethod(method string) error {
	if method != MuSc && method != CoDeGraph {
		return fmt.Errorf("method %q; there are %s and %s", method, MuSc, CoDeGraph)
	}
	return nil
}

// list makes a nil slice an empty one: JSON arrays are never null.
func list[T any](s []T) []T {
	if s == nil {
		return []T{}
	}
	return s
}
