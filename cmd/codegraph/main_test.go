package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"codegraph"
	"codegraph/backbone"
	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/option/optiontest"
	"codegraph/internal/verdict"
	"codegraph/report"
)

// fakeDetect scores an image by its grey level, on a 2 × 2 grid. It keeps
// the options it was called with.
type fakeDetect struct {
	opts  codegraph.Options
	hook  func(done int) // called after each image
	label verdict.Label  // of each image
	// families are those that are found
	families []codegraph.Family
}

func (f *fakeDetect) detect(ctx context.Context, set imageset.Set, opts codegraph.Options) (*codegraph.Result, error) {
	f.opts = opts
	res := &codegraph.Result{
		Method: opts.Method, Options: opts, Size: 64, GridH: 2, GridW: 2,
		Backbone: backbone.Info{Name: "fake"},
		Timing:   []codegraph.PhaseTime{{Phase: codegraph.PhaseEmbed, Duration: time.Millisecond}},
		Families: f.families,
	}
	load := loadImages(opts.MaxPixels)
	for i, item := range set {
		img, err := load(ctx, item)
		switch {
		case ctx.Err() != nil:
			return nil, fmt.Errorf("embed: %w", ctx.Err())
		case err != nil && opts.Strict:
			return nil, imageset.Problem{Name: item.Name, Err: err}
		case err != nil:
			res.Skipped = append(res.Skipped, imageset.Problem{Name: item.Name, Err: err})
			continue
		}
		b := img.Bounds()
		v := float32(color.GrayModel.Convert(img.At(b.Min.X, b.Min.Y)).(color.Gray).Y) / 255
		m := []float32{v, v / 2, v / 3, v / 4}
		res.Images = append(res.Images, codegraph.Image{
			Item: item, Width: b.Dx(), Height: b.Dy(), Score: float64(v), MuScScore: float64(v),
			Rank: 1, Map: m, MuScMap: m, Family: -1,
			Verdict: verdict.Verdict{Label: f.label, P: 0.25, Q: 0.5},
		})
		opts.Progress(codegraph.PhaseEmbed, i+1, len(set))
		if f.hook != nil {
			f.hook(i + 1)
		}
	}
	return res, nil
}

// outcome is what a command line did.
type outcome struct {
	code           int
	stdout, stderr string
}

// exec runs a command line with a fake detector, in process.
func exec(ctx context.Context, fake *fakeDetect, args ...string) outcome {
	e := builtin
	if fake != nil {
		e.detect = fake.detect
	}
	var stdout, stderr bytes.Buffer
	code := run(ctx, args, &stdout, &stderr, e)
	return outcome{code, stdout.String(), stderr.String()}
}

func (o outcome) want(t *testing.T, code int, stderr ...string) {
	t.Helper()
	if o.code != code {
		t.Errorf("exit code %d, want %d; stderr:\n%s", o.code, code, o.stderr)
	}
	for _, s := range stderr {
		if !strings.Contains(o.stderr, s) {
			t.Errorf("%q is missing from stderr:\n%s", s, o.stderr)
		}
	}
}

// photos makes a folder of grey images of growing brightness.
func photos(t *testing.T, names ...string) string {
	t.Helper()
	dir := t.TempDir()
	for i, name := range names {
		img := image.NewGray(image.Rect(0, 0, 20, 10))
		for k := range img.Pix {
			img.Pix[k] = byte(10 + 20*i)
		}
		var b bytes.Buffer
		if err := png.Encode(&b, img); err != nil {
			t.Fatal(err)
		}
		put(t, filepath.Join(dir, filepath.FromSlash(name)), b.String())
	}
	return dir
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

// tree lists all files below dir with slashes.
func tree(t *testing.T, dir string) []string {
	t.Helper()
	files := []string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(p string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			files = append(files, p)
		}
		return err
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		t.Fatal(err)
	}
	slices.Sort(files)
	return files
}

func readResults(t *testing.T, out string) *report.Document {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(out, "results.json"))
	if err != nil {
		t.Fatal(err)
	}
	return decode(t, b)
}

