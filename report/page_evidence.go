package report

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"math"
	"slices"

	"codegraph"
	"codegraph/internal/burnout"
	"codegraph/internal/family"
	"codegraph/internal/graph"
)

// PagePatches is how many similarity vectors the page can hold: the value for
// Options.Evidence of package codegraph.
const PagePatches = 140_000

// pageVectors are similarity vectors in records of little-endian 16-bit
// numbers, one for each block of each image: the patch (65535: none), the rank
// it burns out after (0: it does not), 4096 times the logarithm of the growth
// there and of that of a normal patch, 64 times −ln of the p-value, 16 times α
// of the patch and of its place (0: none), the distances
// (0, or 1 + 65534·(ln d − Lowest)/(Highest − Lowest)) and the nearest images
// (65535: none).
type pageVectors struct {
	Omega   int        `json:"omega"`
	Alpha   float64    `json:"alpha"`
	Ranks   []int      `json:"ranks"`
	Low     []float64  `json:"low"`
	High    []float64  `json:"high"`
	Block   int        `json:"block"`
	Nearest int        `json:"nearest"`
	Model   *pageModel `json:"model"`
	Lowest  float64    `json:"lowest"`
	Highest float64    `json:"highest"`
	Data    []byte     `json:"data"`
	// Matches are records of an image, its patch and the patches of the
	// nearest images that match it (65535: none).
	Matches []byte `json:"matches"`
}

// pageModel is codegraph.Model. Level is the p-value down to which a patch burns
// out.
type pageModel struct {
	Level    float64   `json:"level"`
	Alpha    float64   `json:"alpha"`
	Fits     bool      `json:"fits"`
	Rejected float64   `json:"rejected"`
	Expected []float64 `json:"expected"`
	Low      []float64 `json:"low"`
	High     []float64 `json:"high"`
}

// pageGraph is the image graph, or the strongest part of a large one.
type pageGraph struct {
	Gamma       float64         `json:"gamma"`
	OutlierK    float64         `json:"outlierK"`
	Edges       []pageEdge      `json:"edges"` // the heaviest first
	Total       int             `json:"total"`
	Nodes       []int           `json:"nodes"`
	Communities []pageCommunity `json:"communities"` // the densest first
}

// pageEdge joins images I and J; From are the patches of I that find J, To
// those of J that find I, the most suspicious of each.
type pageEdge struct {
	I      int     `json:"i"`
	J      int     `json:"j"`
	Weight float64 `json:"weight"`
	From   []int32 `json:"from"`
	To     []int32 `json:"to"`
}

type pageCommunity struct {
	Images  []int   `json:"images"`
	Density float64 `json:"density"`
	Limit   float64 `json:"limit"`
}

const (
	none        = math.MaxUint16
	vectorBytes = 9 << 20 // of all vectors
	maxNodes    = 240     // of the graph in the page
	maxEdges    = 3000
	maxLinked   = 24 // patches of one end of an edge
	recordHead  = 7  // numbers before the distances
)

func (p *pageData) addEvidence(res *codegraph.Result) {
	e := res.Evidence
	if e == nil {
		if len(res.Images) > 0 {
			p.LeftOut = append(p.LeftOut, "Similarity vectors and the image graph: none were kept when the batch was scanned.")
		}
		return
	}
	if p.Vectors = newPageVectors(res); p.Vectors == nil {
		p.LeftOut = append(p.LeftOut, "Similarity vectors: there are too many patches.")
	} else if e.Block > 1 {
		p.LeftOut = append(p.LeftOut, fmt.Sprintf("Most similarity vectors: of each %d × %[1]d patches the one that scores most has its own.", e.Block))
	}
	if e.Graph == nil {
		return
	}
	p.Graph = newPageGraph(res)
	if n := len(res.Images); len(p.Graph.Nodes) < n || len(p.Graph.Edges) < p.Graph.Total {
		p.LeftOut = append(p.LeftOut, fmt.Sprintf("Part of the image graph: %d of %d images and %d of %d edges are shown, families and heavy edges first.",
			len(p.Graph.Nodes), n, len(p.Graph.Edges), p.Graph.Total))
	}
}

