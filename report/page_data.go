package report

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"codegraph"
	"codegraph/internal/outdir"
	"codegraph/internal/verdict"
)

// pageData is the data of the page: web/src/data.ts reads it.
type pageData struct {
	Title    string       `json:"title"`   // of the batch; "": none
	Folder   string       `json:"folder"`  // "": unknown
	Created  string       `json:"created"` // RFC 3339; "": not said
	Version  string       `json:"version"`
	Method   string       `json:"method"`
	Backbone string       `json:"backbone"`
	Grid     Grid         `json:"grid"`
	Colours  Colours      `json:"colours"`
	Reddish  bool         `json:"reddish"` // most of what the photographs show is
	Images   []pageImage  `json:"images"`
	Families []pageFamily `json:"families"`
	FDR      *float64     `json:"fdr"` // null: images are not judged
	Limits   Limits       `json:"limits"`
	// VerdictNote says why no image passes, or passes or fails; "" where images may.
	VerdictNote string    `json:"verdict_note"`
	Skipped     []Skipped `json:"skipped"`
	Notes       []string  `json:"notes"`
	LeftOut     []string  `json:"left_out"`
	// References is how many known good images were compared with, Own says that
	// verdicts rest on this batch, Answers what a person said before.
	References int                `json:"references"`
	Own        bool               `json:"own"`
	Answers    *codegraph.Answers `json:"answers"`
	// Maps holds the levels of all patches, [rank][P] of 255, for the images
	// of the first Mapped ranks.
	Mapped   int          `json:"mapped"`
	Maps     []byte       `json:"maps"`
	MuScMaps []byte       `json:"musc_maps"`
	Truth    *pageTruth   `json:"truth"` // null: unknown
	Graph    *pageGraph   `json:"graph"`
	Vectors  *pageVectors `json:"vectors"`
}

type pageImage struct {
	Name      string         `json:"name"`
	Width     int            `json:"width"`
	Height    int            `json:"height"`
	Score     float64        `json:"score"`
	MuSc      float64        `json:"musc"`
	Rank      int            `json:"rank"`
	Verdict   *verdict.Label `json:"verdict"` // null: not judged
	P         *float64       `json:"p"`
	Q         *float64       `json:"q"`
	Severity  *float64       `json:"severity"`
	Family    int            `json:"family"`
	Turn      float64        `json:"turn"`
	Small     *string        `json:"small"`
	Large     *string        `json:"large"`
	Full      *string        `json:"full"`
	Overlay   *string        `json:"overlay"`
	Map       *string        `json:"map"`
	Warnings  []string       `json:"warnings"`
	Regions   []pageRegion   `json:"regions"`
	Defective *bool          `json:"defective"` // null: unknown
	Mask      *pageMask      `json:"mask"`      // of known defects
}

// pageRegion is a defect region: its outlines, x and y of each corner in pixels of
// the image, about as fine as a screen shows them.
type pageRegion struct {
	Peak     float64 `json:"peak"`
	Outlines [][]int `json:"outlines"`
}

type pageFamily struct {
	ID      string       `json:"id"`
	Status  string       `json:"status"`
	Members []pageMember `json:"members"`
	Density float64      `json:"density"`
	Limit   *float64     `json:"limit"`
	Area    float64      `json:"area"`
	Gain    float64      `json:"gain"`
	Removed int          `json:"removed"`
	Sheet   *string      `json:"sheet"`

	Evidence *FamilyEvidence `json:"evidence"`
}

type pageMember struct {
	Image          int    `json:"image"`
	Box            Box    `json:"box"`
	Representative Box    `json:"representative"`
	Patches        []byte `json:"patches"` // a bit set, the lowest bit first
}

// mapBudget bounds the bytes of both kinds of maps in the page.
const mapBudget = 4 << 20