func decode(t *testing.T, b []byte) *report.Document {
	t.Helper()
	var doc report.Document
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&doc); err != nil {
		t.Fatal(err)
	}
	if doc.Schema != report.Schema {
		t.Errorf("schema %q", doc.Schema)
	}
	return &doc
}

func TestHelp(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{{}, {"help"}, {"--help"}, {"scan", "--help"}} {
		o := exec(t.Context(), &fakeDetect{}, args...)
		o.want(t, 0)
		if !strings.Contains(o.stdout, "130") || o.stderr != "" {
			t.Errorf("%v: stdout %q, stderr %q", args, o.stdout, o.stderr)
		}
	}
}

// TestHelpShape: help of every command fits 80 columns, a heading a screen, and
// the constants of the algorithm are with --help-all only.
func TestHelpShape(t *testing.T) {
	t.Parallel()
	for _, command := range append(commands(newRootCommand(&program{engine: builtin})), "") {
		for _, flag := range []string{"--help", "--help-all"} {
			args := append(strings.Fields(command), flag)
			o := exec(t.Context(), &fakeDetect{}, args...)
			if o.code == exitUsage && flag == "--help-all" {
				continue // a command without constants
			}
			o.want(t, 0)
			for _, line := range strings.Split(o.stdout, "\n") {
				if utf8.RuneCountInString(line) > 80 {
					t.Errorf("%v: over 80 columns: %s", args, line)
				}
			}
			for _, part := range strings.Split(o.stdout, "\n\n") {
				if n := strings.Count(part, "\n"); n > 42 {
					t.Errorf("%v: %d lines under one heading:\n%s", args, n, part)
				}
			}
			for _, opt := range option.All() {
				if there := strings.Contains(o.stdout, "\n      "+opt.Name+"="); opt.Group == option.Algorithm && there != (flag == "--help-all") {
					t.Errorf("%v: %s is there: %v", args, opt.Name, there)
				}
			}
		}
	}
}

// commands are the names of all commands below c.
func commands(c *cobra.Command) (names []string) {
	for _, sub := range c.Commands() {
		names = append(names, strings.TrimPrefix(sub.CommandPath(), "codegraph "))
		names = append(names, commands(sub)...)
	}
	return names
}

// TestOptions: every option of the table is a flag of scan, or is set by --set
// only if it is a constant; and a key of a configuration file.
func TestOptions(t *testing.T) {
	t.Parallel()
	var opts scanOptions
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	opts.addFlags(f)
	for _, opt := range option.All() {
		if flag := f.Lookup(opt.Name); (flag != nil) == (opt.Group == option.Algorithm) {
			t.Errorf("%s: flag %v", opt.Name, flag)
		}
		value := optiontest.Another(opt)
		for _, args := range [][]string{{"--set", opt.Name + "=" + value}, {"--" + opt.Name + "=" + value}} {
			opts, f := scanOptions{}, pflag.NewFlagSet("", pflag.ContinueOnError)
			opts.addFlags(f)
			if err := f.Parse(args); (err != nil) != (opt.Group == option.Algorithm && args[0] != "--set") {
				t.Errorf("%v: %v", args, err)
			}
			if got := opt.Value(&opts.Settings).String(); got != value && (opt.Group != option.Algorithm || args[0] == "--set") {
				t.Errorf("%v: %s", args, got)
			}
		}
		config := filepath.Join(t.TempDir(), "c.toml")
		text := strconv.Quote(value)
		if _, list := opt.Value(&opts.Settings).(option.List); list {
			text = "[" + text + "]"
		}
		put(t, config, opt.Name+" = "+text)
		opts, f := scanOptions{}, pflag.NewFlagSet("", pflag.ContinueOnError)
		opts.addFlags(f)
		if err := applyConfig(config, f, opts.named); err != nil || opt.Value(&opts.Settings).String() != value {
			t.Errorf("configuration %s = %s: %v, %v", opt.Name, value, err, opt.Value(&opts.Settings))
		}
	}
}

