package report_test

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"codegraph"
	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/outdir"
	"codegraph/internal/verdict"
	"codegraph/report"
)

// fakeResult is a result over in-memory images on a 3 × 4 grid; patch p of
// image i scores (i+1)·p/100.
func fakeResult(names ...string) *codegraph.Result {
	opts, err := option.Complete(codegraph.Options{Size: 64, Threads: 2, Seed: math.MaxUint64})
	if err != nil {
		panic(err)
	}
	res := &codegraph.Result{
		Method:   codegraph.MethodCoDeGraph,
		Backbone: backbone.Info{Name: "fake", Digest: "00ff", Layers: []string{"a"}},
		Options:  opts,
		Size:     64, GridH: 3, GridW: 4,
		Variants: []codegraph.Variant{{Layer: "a", Radius: 3}},
		Skipped:  []imageset.Problem{{Name: "bad.png", Err: errors.New("not an image")}},
		Timing:   []codegraph.PhaseTime{{Phase: codegraph.PhaseEmbed, Duration: time.Second}},
	}
	for i, name := range names {
		w, h := 40+10*i, 30
		img := image.NewNRGBA(image.Rect(5, 5, 5+w, 5+h))
		for k := range img.Pix {
			img.Pix[k] = 0x80
		}
		m := make([]float32, 12)
		for p := range m {
			m[p] = float32(i+1) * float32(p) / 100
		}
		res.Images = append(res.Images, codegraph.Image{
			Item:  imageset.Item{Name: name, Pixels: img},
			Width: w, Height: h, Score: float64(m[11]), MuScScore: float64(m[11]) / 2,
			Rank: len(names) - i, Map: m, MuScMap: slices.Clone(m), Family: -1,
		})
	}
	return res
}

// withFamily makes the first two images a family with the patches given.
func withFamily(res *codegraph.Result, patches ...int) *codegraph.Result {
	f := codegraph.Family{ID: "F1", Status: codegraph.StatusDefect, Density: 9.5, Removed: 4, Area: 0.1, Gain: 0.7}
	for i := range 2 {
		f.Members = append(f.Members, codegraph.Member{Image: i, Patches: patches, Representative: patches[0]})
		res.Images[i].Family = 0
	}
	res.Families = append(res.Families, f)
	return res
}

func loadPixels(_ context.Context, item imageset.Item) (image.Image, error) {
	if item.Pixels == nil {
		return nil, errors.New("gone")
	}
	return item.Pixels, nil
}

func options() report.Options {
	return report.Options{Version: "test", Load: loadPixels}
}

func mustWrite(t *testing.T, dir string, res *codegraph.Result, opts report.Options) *report.Document {
	t.Helper()
	doc, err := report.Write(t.Context(), dir, res, opts)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// tree lists all files below dir with slashes, sorted.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	files := []string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, p)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(content), 0o666); err != nil {
		t.Fatal(err)
	}
}

func readPNG(t *testing.T, path string) image.Image {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	img, err := png.Decode(bytes.NewReader(b))
	if err != nil {
		t.Fatal(err)
	}
	return img
}

