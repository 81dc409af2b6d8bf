package codegraph_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"pgregory.net/rapid"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/stub"
	"codegraph/report"
)

// batchCase is a batch and how it is scanned.
type batchCase struct {
	images, references imageset.Set
	broken             map[string]bool // names of what cannot be read
	opts               codegraph.Options
}

// regions of interest, of which the last lies in one corner, outside of most tiles.
var regions = []string{"", "", `{"boxes": [[0, 0, 0.5, 1]]}`, `{"polygons": [[[0.1, 0.1], [0.9, 0.2], [0.5, 0.9]]]}`, `{"boxes": [[0, 0, 0.3, 0.3]]}`}

var leftHalf = func() *imageset.ROI {
	r := new(imageset.ROI)
	if err := r.UnmarshalJSON([]byte(`{"boxes": [[0, 0, 0.5, 1]]}`)); err != nil {
		panic(err)
	}
	return r
}()

// drawCase draws a small batch, of which two images at least can be read, and
// options that go together, for a scan of one of these ways: all, base, tiles.
func drawCase(t *rapid.T, ways ...string) batchCase {
	n := rapid.IntRange(8, 12).Draw(t, "images")
	barred := rapid.SliceOfN(rapid.IntRange(0, 3), n+4, n+4).Draw(t, "barred")
	plates := stub.Plates(n+4, 32, func(i int) bool { return barred[i] == 0 })
	c := batchCase{images: plates[:n:n], broken: make(map[string]bool)}
	c.references = plates[n : n+rapid.IntRange(0, 4).Draw(t, "references")]
	for _, i := range rapid.SliceOfNDistinct(rapid.IntRange(1, n-1), 0, 3, rapid.ID[int]).Draw(t, "duplicates") {
		c.images[i].Pixels = c.images[0].Pixels
	}
	var roi *imageset.ROI
	spoil := func(set imageset.Set, which []int) {
		for _, i := range which {
			set[i] = imageset.Item{Name: set[i].Name, Path: "no such file"}
			c.broken[set[i].Name] = true
		}
	}
	spoil(c.images, rapid.SliceOfNDistinct(rapid.IntRange(0, n-1), 0, n-2, rapid.ID[int]).Draw(t, "unreadable"))
	if len(c.references) > 0 {
		spoil(c.references, rapid.SliceOfNDistinct(rapid.IntRange(0, len(c.references)-1), 0, 1, rapid.ID[int]).Draw(t, "unreadable references"))
	}
	if text := rapid.SampledFrom(regions).Draw(t, "region"); text != "" {
		roi = new(imageset.ROI)
		if err := roi.UnmarshalJSON([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	if i := rapid.IntRange(-n, n-1).Draw(t, "region of its own"); i >= 0 {
		c.images[i].ROI = leftHalf
	}
	ids := rapid.Permutation([]string{"F1", "F2", "F3", "F9"}).Draw(t, "families")
	confirmed := rapid.IntRange(0, 2).Draw(t, "confirmed")
	c.opts = codegraph.Options{
		Backbone: stub.Network{}, References: c.references, Threads: 2, ROI: roi,
		Method:      rapid.SampledFrom([]codegraph.Method{codegraph.MethodCoDeGraph, codegraph.MethodCoDeGraph, codegraph.MethodPublished, codegraph.MethodMuSc}).Draw(t, "method"),
		MatchRadius: rapid.SampledFrom([]int{0, 0, 1, 3}).Draw(t, "match radius"),
		Confirm:     ids[:confirmed], Reject: ids[confirmed : confirmed+rapid.IntRange(0, 2).Draw(t, "rejected")],
	}
	switch o := &c.opts; rapid.SampledFrom(ways).Draw(t, "way") {
	case "base":
		o.Base = rapid.IntRange(2, n+2).Draw(t, "base")
		fallthrough
	case "all":
		o.Align = rapid.SampledFrom([]codegraph.Align{codegraph.AlignOff, codegraph.AlignOff, codegraph.AlignOff, codegraph.AlignOff, codegraph.AlignOn}).Draw(t, "align")
		o.Evidence = rapid.SampledFrom([]int{0, 100, 10000}).Draw(t, "evidence")
		o.KeepIntermediates = rapid.Bool().Draw(t, "intermediates")
	case "tiles":
		o.Tile = rapid.SampledFrom([]int{20, 32}).Draw(t, "tile")
		if o.MatchRadius == 0 {
			o.TileMatch = rapid.SampledFrom([]codegraph.TileMatch{codegraph.TileSame, codegraph.TileAny}).Draw(t, "tile match")
		}
	}
	return c
}

// TestAnyOptions: whatever options are combined, a scan ends with a result that
// is whole: every input is scored or skipped, indices lead somewhere, results.json
// follows its schema, and the number of threads does not show.
func TestAnyOptions(t *testing.T) {
	t.Parallel()
	schema, dir := resultsSchema(t), t.TempDir()
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCase(rt, "all", "base", "tiles")
		r, err := codegraph.Detect(context.Background(), c.images, c.opts)
		if err != nil {
			if c.tooFew(err) {
				rt.Skip(err)
			}
			rt.Fatal(err)
		}
		c.check(rt, r, c.images)
		checkJSON(rt, schema, dir, r)
		c.opts.Threads = 1
		again, err := codegraph.Detect(context.Background(), c.images, c.opts)
		if err != nil {
			rt.Fatal(err)
		}
		equal(rt, "with one thread", r, again)
	})
}

// tooFew says whether err is rightly so: the gallery has one image.
func (c *batchCase) tooFew(err error) bool {
	readable := len(c.images) + len(c.references) - len(c.broken)
	return strings.Contains(err.Error(), "is the only image") && readable < 2
}

// TestBaseOfEverything: a scan whose base is as large as the batch is that of
// the batch.
func TestBaseOfEverything(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		c := drawCase(rt, "all")
		want, err := codegraph.Detect(context.Background(), c.images, c.opts)
		if err != nil {
			rt.Fatal(err)
		}
		c.opts.Base = len(c.images) + len(c.references)
		got, err := codegraph.Detect(context.Background(), c.images, c.opts)
		if err != nil {
			rt.Fatal(err)
		}
		equal(rt, "with all as the base", want, got)
		scanned, s, err := codegraph.Scan(context.Background(), c.images, c.opts)
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		equal(rt, "with a snapshot", want, scanned)
	})
}