// What only the library can check is wrong usage as well.
func TestLibraryRefusesOptions(t *testing.T) {
	t.Parallel()
	var stdout, stderr bytes.Buffer
	out := filepath.Join(t.TempDir(), "out")
	args := []string{"scan", "--size", "33", "--out", out, photos(t, "a.png", "b.png")}
	code := run(t.Context(), args, &stdout, &stderr, builtin)
	outcome{code, stdout.String(), stderr.String()}.want(t, 2, "33")
}

func TestVersion(t *testing.T) {
	t.Parallel()
	o, flag := exec(t.Context(), &fakeDetect{}, "version"), exec(t.Context(), &fakeDetect{}, "--version")
	o.want(t, 0)
	if !strings.HasPrefix(o.stdout, "codegraph ") || flag != o {
		t.Errorf("version prints %q, --version %q", o.stdout, flag.stdout)
	}
}

func TestUsageErrors(t *testing.T) {
	dir := photos(t, "a.png", "b.png")
	for _, tt := range []struct {
		args []string
		want string
	}{
		{[]string{"frobnicate"}, "frobnicate"},
		{[]string{"scna", dir}, "did you mean scan?"},
		{[]string{"model", "chek"}, "did you mean check?"},
		{[]string{"bench", "synht"}, "did you mean synth?"},
		{[]string{"scan"}, "at least one"},
		{[]string{"scan", "--frob", dir}, "--frob"},
		{[]string{"scan", "--treads", "1", dir}, "did you mean --threads?"},
		{[]string{"scan", "--match", "1", dir}, "did you mean --match-radius?"},
		{[]string{"scan", "--neighbours", "0.5", dir}, "--set neighbours=VALUE"},
		{[]string{"scan", "--set", "neighbors=0.5", dir}, "did you mean neighbours?"},
		{[]string{"scan", "--set", "neighbours", dir}, "NAME=VALUE"},
		{[]string{"scan", "--method", "magic", dir}, `--method is "magic": it must be codegraph, published or musc`},
		{[]string{"scan", "--backbone", "vgg", dir}, "efficientnet-lite0"},
		{[]string{"scan", "--scale", "log", dir}, "batch or image"},
		{[]string{"scan", "--size", "-1", dir}, "--size"},
		{[]string{"scan", "--size", "big", dir}, "big"},
		{[]string{"scan", "--radii", "1,2", dir}, "odd"},
		{[]string{"scan", "--max-memory", "lots", dir}, "2GiB"},
		{[]string{"scan", "--confirm", "F1", "--reject", "F1", dir}, "F1"},
		{[]string{"scan", "--fdr", "1", dir}, "--fdr"},
		{[]string{"scan", "--fdr", "NaN", dir}, "--fdr"},
		{[]string{"scan", "--min-area", "-1", dir}, "--min-area"},
		{[]string{"scan", "--set", "neighbours=NaN", dir}, "neighbours is"},
		{[]string{"scan", "--set", "neighbours=1.5", dir}, "from 0 to 1"},
		{[]string{"bench", "--repeats", "x", "--data", dir}, `--repeats is "x": it must be a whole number`},
		{[]string{"scan", "--out", "", dir}, "--out"},
		{[]string{"scan", "--config", "no such.toml", dir}, "no such.toml"},
		{[]string{"version", "extra"}, "extra"},
	} {
		t.Run(strings.Join(tt.args[:min(3, len(tt.args))], " "), func(t *testing.T) {
			t.Chdir(t.TempDir())
			o := exec(t.Context(), &fakeDetect{}, tt.args...)
			o.want(t, 2, "codegraph: ", tt.want)
			if o.stdout != "" || len(tree(t, ".")) != 0 {
				t.Errorf("stdout %q, files %v", o.stdout, tree(t, "."))
			}
		})
	}
}

func TestScan(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a 1.png", "süd/Größe.png", "部品/b.PNG")
	put(t, filepath.Join(dir, "notes.png.txt"), "of the line")
	out := filepath.Join(t.TempDir(), "my out")
	o := exec(t.Context(), &fakeDetect{}, "scan", "--out", out, "--timing", dir)
	o.want(t, 0, "embedding images: 3 images")
	for _, want := range []string{"3 images", "部品/b.PNG", "süd/Größe.png", "embed"} {
		if !strings.Contains(o.stdout, want) {
			t.Errorf("%q is missing from\n%s", want, o.stdout)
		}
	}
	doc := readResults(t, out)
	if got := tree(t, out); !slices.Equal(got, doc.Files) {
		t.Errorf("in the folder: %v\nlisted: %v", got, doc.Files)
	}
}

