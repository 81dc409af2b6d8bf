package report_test

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"image"
	"image/color"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/burnout"
	"codegraph/internal/evt"
	"codegraph/internal/graph"
	"codegraph/report"
)

// hostile is a name that tries to leave every context it may be put in.
const hostile = `</script><img src=x onerror="document.title='owned'">'"&javascript:alert(1)` + "\u2028" + `.png`

// withEvidence adds similarity vectors and a graph like those of a scan: the
// first two images share patch 5.
func withEvidence(res *codegraph.Result) *codegraph.Result {
	n, p := len(res.Images), res.GridH*res.GridW
	e := &codegraph.Evidence{Omega: 2, Alpha: 9, Ranks: []int{1, 2, n - 1}, Low: []float64{-0.4, 0, 0}, High: []float64{-0.1, 0, 0.3}, Block: 1}
	e.Model = &codegraph.Model{Alpha: evt.Estimate{Alpha: 9}, Fit: evt.BatchFit{Sampled: 3, Rejected: 0.3}, Expected: []float64{-2, 0}, Low: []float64{-4, 0}, High: []float64{-0.5, 0}}
	for i := range n {
		var vectors []codegraph.Vector
		for x := range p {
			v := codegraph.Vector{Patch: x, Distances: []float32{0.5, 0.6, 0.7}, Nearest: []int32{int32((i + 1) % n)}, P: 1, Alpha: 8, Position: 9.5}
			if x == 5 {
				v.Matches = []int32{6}
			}
			if i < 2 && x == 5 {
				v.Burnout, v.Growth, v.Usual, v.P, v.Distances[0] = 1, 3, 1.5, 2e-9, 0.2
			}
			vectors = append(vectors, v)
		}
		e.Vectors = append(e.Vectors, vectors)
	}
	e.Graph = &codegraph.ImageGraph{
		Gamma: 1, Edges: []graph.Edge{{I: 0, J: 1, W: 2}, {I: 1, J: 2, W: 1}},
		Communities: []codegraph.Community{{Images: []int{0, 1}, Density: 2, Limit: 0.5}},
		Links:       []burnout.Link{{From: 0, Patch: 5, Rank: 1, To: 1}, {From: 1, Patch: 5, Rank: 1, To: 0}, {From: 1, Patch: 0, Rank: 1, To: 2}},
	}
	for range res.Families {
		e.Graph.Families = append(e.Graph.Families, codegraph.Community{Density: 2, Limit: 0.5})
	}
	res.Evidence = e
	return res
}

func pageOptions() report.Options {
	o := options()
	o.Page = true
	return o
}

func readPage(t *testing.T, dir string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, report.PageName))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// pageData is the part of the page's data that is looked at here.
type pageData struct {
	Images []struct {
		Name, Full, Small, Large string
	}
	LeftOut []string `json:"left_out"`
	Mapped  int
	Maps    []byte
	Vectors *struct {
		Data, Matches []byte
		Model         *struct {
			Alpha    float64
			Fits     bool
			Expected []float64
		}
	}
	Graph *struct {
		Nodes []int
		Edges []struct{ From, To []int }
	}
}

func readPageData(t *testing.T, dir string) (data pageData) {
	t.Helper()
	readPageInto(t, dir, &data)
	return data
}

func readPageInto(t *testing.T, dir string, data any) {
	t.Helper()
	_, rest, ok := strings.Cut(readPage(t, dir), `<script type="application/json" id="data">`)
	text, _, closed := strings.Cut(rest, "</script>")
	if !ok || !closed {
		t.Fatal("no data in the page")
	}
	if err := json.Unmarshal([]byte(text), data); err != nil {
		t.Fatal(err)
	}
}