// newPageVectors is nil if the vectors do not fit.
func newPageVectors(res *codegraph.Result) *pageVectors {
	e := res.Evidence
	v := &pageVectors{Omega: e.Omega, Alpha: e.Alpha, Ranks: e.Ranks, Low: e.Low, High: e.High, Block: e.Block}
	if m := e.Model; m != nil {
		v.Model = &pageModel{burnout.Level, m.Alpha.Alpha, m.Fit.Holds(), m.Fit.Rejected, m.Expected, m.Low, m.High}
	}
	v.Lowest, v.Highest = math.Inf(1), math.Inf(-1)
	for _, vectors := range e.Vectors {
		for _, x := range vectors {
			v.Nearest = max(v.Nearest, len(x.Nearest))
			for _, d := range x.Distances {
				if d > 0 {
					v.Lowest, v.Highest = min(v.Lowest, math.Log(float64(d))), max(v.Highest, math.Log(float64(d)))
				}
			}
		}
	}
	columns, rows := ceilDiv(res.GridW, e.Block), ceilDiv(res.GridH, e.Block)
	record := 2 * (recordHead + len(e.Ranks) + v.Nearest)
	size := len(e.Vectors) * columns * rows * record
	if v.Highest < v.Lowest || size > vectorBytes || len(res.Images) >= none || res.GridH*res.GridW >= none || !finite(v.Alpha) {
		return nil
	}
	v.Data = make([]byte, size)
	for k := range v.Data {
		v.Data[k] = 0xff
	}
	for i, vectors := range e.Vectors {
		for _, x := range vectors {
			at := i*columns*rows + x.Patch/res.GridW/e.Block*columns + x.Patch%res.GridW/e.Block
			v.record(v.Data[at*record:(at+1)*record], x)
			v.match(i, x)
		}
	}
	return v
}

func (v *pageVectors) record(dst []byte, x codegraph.Vector) {
	put := func(value float64) {
		binary.LittleEndian.PutUint16(dst, uint16(min(max(math.Round(value), 0), none)))
		dst = dst[2:]
	}
	put(float64(x.Patch))
	put(float64(x.Burnout))
	put(4096 * math.Log(max(x.Growth, 1)))
	put(4096 * math.Log(max(x.Usual, 1)))
	put(-64 * math.Log(x.P))
	put(16 * x.Alpha)
	put(16 * x.Position)
	for _, d := range x.Distances {
		if d > 0 && v.Highest > v.Lowest {
			put(1 + 65534*(math.Log(float64(d))-v.Lowest)/(v.Highest-v.Lowest))
		} else {
			put(min(float64(d), 1)) // all positive distances are the same
		}
	}
	for _, j := range x.Nearest {
		put(float64(j))
	}
}

// match adds the matches of vector x of image i, if there are any.
func (v *pageVectors) match(i int, x codegraph.Vector) {
	if x.Matches == nil {
		return
	}
	put := func(n int) { v.Matches = binary.LittleEndian.AppendUint16(v.Matches, uint16(n)) }
	put(i)
	put(x.Patch)
	for k := range v.Nearest {
		if k < len(x.Matches) && x.Matches[k] >= 0 {
			put(int(x.Matches[k]))
		} else {
			put(none)
		}
	}
}

func newPageGraph(res *codegraph.Result) *pageGraph {
	g := res.Evidence.Graph
	out := &pageGraph{Gamma: g.Gamma, OutlierK: family.PublishedOutlier, Total: len(g.Edges), Edges: []pageEdge{}, Communities: []pageCommunity{}}
	edges := slices.Clone(g.Edges)
	slices.SortStableFunc(edges, func(a, b graph.Edge) int { return cmp.Compare(b.W, a.W) })
	shown := graphNodes(res, edges)
	for i, in := range shown {
		if in {
			out.Nodes = append(out.Nodes, i)
		}
	}
	edges = slices.DeleteFunc(edges, func(e graph.Edge) bool { return !shown[e.I] || !shown[e.J] })
	at := map[[2]int32]*pageEdge{}
	for _, e := range edges[:min(len(edges), maxEdges)] {
		out.Edges = append(out.Edges, pageEdge{I: e.I, J: e.J, Weight: e.W, From: []int32{}, To: []int32{}})
	}
	for k := range out.Edges {
		at[[2]int32{int32(out.Edges[k].I), int32(out.Edges[k].J)}] = &out.Edges[k]
	}
	for _, l := range g.Links {
		addLink(at, l)
	}
	for _, c := range g.Communities {
		out.Communities = append(out.Communities, pageCommunity{c.Images, c.Density, c.Limit})
	}
	slices.SortStableFunc(out.Communities, func(a, b pageCommunity) int { return cmp.Compare(b.Density, a.Density) })
	return out
}

// graphNodes selects the images shown: those of families, then those of the
// heaviest edges.
func graphNodes(res *codegraph.Result, edges []graph.Edge) []bool {
	shown := make([]bool, len(res.Images))
	left := maxNodes
	add := func(i int) {
		if left > 0 && !shown[i] {
			shown[i] = true
			left--
		}
	}
	for _, f := range res.Families {
		for _, m := range f.Members {
			add(m.Image)
		}
	}
	for _, e := range edges {
		if left < 2 {
			break
		}
		add(e.I)
		add(e.J)
	}
	for i := range shown {
		add(i)
	}
	return shown
}

// addLink notes the patch of a link at its edge, once.
func addLink(at map[[2]int32]*pageEdge, l burnout.Link) {
	key := [2]int32{min(l.From, l.To), max(l.From, l.To)}
	e := at[key]
	if e == nil {
		return
	}
	end := &e.From
	if l.From > l.To {
		end = &e.To
	}
	if len(*end) < maxLinked && !slices.Contains(*end, l.Patch) {
		*end = append(*end, l.Patch)
	}
}