func TestWriteMatchesSchema(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mustWrite(t, dir, withFamily(fakeResult("a.png", "b/ü 1.png", "c.png"), 5, 6), options())
	raw, err := os.ReadFile("../docs/results.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	schema, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	closeObjects(schema)
	c := jsonschema.NewCompiler()
	if err := c.AddResource("results.schema.json", schema); err != nil {
		t.Fatal(err)
	}
	sch, err := c.Compile("results.schema.json")
	if err != nil {
		t.Fatal(err)
	}
	f, err := os.Open(filepath.Join(dir, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	doc, err := jsonschema.UnmarshalJSON(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := sch.Validate(doc); err != nil {
		t.Error(err)
	}
	doc.(map[string]any)["surprise"] = 1
	if sch.Validate(doc) == nil {
		t.Error("a key the schema does not know passed")
	}
}

// closeObjects forbids keys the schema does not list: the published schema
// allows them for later versions, the test wants every key described.
func closeObjects(v any) {
	switch v := v.(type) {
	case map[string]any:
		if _, ok := v["properties"]; ok {
			v["additionalProperties"] = false
		}
		for _, x := range v {
			closeObjects(x)
		}
	case []any:
		for _, x := range v {
			closeObjects(x)
		}
	}
}

func TestWriteListsItsFiles(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "new", "out")
	doc := mustWrite(t, dir, withFamily(fakeResult("x/a.png", "x a.png", "c.png"), 5), options())
	if got := tree(t, dir); !slices.Equal(got, doc.Files) {
		t.Errorf("in the folder: %v\nlisted: %v", got, doc.Files)
	}
	for _, want := range []string{"maps/x_a.png", "maps/x_a-2.png", "families/F1.png", "scores.csv"} {
		if !slices.Contains(doc.Files, want) {
			t.Errorf("%s is missing from %v", want, doc.Files)
		}
	}
}

func TestMapsShareOneScale(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	res := fakeResult("a.png", "b.png")
	doc := mustWrite(t, dir, res, options())
	if doc.Scale.Min != 0 || math.Abs(doc.Scale.Max-0.22) > 1e-6 {
		t.Fatalf("scale %+v, want 0 to 0.22", doc.Scale)
	}
	for i, im := range doc.Images {
		m := readPNG(t, filepath.Join(dir, im.Map)).(*image.Gray16)
		if m.Rect.Size() != image.Pt(im.Width, im.Height) {
			t.Errorf("map %d: %v, want the original's size", i, m.Rect)
		}
		// Corner pixels are corner patches: align_corners.
		for patch, at := range map[int]image.Point{
			0: {0, 0}, 3: {im.Width - 1, 0}, 8: {0, im.Height - 1}, 11: {im.Width - 1, im.Height - 1},
		} {
			score := doc.Scale.Min + (doc.Scale.Max-doc.Scale.Min)*float64(m.Gray16At(at.X, at.Y).Y)/65535
			if want := float64(res.Images[i].Map[patch]); math.Abs(score-want) > 1e-5 {
				t.Errorf("map %d at %v: %v, want %v", i, at, score, want)
			}
		}
		if o := readPNG(t, filepath.Join(dir, *im.Overlay)); o.Bounds().Size() != image.Pt(im.Width, im.Height) {
			t.Errorf("overlay %d: %v", i, o.Bounds())
		}
	}
}

func TestOverlayScale(t *testing.T) {
	t.Parallel()
	batch, own := t.TempDir(), t.TempDir()
	res := fakeResult("a.png", "b.png")
	opts := options()
	mustWrite(t, batch, res, opts)
	opts.Scale = report.ScaleImage
	mustWrite(t, own, res, opts)
	at := func(dir string) color.Color { return readPNG(t, filepath.Join(dir, "overlays", "a.png")).At(39, 29) }
	worst := func(dir string) color.Color { return readPNG(t, filepath.Join(dir, "overlays", "b.png")).At(49, 29) }
	if at(batch) == worst(batch) {
		t.Error("batch scale: the worst patch of a good image looks like the batch's worst")
	}
	if at(own) != worst(own) {
		t.Error("image scale: the worst patches of two images differ")
	}
}

func TestGridIsNumPy(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	res := fakeResult("a.png")
	mustWrite(t, dir, res, options())
	b, err := os.ReadFile(filepath.Join(dir, "grids", "a.npy"))
	if err != nil {
		t.Fatal(err)
	}
	n := int(binary.LittleEndian.Uint16(b[8:]))
	if string(b[:8]) != "\x93NUMPY\x01\x00" || (10+n)%64 != 0 || b[9+n] != '\n' {
		t.Fatalf("header %q", b[:10+n])
	}
	if h := string(b[10 : 10+n]); !strings.Contains(h, "'<f4'") || !strings.Contains(h, "(3, 4)") {
		t.Errorf("header %q", h)
	}
	got := make([]float32, 12)
	if err := binary.Read(bytes.NewReader(b[10+n:]), binary.LittleEndian, got); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(got, res.Images[0].Map) {
		t.Errorf("grid %v, want %v", got, res.Images[0].Map)
	}
}

func TestScoresCSV(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	res := fakeResult("a.png", "b, \"quoted\".png", "c.png", "d.png")
	res.Images[2].Item = imageset.Item{Name: "c.png", Path: "=cmd()|x"}
	res.Images[3].Item = imageset.Item{Name: "d.png", Path: "d\xff.png"}
	res.Images[3].Score = res.Images[0].Score // a tie
	mustWrite(t, dir, withFamily(res, 1), options())
	f, err := os.Open(filepath.Join(dir, "scores.csv"))
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	rows, err := csv.NewReader(f).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	var first []string
	for _, r := range rows {
		first = append(first, r[0]+"/"+r[3])
	}
	want := []string{"path/family", "'=cmd()|x/", "b, \"quoted\".png/F1", "a.png/F1", `d\xff.png/`}
	if !slices.Equal(first, want) {
		t.Errorf("rows %q, want %q", first, want)
	}
}

// Two runs differ under "run" only, at any number of threads.
func TestWriteIsDeterministic(t *testing.T) {
	t.Parallel()
	names := []string{"a.png", "b.png", "c.png", "d.png", "e.png"}
	var first map[string][]byte
	for _, threads := range []int{1, 3} {
		dir := t.TempDir()
		res := withFamily(fakeResult(names...), 5, 6)
		res.Options.Threads = threads
		mustWrite(t, dir, res, options())
		files := map[string][]byte{}
		for _, f := range tree(t, dir) {
			b, err := os.ReadFile(filepath.Join(dir, f))
			if err != nil {
				t.Fatal(err)
			}
			if f == "results.json" {
				var m map[string]json.RawMessage
				if err := json.Unmarshal(b, &m); err != nil {
					t.Fatal(err)
				}
				delete(m, "run")
				b, _ = json.Marshal(m)
			}
			files[f] = b
		}
		if first == nil {
			first = files
			continue
		}
		for f := range first {
			if !bytes.Equal(first[f], files[f]) {
				t.Errorf("%s differs between 1 and %d threads", f, threads)
			}
		}
	}
}

func TestFamilyBoxes(t *testing.T) {
	t.Parallel()
	// Grid 3 × 4, image 0 of 40 × 30 pixels: tiles of 10 × 10. Patch 10
	// (row 2, column 2) touches 5 (1, 1) at a corner; 3 (0, 3) is apart.
	doc := mustWrite(t, t.TempDir(), withFamily(fakeResult("a.png", "b.png"), 5, 3, 10), options())
	m := doc.Families[0].Members[0]
	if want := (report.Box{X: 10, Y: 10, Width: 10, Height: 10}); m.Representative != want {
		t.Errorf("representative %+v, want %+v", m.Representative, want)
	}
	if want := (report.Box{X: 10, Y: 10, Width: 20, Height: 20}); m.Box != want {
		t.Errorf("box %+v, want %+v", m.Box, want)
	}
	if f := doc.Images[0].Family; f == nil || *f != "F1" {
		t.Errorf("family of a member: %v", f)
	}
}

func TestVanishedImageKeepsItsMap(t *testing.T) {
	t.Parallel()
	for name, item := range map[string]imageset.Item{
		"gone":    {Name: "b.png", Path: "gone/b.png"},
		"resized": {Name: "b.png", Pixels: image.NewGray(image.Rect(0, 0, 3, 3))},
	} {
		t.Run(name, func(t *testing.T) {
			res := fakeResult("a.png", "b.png")
			res.Images[1].Item = item
			dir := t.TempDir()
			doc := mustWrite(t, dir, withFamily(res, 5), options())
			im := doc.Images[1]
			if im.Overlay != nil || len(im.Warnings) != 1 {
				t.Errorf("overlay %v, warnings %q", im.Overlay, im.Warnings)
			}
			readPNG(t, filepath.Join(dir, im.Map))
		})
	}
}

func TestWriteReplacesEarlierOutput(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "mine.txt"), "keep")
	mustWrite(t, dir, withFamily(fakeResult("a.png", "b.png"), 5), options())
	put(t, filepath.Join(dir, "maps", "mine.png"), "keep")
	doc := mustWrite(t, dir, fakeResult("b.png", "c.png"), options())
	want := append([]string{"maps/mine.png", "mine.txt"}, doc.Files...)
	slices.Sort(want)
	if got := tree(t, dir); !slices.Equal(got, want) {
		t.Errorf("in the folder: %v\nwant: %v", got, want)
	}
	if _, err := os.Stat(filepath.Join(dir, "families")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("the empty families folder is still there")
	}
}

func TestForeignFolderIsRefused(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"results.json", "scores.csv", "maps/x.png", "input/x.png"} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			put(t, filepath.Join(dir, filepath.FromSlash(name)), `{"schema":"other"}`)
			if err := outdir.Check(dir); !errors.Is(err, outdir.ErrForeign) {
				t.Errorf("Check: %v", err)
			}
			if _, err := report.Write(t.Context(), dir, fakeResult("a.png"), options()); !errors.Is(err, outdir.ErrForeign) {
				t.Errorf("Write: %v", err)
			}
			if got := tree(t, dir); !slices.Equal(got, []string{name}) {
				t.Errorf("in the folder: %v", got)
			}
		})
	}
}