func TestPage(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	res := withEvidence(withFamily(fakeResult("a.png", "b.png", "c.png"), 5, 6))
	doc := mustWrite(t, dir, res, pageOptions())
	if got := tree(t, dir); !slices.Equal(got, doc.Files) || !slices.Contains(got, report.PageName) {
		t.Errorf("in the folder: %v\nlisted: %v", got, doc.Files)
	}
	data := readPageData(t, dir)
	if len(data.Images) != 3 || data.Mapped != 3 || len(data.Maps) != 36 || len(data.LeftOut) != 0 {
		t.Errorf("data %+v", data)
	}
	// Two bytes each: patch, burnout, growth there and usually, p-value, α of
	// the patch and its place, three distances, one neighbour.
	if len(data.Vectors.Data) != 3*12*22 {
		t.Errorf("%d bytes of vectors", len(data.Vectors.Data))
	}
	for k, want := range []uint16{5, 1, 4500, 1661, 1282, 128, 152} {
		if got := binary.LittleEndian.Uint16(data.Vectors.Data[5*22+2*k:]); got != want {
			t.Errorf("number %d of patch 5 is %d, want %d", k, got, want)
		}
	}
	if m := data.Vectors.Model; m == nil || m.Fits || m.Alpha != 9 || len(m.Expected) != 2 {
		t.Errorf("model %+v", m)
	}
	if want := []byte{0, 0, 5, 0, 6, 0, 1, 0, 5, 0, 6, 0, 2, 0, 5, 0, 6, 0}; !bytes.Equal(data.Vectors.Matches, want) {
		t.Errorf("matches % x, want % x", data.Vectors.Matches, want)
	}
	if e := data.Graph.Edges; len(e) != 2 || !slices.Equal(e[0].From, []int{5}) || !slices.Equal(e[0].To, []int{5}) {
		t.Errorf("edges %+v", e)
	}
	if len(readPage(t, dir)) > 1<<20 {
		t.Error("the page of three small images is large")
	}
}

// TestPageSelfContained: nothing is fetched from elsewhere, and no name can
// leave its place.
func TestPageSelfContained(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	res := withFamily(fakeResult(hostile, "b.png", "c.png"), 5)
	res.Images[0].Item.Path = "javascript:alert(1)//" + hostile
	res.Notes = []string{hostile}
	mustWrite(t, dir, res, pageOptions())
	page := readPage(t, dir)
	if strings.Contains(page, "<img") || strings.Count(page, "</script>") != 2 {
		t.Error("a name ends the element that holds it")
	}
	for _, attribute := range regexp.MustCompile(`(?i)(src|href|action|url\()\s*=?\s*["'(]?\s*(https?:)?//`).FindAllString(page, -1) {
		t.Errorf("the page refers to another machine: %s", attribute)
	}
	// Beside licences, in comments, there is the name of the SVG name space.
	code := regexp.MustCompile(`(?s)/\*.*?\*/`).ReplaceAllString(page, "")
	for _, u := range regexp.MustCompile(`https?://[^\s"'<>\\)]+`).FindAllString(code, -1) {
		if !strings.HasPrefix(u, "http://www.w3.org/2000/svg") {
			t.Errorf("address %s", u)
		}
	}
	data := readPageData(t, dir)
	if data.Images[0].Name != hostile {
		t.Errorf("name %q", data.Images[0].Name)
	}
	if full := data.Images[0].Full; !strings.HasPrefix(full, "../") && !strings.HasPrefix(full, "./") {
		t.Errorf("link %q is not relative", full)
	}
}

// TestPageDeterministic: the same bytes, at any number of threads.
func TestPageDeterministic(t *testing.T) {
	t.Parallel()
	var pages []string
	for _, threads := range []int{1, 4} {
		dir := filepath.Join(t.TempDir(), "out")
		res := withEvidence(withFamily(fakeResult("a.png", "b.png", "c.png", "d.png"), 5, 6))
		res.Options.Threads = threads
		mustWrite(t, dir, res, pageOptions())
		pages = append(pages, readPage(t, dir))
	}
	if pages[0] != pages[1] {
		t.Error("pages differ")
	}
}