func TestNoOrOneImage(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name  string
		files []string
		want  string
	}{{"none", nil, "no images"}, {"one", []string{"a.png"}, "one image only"}} {
		t.Run(tt.name, func(t *testing.T) {
			out := filepath.Join(t.TempDir(), "out")
			o := exec(t.Context(), &fakeDetect{}, "scan", "--out", out, photos(t, tt.files...))
			o.want(t, 1, "codegraph: "+tt.want, "hint: ")
			if _, err := os.Stat(out); err == nil {
				t.Error("the output folder was left")
			}
		})
	}
	o := exec(t.Context(), &fakeDetect{}, "scan", "--out", filepath.Join(t.TempDir(), "out"), filepath.Join(t.TempDir(), "nowhere"))
	o.want(t, 1, "nowhere")
	exec(t.Context(), &fakeDetect{}, "scan", "").want(t, 1, "an empty name")
}

// TestTooFew: where nothing can be compared, too, all that was left out is said, and why.
func TestTooFew(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png")
	for name, content := range map[string]string{
		"line.mp4": "\x00\x00\x00\x18ftypmp42xxxx", "page.png": "<html>", "b.heic": "", "list.zip": "PK", "sub/bad.png": "no image",
	} {
		put(t, filepath.Join(dir, name), content)
	}
	at := func(name string) string { return filepath.Join(dir, name) }
	all := []string{"2 files: of kinds that are not read: .heic 1, .mp4 1", "passed over 1 file of kinds that are not pictures: .zip 1", "page.png: not an image that can be read: it is a web page", "bad.png: not an image"}
	for _, tt := range []struct {
		roots []string
		want  []string
	}{
		{[]string{at("line.mp4")}, []string{"no image could be read: line.mp4: not an image that can be read: it is a video, not an image; extract its frames"}},
		{[]string{at("page.png")}, []string{"no image could be read: page.png", "it is a web page"}},
		{[]string{at("a.png"), at("line.mp4")}, []string{`"a.png" is the only image`, "line.mp4: not an image that can be read: it is a video"}},
		{[]string{at("sub"), at("page.png")}, []string{"none of the 2 images can be read", "page.png: not an image that can be read: it is a web page", "bad.png: not an image"}},
		{[]string{dir}, append(all, `"a.png" is the only image`)},
	} {
		args := append([]string{"scan", "--out", filepath.Join(t.TempDir(), "out")}, tt.roots...)
		exec(t.Context(), nil, args...).want(t, 1, tt.want...)
	}
	exec(t.Context(), nil, "scan", "--max-pixels", "100", "--out", filepath.Join(t.TempDir(), "out"), photos(t, "a.png", "b.png")).want(t, 1, "a.png: image too large: 20 × 10 pixels", "raise it (--max-pixels)")
}