func TestForeignFileInOurFolderIsKept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mustWrite(t, dir, fakeResult("a.png"), options())
	put(t, filepath.Join(dir, "maps", "b.png"), "mine")
	before := tree(t, dir)
	if _, err := report.Write(t.Context(), dir, fakeResult("b.png"), options()); !errors.Is(err, outdir.ErrForeign) {
		t.Errorf("Write over an unlisted file: %v", err)
	}
	if got := tree(t, dir); !slices.Equal(got, before) {
		t.Errorf("in the folder: %v, before: %v", got, before)
	}
}

// A results.json is data: a forged one must not make Write remove files that
// are none of an output.
func TestForgedManifest(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dir := filepath.Join(base, "out")
	put(t, filepath.Join(base, "precious.txt"), "keep")
	put(t, filepath.Join(dir, "mine.txt"), "keep")
	put(t, filepath.Join(dir, "results.json"),
		`{"schema":"codegraph.results/1","files":["../precious.txt","mine.txt","maps/../mine.txt","/etc/x","maps/../../precious.txt",""]}`)
	mustWrite(t, dir, fakeResult("a.png"), options())
	for _, f := range []string{filepath.Join(base, "precious.txt"), filepath.Join(dir, "mine.txt")} {
		if _, err := os.Stat(f); err != nil {
			t.Error(err)
		}
	}
}