// page gathers the data of the page.
func (w *writer) page(dir string) *pageData {
	res, doc := w.res, w.doc
	p := &pageData{
		Version: doc.Version, Method: doc.Method, Backbone: doc.Backbone.Name, Grid: doc.Grid, Colours: w.colours, Limits: doc.Limits,
		Title: w.opts.Title, Folder: w.opts.Folder, Reddish: w.thumbnails.reddish(), References: doc.Counts.References, Own: doc.own(), Answers: doc.Answers,
		Images: make([]pageImage, len(doc.Images)), Families: make([]pageFamily, len(doc.Families)),
		Skipped: doc.Skipped, Notes: OnPage(doc.Notes), VerdictNote: OnPage([]string{doc.VerdictNote})[0], LeftOut: []string{},
	}
	if !w.opts.Created.IsZero() {
		p.Created = w.opts.Created.UTC().Format(time.RFC3339)
	}
	if doc.Verdicts != (Verdicts{}) {
		p.FDR = &doc.Options.FDR
	}
	for i := range doc.Images {
		p.Images[i] = w.pageImage(dir, i)
	}
	for k := range doc.Families {
		p.Families[k] = w.pageFamily(k)
	}
	p.addMaps(res)
	p.addEvidence(res)
	if w.evaluator != nil {
		p.addTruth(w.evaluator)
	}
	if w.thumbnails.beside {
		p.LeftOut = append(p.LeftOut, fmt.Sprintf("The images: they are in %s/ and must stay beside this page.", outdir.Thumbnails))
	}
	return p
}

func (w *writer) pageImage(dir string, i int) pageImage {
	im := &w.doc.Images[i]
	out := pageImage{
		Name: im.Name, Width: im.Width, Height: im.Height, Score: im.Score, MuSc: im.MuScScore, Rank: im.Rank,
		Verdict: im.Verdict, P: im.PValue, Q: im.QValue, Severity: im.Severity,
		Family: w.res.Images[i].Family, Turn: im.Turn, Full: address(dir, w.res.Images[i].Item.Path), Map: relativeURL(im.Map), Warnings: im.Warnings,
	}
	out.Small, out.Large = w.thumbnails.sources(i)
	out.Regions = make([]pageRegion, len(im.Regions))
	for k, r := range im.Regions {
		for _, o := range w.outlines[i][k] {
			out.Regions[k].Outlines = append(out.Regions[k].Outlines, simplified(o, float64(max(im.Width, im.Height))/outlineFineness))
		}
		out.Regions[k].Peak = r.Peak
	}
	if im.Overlay != nil {
		out.Overlay = relativeURL(*im.Overlay)
	}
	return out
}

func (w *writer) pageFamily(k int) pageFamily {
	f := &w.doc.Families[k]
	out := pageFamily{
		ID: f.ID, Status: f.Status, Members: make([]pageMember, len(f.Members)),
		Density: f.Density, Area: f.Area, Gain: f.Gain, Removed: f.PatchesRemoved, Evidence: f.Evidence,
	}
	for n, m := range f.Members {
		set := make([]byte, (w.doc.Counts.Patches+7)/8)
		for _, p := range m.Patches {
			set[p/8] |= 1 << (p % 8)
		}
		out.Members[n] = pageMember{m.Index, m.Box, m.Representative, set}
	}
	if e := w.res.Evidence; e != nil && e.Graph != nil && k < len(e.Graph.Families) {
		out.Limit = &e.Graph.Families[k].Limit
	}
	if f.Sheet != nil {
		out.Sheet = relativeURL(*f.Sheet)
	}
	return out
}

// addMaps adds those of the most anomalous images, as many as fit.
func (p *pageData) addMaps(res *codegraph.Result) {
	order := byRank(res)
	p.Mapped = min(len(order), mapBudget/(2*res.GridH*res.GridW))
	for _, i := range order[:p.Mapped] {
		p.Maps = p.Colours.levels(p.Maps, res.Images[i].Map)
		p.MuScMaps = p.Colours.levels(p.MuScMaps, res.Images[i].MuScMap)
	}
	if p.Mapped < len(order) {
		p.LeftOut = append(p.LeftOut, fmt.Sprintf("Maps of images below rank %d: they are in %s/.", p.Mapped, outdir.Maps))
	}
}

// byRank returns the images, the most anomalous first.
func byRank(res *codegraph.Result) []int {
	order := make([]int, len(res.Images))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return cmp.Compare(res.Images[a].Rank, res.Images[b].Rank) })
	return order
}

// levels appends scores as levels of 255.
func (c Colours) levels(dst []byte, scores []float32) []byte {
	for _, v := range scores {
		dst = append(dst, c.level(v))
	}
	return dst
}