// TestSnapshots: images that come later are scored alike by a snapshot and by
// what was saved of it, and can be added.
func TestSnapshots(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "snapshot")
	rapid.Check(t, func(rt *rapid.T) {
		ctx, c := context.Background(), drawCase(rt, "all", "base")
		r, s, err := codegraph.Scan(ctx, c.images, c.opts)
		if err != nil {
			rt.Fatal(err)
		}
		defer s.Close()
		c.check(rt, r, c.images)
		late := stub.Plates(16, 32, stub.Every(2))[12:]
		for i := range late {
			late[i].Name = fmt.Sprintf("late %d", i)
		}
		if rapid.Bool().Draw(rt, "unreadable late") {
			late[1] = imageset.Item{Name: late[1].Name, Path: "no such file"}
			c.broken[late[1].Name] = true
		}
		want, err := s.Score(ctx, late, codegraph.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		c.check(rt, want, late)
		if err := s.Save(path); err != nil {
			rt.Fatal(err)
		}
		loaded, err := codegraph.LoadSnapshot(path, stub.Network{})
		if err != nil {
			rt.Fatal(err)
		}
		got, err := loaded.Score(ctx, late, codegraph.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		equal(rt, "as saved", want, got)
		added, grown, err := loaded.Add(ctx, late, codegraph.Options{})
		if err != nil {
			rt.Fatal(err)
		}
		equal(rt, "as added", want, added)
		if n := len(loaded.Images()) + len(want.Images); len(grown.Images()) != n {
			rt.Errorf("the gallery has %d images, want %d", len(grown.Images()), n)
		}
		if err := errors.Join(grown.Close(), loaded.Close()); err != nil {
			rt.Error(err)
		}
	})
}

// equal compares results but for times, memory and options.
func equal(t *rapid.T, what string, want, got *codegraph.Result) {
	strip := func(r *codegraph.Result) codegraph.Result {
		out := *r
		out.Timing, out.Plan, out.Options, out.Intermediates = nil, codegraph.MemoryPlan{}, codegraph.Options{}, nil
		return out
	}
	a, b := strip(want), strip(got)
	if at := difference("result", reflect.ValueOf(a), reflect.ValueOf(b)); at != "" {
		t.Fatalf("%s: %s", what, at)
	}
}

// difference says where and how two values differ first; NaN is equal to NaN.
func difference(at string, a, b reflect.Value) string {
	switch a.Kind() {
	case reflect.Pointer, reflect.Interface:
		if a.IsNil() != b.IsNil() {
			return at + " is nil once"
		}
		if a.IsNil() {
			return ""
		}
		return difference(at, a.Elem(), b.Elem())
	case reflect.Struct:
		for i := range a.NumField() {
			if d := difference(at+"."+a.Type().Field(i).Name, a.Field(i), b.Field(i)); d != "" {
				return d
			}
		}
		return ""
	case reflect.Slice, reflect.Array:
		if a.Len() != b.Len() {
			return fmt.Sprintf("%s has %d and %d elements", at, a.Len(), b.Len())
		}
		for i := range a.Len() {
			if d := difference("", a.Index(i), b.Index(i)); d != "" {
				return fmt.Sprintf("%s[%d]%s", at, i, d)
			}
		}
		return ""
	}
	if a.CanFloat() {
		if x, y := a.Float(), b.Float(); x != y && !(math.IsNaN(x) && math.IsNaN(y)) {
			return fmt.Sprintf("%s is %v and %v", at, x, y)
		}
		return ""
	}
	if x, y := fmt.Sprint(a), fmt.Sprint(b); x != y {
		return fmt.Sprintf("%s is %s and %s", at, x, y)
	}
	return ""
}

// check checks that r is a whole result of images.
func (c *batchCase) check(t *rapid.T, r *codegraph.Result, images imageset.Set) {
	var scored, skipped []string
	for _, it := range images {
		if c.broken[it.Name] {
			skipped = append(skipped, it.Name)
		} else {
			scored = append(scored, it.Name)
		}
	}
	patches := r.GridH * r.GridW
	ranks := make([]int, len(r.Images)+1)
	for i, im := range r.Images {
		if i >= len(scored) || im.Item.Name != scored[i] {
			t.Fatalf("image %d is %q; those that can be read are %q", i, im.Item.Name, scored)
		}
		if im.Rank < 1 || im.Rank > len(r.Images) {
			t.Fatalf("image %d has rank %d", i, im.Rank)
		}
		ranks[im.Rank]++
		if len(im.Map) != patches || len(im.MuScMap) != patches || !(im.Score >= 0) || math.IsInf(im.Score, 0) || im.Verdict.Label == "" {
			t.Fatalf("image %d: %d patches, score %v, verdict %q", i, len(im.Map), im.Score, im.Verdict.Label)
		}
		if roi := c.region(im.Item); roi != nil && c.opts.Tile == 0 {
			for p, inside := range roi.Inside(r.GridH, r.GridW) {
				if !inside && (im.Map[p] != 0 || im.MuScMap[p] != 0) {
					t.Fatalf("image %d scores %v at patch %d, outside of its region", i, im.Map[p], p)
				}
			}
		}
		if im.Family < -1 || im.Family >= len(r.Families) {
			t.Fatalf("image %d is of family %d of %d", i, im.Family, len(r.Families))
		}
	}
	if len(r.Images) != len(scored) || slices.ContainsFunc(ranks[1:], func(times int) bool { return times != 1 }) {
		t.Fatalf("%d images of %d, times of ranks %v", len(r.Images), len(scored), ranks[1:])
	}
	for _, p := range r.Skipped {
		if skipped = slices.DeleteFunc(skipped, func(name string) bool { return name == p.Name }); p.Err == nil {
			t.Fatalf("%s is skipped for no reason", p.Name)
		}
	}
	if len(skipped) > 0 {
		t.Fatalf("%q are neither scored nor skipped", skipped)
	}
	for k, f := range r.Families {
		last := -1
		for _, m := range f.Members {
			if m.Image <= last || m.Image >= len(r.Images) || r.Images[m.Image].Family < 0 {
				t.Fatalf("family %d has member %d after %d", k, m.Image, last)
			}
			last = m.Image
			if roi := c.region(r.Images[m.Image].Item); roi != nil && c.opts.Tile == 0 {
				inside := roi.Inside(r.GridH, r.GridW)
				for _, p := range append(slices.Clone(m.Patches), m.Representative) {
					if !inside[p] {
						t.Fatalf("family %d has patch %d of image %d, outside of its region", k, p, m.Image)
					}
				}
			}
			if !slices.IsSorted(m.Patches) || slices.ContainsFunc(append(slices.Clone(m.Patches), m.Representative), func(p int) bool { return p < 0 || p >= patches }) {
				t.Fatalf("family %d, member %d: patches %v, %d", k, m.Image, m.Patches, m.Representative)
			}
		}
	}
	c.checkEvidence(t, r, patches)
}

// region is that of an image.
func (c *batchCase) region(it imageset.Item) *imageset.ROI {
	if it.ROI != nil {
		return it.ROI
	}
	return c.opts.ROI
}

func (c *batchCase) checkEvidence(t *rapid.T, r *codegraph.Result, patches int) {
	e := r.Evidence
	if e == nil {
		return
	}
	if len(e.Vectors) != len(r.Images) {
		t.Fatalf("evidence of %d images, want %d", len(e.Vectors), len(r.Images))
	}
	for i, vectors := range e.Vectors {
		for _, v := range vectors {
			if v.Patch < 0 || v.Patch >= patches || v.Matches != nil && len(v.Matches) != len(v.Nearest) {
				t.Fatalf("image %d: evidence %+v", i, v)
			}
			for k, j := range v.Nearest {
				if j < 0 || int(j) >= len(r.Images) || int(j) == i || v.Matches != nil && int(v.Matches[k]) >= patches {
					t.Fatalf("image %d: evidence %+v", i, v)
				}
			}
		}
	}
	if g := e.Graph; g != nil {
		for _, edge := range g.Edges {
			if edge.I < 0 || edge.I >= edge.J || edge.J >= len(r.Images) {
				t.Fatalf("edge %+v", edge)
			}
		}
		if len(g.Families) != len(r.Families) {
			t.Fatalf("the graph has %d families, the result %d", len(g.Families), len(r.Families))
		}
	}
}

func resultsSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("docs", "results.schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("results.schema.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("results.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// checkJSON writes r to dir and compares results.json with its schema.
func checkJSON(t *rapid.T, schema *jsonschema.Schema, dir string, r *codegraph.Result) {
	_, err := report.Write(context.Background(), filepath.Join(dir, "out"), r, report.Options{
		Load: func(_ context.Context, it imageset.Item) (image.Image, error) { return it.Pixels, nil },
	})
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "out", "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := schema.Validate(doc); err != nil {
		t.Fatal(err)
	}
}