// A link out of the folder is not followed.
func TestLinkOutOfFolder(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	dir, other := filepath.Join(base, "out"), filepath.Join(base, "other")
	put(t, filepath.Join(other, "a.png"), "keep")
	put(t, filepath.Join(dir, "results.json"), `{"schema":"codegraph.results/1","files":["maps/a.png"]}`)
	if err := os.Symlink(other, filepath.Join(dir, "maps")); err != nil {
		t.Skip(err)
	}
	if _, err := report.Write(t.Context(), dir, fakeResult("b.png"), options()); err == nil {
		t.Error("Write followed a link out of its folder")
	}
	if got := tree(t, other); !slices.Equal(got, []string{"a.png"}) {
		t.Errorf("behind the link: %v", got)
	}
}

// A killed run leaves its hidden folder; after one killed while files were
// moved, results.json is missing too.
func TestKilledRunIsSwept(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	mustWrite(t, dir, fakeResult("a.png"), options())
	if err := os.Rename(filepath.Join(dir, "results.json"), filepath.Join(dir, ".results.json.old")); err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "maps", "b.png"), "moved")
	put(t, filepath.Join(dir, ".codegraph-partial-1", "results.json"), `{"schema":"codegraph.results/1","files":["maps/b.png"]}`)
	if !outdir.IsOutput(dir) {
		t.Error("IsOutput does not know it")
	}
	doc := mustWrite(t, dir, fakeResult("c.png"), options())
	if got := tree(t, dir); !slices.Equal(got, doc.Files) {
		t.Errorf("in the folder: %v\nlisted: %v", got, doc.Files)
	}
}