// TestNothingDropped: whatever lies beside images is said on the terminal, in the JSON
// and by the exit code, and --strict ends at what may be an image.
func TestNothingDropped(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		content, said string
		code          int
	}{
		"x.heic":     {"", "1 file: of kinds that are not read: .heic 1", exitPartial},
		"x.avif":     {"", ".avif 1", exitPartial},
		"x.mp4":      {"", ".mp4 1", exitPartial},
		"x.tif":      {"", "x.tif: image truncated or damaged: the file is empty", exitPartial},
		"x.jpg":      {"<html>", "x.jpg: not an image that can be read: it is a web page", exitPartial},
		"photo":      {"\xff\xd8\xff\xe0", "whose names do not say that they are pictures", exitPartial},
		"x.png.bak":  {"\x89PNG\r\n\x1a\n", ".bak 1", exitPartial},
		".x.png":     {"", "passed over 1 file with hidden names: .png 1", exitDone},
		"list.csv":   {"a,b", "passed over 1 file of kinds that are not pictures: .csv 1", exitDone},
		"._a.png":    {"", "", exitDone},
		".gitignore": {"", "", exitDone},
	} {
		dir := photos(t, "a.png", "b.png")
		put(t, filepath.Join(dir, name), c.content)
		out := filepath.Join(t.TempDir(), "out")
		o := exec(t.Context(), &fakeDetect{}, "scan", "--out", out, dir)
		o.want(t, c.code, "")
		doc := readResults(t, out)
		said := strings.Join(doc.Notes, "\n")
		for _, s := range doc.Skipped {
			said += "\n" + s.Name + ": " + s.Reason
		}
		if !strings.Contains(o.stdout+o.stderr, c.said) || !strings.Contains(said, c.said) {
			t.Errorf("%s: nothing says %q:\n%s\n%s\n%s", name, c.said, o.stdout, o.stderr, said)
		}
		strict := map[int]int{exitPartial: exitFailed, exitDone: exitDone}[c.code]
		exec(t.Context(), &fakeDetect{}, "scan", "--strict", "--out", filepath.Join(t.TempDir(), "out"), dir).want(t, strict, "")
	}
}

func TestUnreadableImage(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png")
	put(t, filepath.Join(dir, "bad.png"), "no image at all")
	out := filepath.Join(t.TempDir(), "out")
	o := exec(t.Context(), &fakeDetect{}, "scan", "--out", out, dir)
	o.want(t, 3, "not scored: bad.png")
	if doc := readResults(t, out); len(doc.Images) != 2 || len(doc.Skipped) != 1 || doc.Skipped[0].Name != "bad.png" {
		t.Errorf("%d images, skipped %v", len(doc.Images), doc.Skipped)
	}
	strict := filepath.Join(t.TempDir(), "out")
	o = exec(t.Context(), &fakeDetect{}, "scan", "--strict", "--out", strict, dir)
	o.want(t, 1, "codegraph: bad.png")
	if got := tree(t, strict); len(got) != 0 {
		t.Errorf("--strict left %v", got)
	}
}

func TestUnwritableOut(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png")
	file := filepath.Join(t.TempDir(), "file")
	put(t, file, "mine")
	fake := &fakeDetect{hook: func(int) { t.Error("work was done before the folder was checked") }}
	for _, out := range []string{file, filepath.Join(file, "below")} {
		exec(t.Context(), fake, "scan", "--out", out, dir).want(t, 1, "is a file", "--out")
	}
	foreign := filepath.Join(t.TempDir(), "foreign")
	put(t, filepath.Join(foreign, "results.json"), "{}")
	exec(t.Context(), fake, "scan", "--out", foreign, dir).want(t, 1, "results.json", "hint: choose another folder")
}

func TestJSON(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png")
	out := filepath.Join(t.TempDir(), "out")
	o := exec(t.Context(), &fakeDetect{}, "scan", "--json", "--quiet", "--out", out, dir)
	o.want(t, 0)
	printed := decode(t, []byte(o.stdout))
	file, _ := os.ReadFile(filepath.Join(out, "results.json"))
	if o.stdout != string(file) || len(printed.Images) != 2 || o.stderr != "" {
		t.Errorf("stdout is not results.json, or stderr %q is not empty", o.stderr)
	}
}

func TestJSONErrors(t *testing.T) {
	t.Parallel()
	config := filepath.Join(t.TempDir(), "c.toml")
	put(t, config, "json = true\nmethod = \"magic\"\n")
	for _, tt := range []struct {
		args []string
		code int
	}{
		{[]string{"scan", "--json", "--out", filepath.Join(t.TempDir(), "out"), photos(t)}, 1},
		{[]string{"scan", "--json", "--frob"}, 2},
		{[]string{"scan", "--config", config, "x"}, 2},
	} {
		o := exec(t.Context(), &fakeDetect{}, tt.args...)
		o.want(t, tt.code)
		lines := strings.Split(strings.TrimSpace(o.stderr), "\n")
		var got struct {
			Error string
			Code  int
		}
		if err := json.Unmarshal([]byte(lines[len(lines)-1]), &got); err != nil {
			t.Fatalf("%v: %v in %q", tt.args, err, o.stderr)
		}
		if got.Code != tt.code || got.Error == "" || o.stdout != "" {
			t.Errorf("%v: %+v, stdout %q", tt.args, got, o.stdout)
		}
	}
}