// largeResult is a batch of n images of noise, which compresses badly.
func largeResult(n, side, grid int) *codegraph.Result {
	res := fakeResult()
	res.GridH, res.GridW = grid, grid
	rng := rand.New(rand.NewPCG(1, 1))
	shared := image.NewGray(image.Rect(0, 0, side, side))
	for k := range shared.Pix {
		shared.Pix[k] = byte(rng.Uint32())
	}
	scores := make([]float32, grid*grid)
	for p := range scores {
		scores[p] = rng.Float32()
	}
	for i := range n {
		res.Images = append(res.Images, codegraph.Image{
			Item: imageset.Item{Name: fmt.Sprintf("part/%04d.png", i), Pixels: shared}, Width: side, Height: side,
			Rank: i + 1, Map: scores, MuScMap: scores, Family: -1,
		})
	}
	return res
}

// TestPageBounded: what does not fit lies beside the page or is left out.
func TestPageBounded(t *testing.T) {
	t.Parallel()
	res := largeResult(32, 720, 270)
	e := &codegraph.Evidence{Omega: 2, Alpha: 9, Ranks: []int{1, 2}, Low: make([]float64, 2), High: make([]float64, 2), Block: 1}
	for range res.Images {
		e.Vectors = append(e.Vectors, []codegraph.Vector{{Distances: []float32{1, 2}, Nearest: []int32{1}}})
	}
	res.Evidence = e
	dir := t.TempDir()
	doc := mustWrite(t, dir, res, pageOptions())
	if size := len(readPage(t, dir)); size > 30e6 {
		t.Errorf("the page has %d bytes", size)
	}
	data := readPageData(t, dir)
	if data.Mapped != 28 || data.Vectors != nil || len(data.LeftOut) != 3 {
		t.Errorf("%d maps, left out: %q", data.Mapped, data.LeftOut)
	}
	if got := tree(t, dir); !slices.Equal(got, doc.Files) {
		t.Errorf("in the folder: %v\nlisted: %v", got, doc.Files)
	}
	for _, im := range data.Images {
		for _, file := range []string{im.Small, im.Large} {
			if _, err := os.Stat(filepath.Join(dir, file)); err != nil {
				t.Fatalf("no file %.60q", file)
			}
		}
	}
	// A smaller batch takes what is stale away.
	mustWrite(t, dir, fakeResult("a.png"), pageOptions())
	if slices.ContainsFunc(tree(t, dir), func(f string) bool { return strings.HasPrefix(f, "thumbnails/") }) {
		t.Error("images of an earlier page are left")
	}
}

func TestPageWithoutImages(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	res := fakeResult("gone.png", "b.png")
	res.Images[0].Item.Pixels = nil
	res.Images[1].Width, res.Images[1].Height = 1, 3000
	img := image.NewNRGBA(image.Rect(0, 0, 1, 3000))
	img.Set(0, 0, color.NRGBA{R: 9, A: 3})
	res.Images[1].Item.Pixels = img
	mustWrite(t, dir, res, pageOptions())
	data := readPageData(t, dir)
	if data.Images[0].Small != "" || !strings.HasPrefix(data.Images[1].Small, "data:image/jpeg;base64,") {
		t.Errorf("images %.100v", data.Images)
	}
	if len(data.LeftOut) != 1 || data.Vectors != nil || data.Graph != nil {
		t.Errorf("left out %q", data.LeftOut)
	}
}

// TestPageOddDistances: zeros, and distances that are all alike.
func TestPageOddDistances(t *testing.T) {
	t.Parallel()
	for _, d := range []float32{0, 1} {
		res := withEvidence(fakeResult("a.png", "b.png", "c.png"))
		for i := range res.Evidence.Vectors {
			for x := range res.Evidence.Vectors[i] {
				res.Evidence.Vectors[i][x].Distances = []float32{0, d, d}
			}
		}
		dir := t.TempDir()
		mustWrite(t, dir, res, pageOptions())
		if data := readPageData(t, dir); (data.Vectors == nil) != (d == 0) {
			t.Errorf("distance %v: vectors %v", d, data.Vectors)
		}
	}
	res := withEvidence(fakeResult("a.png", "b.png", "c.png"))
	res.Evidence.Alpha = math.Inf(1)
	dir := t.TempDir()
	mustWrite(t, dir, res, pageOptions())
	if data := readPageData(t, dir); data.Vectors != nil {
		t.Error("an infinite tail index is shown")
	}
}