func TestInputsBecomePartOfTheOutput(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "out")
	for _, name := range []string{"first.png", "second.png"} {
		inputs, remove, err := outdir.TempDir(dir)
		if err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(inputs, "test", name), "image")
		opts := options()
		opts.Inputs = inputs
		doc := mustWrite(t, dir, fakeResult("a.png"), opts)
		remove()
		if got := tree(t, dir); !slices.Equal(got, doc.Files) || !slices.Contains(got, "input/test/"+name) {
			t.Errorf("in the folder: %v\nlisted: %v", got, doc.Files)
		}
	}
	fresh := filepath.Join(t.TempDir(), "a", "b")
	if _, remove, err := outdir.TempDir(fresh); err != nil {
		t.Error(err)
	} else if remove(); len(tree(t, filepath.Dir(filepath.Dir(fresh)))) != 0 {
		t.Error("remove left files")
	}
	if _, err := os.Stat(filepath.Dir(fresh)); err == nil {
		t.Error("remove left a folder")
	}
}

// Whenever a run is cancelled, there is the earlier output, whole, or none.
func TestCancelLeavesNothing(t *testing.T) {
	t.Parallel()
	res := withFamily(fakeResult("a.png", "b.png", "c.png", "d.png"), 5)
	for _, existing := range []bool{false, true} {
		for at := range 5 {
			t.Run(fmt.Sprint(existing, at), func(t *testing.T) {
				dir := filepath.Join(t.TempDir(), "out")
				want := []string{}
				if existing {
					want = mustWrite(t, dir, fakeResult("x.png"), options()).Files
				}
				ctx, cancel := context.WithCancel(t.Context())
				defer cancel()
				opts := options()
				opts.Progress = func(_ codegraph.Phase, done, _ int) {
					if done == at {
						cancel()
					}
				}
				if _, err := report.Write(ctx, dir, res, opts); !errors.Is(err, context.Canceled) {
					t.Fatalf("err = %v", err)
				}
				if !existing {
					if _, err := os.Stat(dir); !errors.Is(err, fs.ErrNotExist) {
						t.Errorf("the folder is there: %v", tree(t, dir))
					}
				} else if got := tree(t, dir); !slices.Equal(got, want) {
					t.Errorf("in the folder: %v, want %v", got, want)
				}
			})
		}
	}
}

func TestCheck(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	put(t, filepath.Join(base, "file"), "")
	put(t, filepath.Join(base, "other", "notes.txt"), "")
	if err := outdir.Check(filepath.Join(base, "a", "b")); err != nil {
		t.Error(err)
	}
	if err := outdir.Check(filepath.Join(base, "other")); err != nil {
		t.Error(err)
	}
	for _, dir := range []string{"file", "file/below"} {
		err := outdir.Check(filepath.Join(base, filepath.FromSlash(dir)))
		if err == nil || !strings.Contains(err.Error(), "file") {
			t.Errorf("%s: %v", dir, err)
		}
	}
	if got := tree(t, base); !slices.Equal(got, []string{"file", "other/notes.txt"}) {
		t.Errorf("Check left %v", got)
	}
	if _, err := os.Stat(filepath.Join(base, "a")); err == nil {
		t.Error("Check left a folder")
	}
}