func TestQuiet(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png")
	put(t, filepath.Join(dir, "bad.png"), "")
	out := filepath.Join(t.TempDir(), "out")
	o := exec(t.Context(), &fakeDetect{}, "scan", "-q", "--out", out, dir)
	o.want(t, 3)
	if o.stdout != "" || strings.Count(o.stderr, "\n") != 1 || !strings.Contains(o.stderr, "not scored: bad.png") {
		t.Errorf("printed %q and %q", o.stdout, o.stderr)
	}
}

// TestUnknownFamily: a family that is not there is wrong usage, and nothing is
// written.
func TestUnknownFamily(t *testing.T) {
	t.Parallel()
	dir, out := photos(t, "a.png", "b.png"), filepath.Join(t.TempDir(), "out")
	for _, flag := range []string{"--confirm", "--reject"} {
		fake := &fakeDetect{families: []codegraph.Family{{ID: "F1"}, {ID: "F2"}}}
		exec(t.Context(), fake, "scan", "-q", flag, "F9", "--out", out, dir).want(t, 2, "no family F9", "F1, F2")
		exec(t.Context(), &fakeDetect{}, "scan", "-q", flag, "F9", "--out", out, dir).want(t, 2, "no family F9", "has none")
		if got := tree(t, out); len(got) != 0 {
			t.Errorf("left %v", got)
		}
	}
}

// A second run leaves its own maps out of the batch.
func TestOutputInsideInput(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png")
	args := []string{"scan", "--out", filepath.Join(dir, "out"), dir}
	for range 2 {
		exec(t.Context(), &fakeDetect{}, args...).want(t, 0)
		if doc := readResults(t, filepath.Join(dir, "out")); len(doc.Images) != 2 {
			t.Errorf("%d images were scored, want 2", len(doc.Images))
		}
	}
}

// --exit-code tells of failed images, and of them before unreadable ones.
func TestExitCodeOfFailedImages(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png")
	args := []string{"scan", "--out", filepath.Join(t.TempDir(), "out"), dir}
	for _, label := range []verdict.Label{verdict.Pass, verdict.Unsure, verdict.Fail} {
		fake := &fakeDetect{label: label}
		o := exec(t.Context(), fake, args...)
		o.want(t, 0)
		if !strings.Contains(o.stdout, string(label)) {
			t.Errorf("no %q in\n%s", label, o.stdout)
		}
		want := 0
		if label == verdict.Fail {
			want = 4
		}
		exec(t.Context(), fake, append(args, "--exit-code")...).want(t, want)
	}
	put(t, filepath.Join(dir, "bad.png"), "")
	exec(t.Context(), &fakeDetect{label: verdict.Fail}, append(args, "--exit-code")...).want(t, 4)
	exec(t.Context(), &fakeDetect{label: verdict.Pass}, append(args, "--exit-code")...).want(t, 3)
}

func TestFlagsReachTheLibrary(t *testing.T) {
	t.Parallel()
	fake := &fakeDetect{families: []codegraph.Family{{ID: "F1"}, {ID: "F2"}, {ID: "F3"}}}
	exec(t.Context(), fake, "scan", "--out", filepath.Join(t.TempDir(), "o"), "--method", "musc", "--size", "256",
		"--grid", "16", "--radii", "1,5", "--align", "off", "--precision", "exact", "--seed", "7", "--threads", "2", "--strict", "--max-memory", "2GiB",
		"--spill-dir", "s", "--max-pixels", "9999", "--confirm", "F1", "--confirm", "F3", "--reject", "F2", "--fdr", "0.1",
		"--set", "neighbours=0.25", "--backbone", "default", photos(t, "a.png", "b.png")).want(t, 0)
	got := fake.opts
	got.Progress, got.Seen = nil, nil
	want := codegraph.Options{
		Method: codegraph.MethodMuSc, Size: 256, Grid: 16, Radii: []int{1, 5}, Align: codegraph.AlignOff, Precision: codegraph.PrecisionExact, TileMatch: codegraph.TileSame, Seed: 7, Threads: 2, Strict: true,
		MaxMemory: 2 << 30, SpillDir: "s", MaxPixels: 9999, Intensity: "auto", Confirm: []string{"F1", "F3"}, Reject: []string{"F2"}, Rerank: codegraph.RerankNone, RsCINWindows: []int{1, 2, 3}, FDR: 0.1,
		Constants: codegraph.DefaultConstants(), Evidence: report.PagePatches,
	}
	want.Constants.Neighbours = 0.25
	if g, w := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); g != w {
		t.Errorf("options\n%s, want\n%s", g, w)
	}
}