func TestCheckReadOnly(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o777)
	if os.WriteFile(filepath.Join(dir, "x"), nil, 0o666) == nil {
		t.Skip("this user may write anywhere")
	}
	if err := outdir.Check(dir); !errors.Is(err, fs.ErrPermission) {
		t.Errorf("Check: %v", err)
	}
}

func TestBadResults(t *testing.T) {
	t.Parallel()
	for name, spoil := range map[string]func(*codegraph.Result){
		"score NaN":      func(r *codegraph.Result) { r.Images[0].Score = math.NaN() },
		"map infinite":   func(r *codegraph.Result) { r.Images[0].Map[3] = float32(math.Inf(1)) },
		"map short":      func(r *codegraph.Result) { r.Images[0].Map = r.Images[0].Map[1:] },
		"no grid":        func(r *codegraph.Result) { r.GridH = 0 },
		"no size":        func(r *codegraph.Result) { r.Images[0].Width = 0 },
		"family index":   func(r *codegraph.Result) { r.Images[0].Family = 7 },
		"member index":   func(r *codegraph.Result) { r.Families[0].Members[0].Image = 9 },
		"patch index":    func(r *codegraph.Result) { r.Families[0].Members[0].Patches = []int{12} },
		"representative": func(r *codegraph.Result) { r.Families[0].Members[0].Representative = -1 },
		"gain NaN":       func(r *codegraph.Result) { r.Families[0].Gain = math.NaN() },
	} {
		t.Run(name, func(t *testing.T) {
			res := withFamily(fakeResult("a.png", "b.png"), 5)
			spoil(res)
			dir := t.TempDir()
			if _, err := report.Write(t.Context(), dir, res, options()); err == nil {
				t.Error("no error")
			}
			if got := tree(t, dir); len(got) != 0 {
				t.Errorf("left %v", got)
			}
		})
	}
}

func TestExclude(t *testing.T) {
	t.Parallel()
	base := t.TempDir()
	out := filepath.Join(base, "out")
	put(t, filepath.Join(out, "results.json"), `{"schema":"codegraph.results/1"}`)
	var set imageset.Set
	for _, p := range []string{
		"a.png", "maps/a.png", "out/maps/a.png", "out/overlays/x/a.png", "out/input/good/a.png",
		"out/a.png", "out/.codegraph-partial-9/maps/a.png",
	} {
		set = append(set, imageset.Item{Name: p, Path: filepath.Join(base, filepath.FromSlash(p))})
	}
	set = append(set, imageset.Item{Name: "memory", Pixels: image.NewGray(image.Rect(0, 0, 1, 1))})
	kept, dropped := outdir.Exclude(set)
	var names []string
	for _, item := range kept {
		names = append(names, item.Name)
	}
	want := []string{"a.png", "maps/a.png", "out/input/good/a.png", "out/a.png", "memory"}
	if !slices.Equal(names, want) || dropped != 3 {
		t.Errorf("kept %v, dropped %d, want %v, 3", names, dropped, want)
	}
}

func TestSummary(t *testing.T) {
	t.Parallel()
	names := []string{"a.png", "b\x1b[2J.png", "c.png"}
	for i := range 9 {
		names = append(names, fmt.Sprintf("%d.png", i))
	}
	res := withFamily(fakeResult(names...), 5)
	res.Families[0].Status = codegraph.StatusCandidate
	res.Notes = []string{"few images"}
	doc := mustWrite(t, t.TempDir(), res, options())
	var b strings.Builder
	if err := report.Summary(&b, doc, report.SummaryOptions{Dir: "out", Timing: true}); err != nil {
		t.Fatal(err)
	}
	got := b.String()
	for _, want := range []string{"12 images", "c.png", "F1", "candidate", "few images", "1 input that", "embed", "2 more"} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is missing from\n%s", want, got)
		}
	}
	if strings.ContainsRune(got, '\x1b') {
		t.Error("an escape sequence in a file name reached the terminal")
	}
	if strings.Index(got, "8.png") > strings.Index(got, "7.png") {
		t.Errorf("not sorted by score:\n%s", got)
	}
}