func TestNoReport(t *testing.T) {
	t.Parallel()
	dir, out := photos(t, "a.png", "b.png"), filepath.Join(t.TempDir(), "o")
	page := filepath.Join(out, report.PageName)
	fake := &fakeDetect{}
	o := exec(t.Context(), fake, "scan", "--out", out, dir)
	o.want(t, 0)
	if _, err := os.Stat(page); err != nil || !strings.Contains(o.stdout, page) {
		t.Errorf("%v, or the page is not named in\n%s", err, o.stdout)
	}
	exec(t.Context(), fake, "scan", "--no-report", "--out", out, dir).want(t, 0)
	if _, err := os.Stat(page); err == nil || fake.opts.Evidence != 0 {
		t.Error("--no-report leaves a page, or keeps evidence")
	}
}

// TestNoPrefixes: errors are about what the user named, without the names of
// packages and system calls.
func TestNoPrefixes(t *testing.T) {
	dir, none := photos(t, "a.png", "b.png"), filepath.Join(t.TempDir(), "nowhere")
	t.Chdir(t.TempDir()) // for what has a default folder
	leaks := regexp.MustCompile(`\b(imageset|dataset|codegraph: codegraph|benchmark|strconv\.\w+|synth): |\bl?stat `)
	for _, args := range [][]string{
		{"scan", none}, {"scan", "--align", "off", "--masks", none, dir}, {"scan", "--config", none, dir}, {"scan", "--snapshot", none, dir}, {"scan", "--reference", none, dir},
		{"scan", "--backbone", none + ".safetensors", dir}, {"scan", "--max-memory", "1KiB", dir}, {"scan", "--size", "x", dir}, {"scan", "--set", "beta=x", dir},
		{"bench", "--data", none}, {"bench", "--data", dir, "--repeats", "x"}, {"explain", "a.png", none}, {"sweep", "--set", "beta=x"}, {"synth", "--good", "x"},
	} {
		var stdout, stderr bytes.Buffer
		if run(t.Context(), args, &stdout, &stderr, builtin) == 0 || leaks.MatchString(stderr.String()) {
			t.Errorf("%v: %s", args, &stderr)
		}
	}
}