// judgedSummary is the summary of 70 images, the last of which score highest, judged by
// label and told why none passes by note. The first six have a recurring defect.
func judgedSummary(t *testing.T, label func(i int) verdict.Label, note string) string {
	t.Helper()
	var names []string
	for i := range 70 {
		names = append(names, fmt.Sprintf("%02d.png", i))
	}
	res := withFamily(fakeResult(names...), 5)
	res.Families[0].Members = nil
	for i := range 6 {
		res.Families[0].Members = append(res.Families[0].Members, codegraph.Member{Image: i, Patches: []int{5}, Representative: 5})
	}
	for i := range res.Images {
		res.Images[i].Verdict = verdict.Verdict{Label: label(i)}
	}
	res.VerdictNote = note
	doc := mustWrite(t, t.TempDir(), res, options())
	var b strings.Builder
	if err := report.Summary(&b, doc, report.SummaryOptions{Dir: "out"}); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestSummaryLists: all images that fail or are unsure are listed, up to a bound, and
// those that pass are counted.
func TestSummaryLists(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		fail, unsure, listed int // the last images score highest
		rest                 string
	}{
		{0, 0, 0, "All 70 images pass"},
		{15, 0, 15, "The other 55 pass"},
		{3, 9, 12, "The other 58 pass"},
		{0, 70, 50, "… and 20 more that fail or are unsure, and 0 that pass: see scores.csv"},
		{60, 2, 50, "… and 12 more that fail or are unsure, and 8 that pass: see scores.csv"},
	} {
		got := judgedSummary(t, func(i int) verdict.Label {
			switch {
			case i >= 70-tt.fail:
				return verdict.Fail
			case i >= 70-tt.fail-tt.unsure:
				return verdict.Unsure
			}
			return verdict.Pass
		}, "")
		if n := strings.Count(got, ".png"); n != tt.listed+1 || !strings.Contains(got, tt.rest) { // and the sheet of F1
			t.Errorf("%d images are listed, want %d and %q:\n%s", n-1, tt.listed, tt.rest, got)
		}
	}
}

// TestSummaryTellsOneStory: a batch whose scores judge nothing shows first what recurs
// in it, and ends with that and why nothing passes or fails.
func TestSummaryTellsOneStory(t *testing.T) {
	t.Parallel()
	got := judgedSummary(t, func(int) verdict.Label { return verdict.Unsure }, "no image passes or fails: most is defective")
	lines := strings.Split(strings.TrimSpace(got), "\n")
	want := []string{"0 fail, 70 unsure, 0 pass,", "6 images share a recurring defect, F1: look at these first", "No image passes or fails: most is defective"}
	for k, w := range want {
		if last := lines[len(lines)-len(want)+k]; !strings.HasPrefix(last, w) {
			t.Errorf("line %q, want %q", last, w)
		}
	}
	if first, _, _ := strings.Cut(got, "69.png"); strings.Count(first, ".png") != 6 {
		t.Errorf("what recurs is not first:\n%s", got)
	}
}

func ExampleWrite() {
	res := fakeResult("part 1.png", "part 2.png") // from codegraph.Detect
	dir, _ := os.MkdirTemp("", "example")
	defer os.RemoveAll(dir)

	doc, err := report.Write(context.Background(), dir, res, report.Options{Version: "1.0", Load: loadPixels})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, im := range doc.Images {
		fmt.Println(im.Rank, im.Name, im.Map)
	}
	// Output:
	// 2 part 1.png maps/part_1.png
	// 1 part 2.png maps/part_2.png
}