func TestConfig(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png")
	for _, tt := range []struct {
		name, toml string
		args       []string
		code       int
		stderr     []string
		check      func(codegraph.Options) bool
	}{
		{"sets flags", "size = 320\nradii = [1, 3]\nconfirm = [\"F9\"]\nneighbours = 0.5\nmax-memory = \"1GiB\"\nstrict = true",
			nil, 0, nil, func(o codegraph.Options) bool {
				return o.Size == 320 && slices.Equal(o.Radii, []int{1, 3}) && slices.Equal(o.Confirm, []string{"F9"}) &&
					o.Constants.Neighbours == 0.5 && o.MaxMemory == 1<<30 && o.Strict
			}},
		{"command line wins", "size = 320\nradii = [1, 3]\nseed = 5", []string{"--size", "64", "--radii", "5"}, 0, nil,
			func(o codegraph.Options) bool { return o.Size == 64 && slices.Equal(o.Radii, []int{5}) && o.Seed == 5 }},
		{"empty", "", nil, 0, nil, func(o codegraph.Options) bool { return o.Size == 0 }},
		{"unknown key", "size = 320\n\nsise = 3", nil, 2, []string{"line 3", `"sise"`}, nil},
		{"unknown table", "[scan]\nsize = 3", nil, 2, []string{"line 1", "scan"}, nil},
		{"config in config", "config = \"x\"", nil, 2, []string{"line 1", `"config"`}, nil},
		{"syntax", "size = \n", nil, 2, []string{"line 1"}, nil},
		{"type", "size = \"big\"", nil, 2, []string{`size is "big"`}, nil},
		{"fraction", "size = 1.5", nil, 2, []string{`size is 1.5: it must be a whole number`}, nil},
		{"list for one", "size = [1]", nil, 2, []string{`size must`, "list"}, nil},
		{"one for list", "radii = 3", nil, 2, []string{`radii must`, "list"}, nil},
		{"bad value", "method = \"magic\"", nil, 2, []string{"magic"}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			file := filepath.Join(t.TempDir(), "c.toml")
			put(t, file, tt.toml)
			fake := &fakeDetect{families: []codegraph.Family{{ID: "F9"}}}
			args := append([]string{"scan", "--config", file, "--out", filepath.Join(t.TempDir(), "o")}, tt.args...)
			exec(t.Context(), fake, append(args, dir)...).want(t, tt.code, tt.stderr...)
			if tt.check != nil && !tt.check(fake.opts) {
				t.Errorf("options %+v", fake.opts)
			}
		})
	}
}

func TestInterrupt(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png", "c.png")
	for at := 1; at <= 3; at++ {
		ctx, cancel := context.WithCancel(t.Context())
		fake := &fakeDetect{hook: func(done int) {
			if done == at {
				cancel()
			}
		}}
		out := filepath.Join(t.TempDir(), "out")
		o := exec(ctx, fake, "scan", "--out", out, dir)
		cancel()
		o.want(t, 130, "codegraph: interrupted")
		if _, err := os.Stat(out); err == nil {
			t.Errorf("left %v", tree(t, out))
		}
	}
}

// failingWriter is a pipe whose reader has gone, or a full disk.
type failingWriter struct{}

func (failingWriter) Write([]byte) (int, error) { return 0, errors.New("broken") }

func TestStdoutFails(t *testing.T) {
	t.Parallel()
	dir := photos(t, "a.png", "b.png")
	for _, flag := range []string{"--json", "--timing"} {
		e := builtin
		e.detect = (&fakeDetect{}).detect
		var stderr bytes.Buffer
		code := run(t.Context(), []string{"scan", flag, "--out", filepath.Join(t.TempDir(), "o"), dir}, failingWriter{}, &stderr, e)
		if code != 1 || !strings.Contains(stderr.String(), "broken") {
			t.Errorf("%s: exit code %d, stderr %q", flag, code, &stderr)
		}
	}
}

func TestByteSize(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]int64{
		"0": 0, "1048576": 1 << 20, "2GiB": 2 << 30, "2g": 2 << 30, "1.5 MiB": 3 << 19, "500MB": 500e6, "3b": 3,
	} {
		var b byteSize
		if err := b.Set(in); err != nil || int64(b) != want {
			t.Errorf("%q: %d, %v, want %d", in, b, err, want)
		}
		var again byteSize
		if err := again.Set(b.String()); err != nil || again != b {
			t.Errorf("%q reads back as %d, %v", b.String(), again, err)
		}
	}
	for _, in := range []string{"", "GiB", "-1", "1XB", "1e3", "99999999TiB", "1.2.3"} {
		if err := new(byteSize).Set(in); err == nil {
			t.Errorf("%q passed", in)
		}
	}
}

func TestLines(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	now := time.Unix(0, 0)
	l := &lines{w: &b, now: func() time.Time { return now }}
	for i := range 13 {
		l.update(codegraph.PhaseEmbed, i, 12)
		now = now.Add(time.Second)
	}
	l.update(codegraph.PhaseCompare, 3, 66)
	l.stop()
	want := "embedding images: 5 of 12 images\nembedding images: 10 of 12 images\nembedding images: 12 images in 13.0 s\n" +
		"comparing pairs: stopped after 3 of 66 pairs\n"
	if b.String() != want {
		t.Errorf("printed\n%swant\n%s", b.String(), want)
	}
}
