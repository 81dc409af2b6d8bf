package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// fakeRender writes grey squares: good images dark, rare defects bright,
// recurring ones brighter than some good ones and darker than others.
func fakeRender(ctx context.Context, spec batchSpec, dir string) ([]sample, error) {
	var out []sample
	add := func(kind string, n int, grey func(i int) byte) error {
		for i := range n {
			if ctx.Err() != nil {
				return ctx.Err()
			}
			s := sample{Name: fmt.Sprintf("test/%s/%03d.png", kind, i), Recurring: kind == "recurring"}
			if err := square(filepath.Join(dir, filepath.FromSlash(s.Name)), grey(i)); err != nil {
				return err
			}
			if kind != "good" {
				s.Mask = fmt.Sprintf("ground_truth/%s/%03d_mask.png", kind, i)
				if err := square(filepath.Join(dir, filepath.FromSlash(s.Mask)), 255); err != nil {
					return err
				}
			}
			out = append(out, s)
		}
		return nil
	}
	return out, errors.Join(
		add("good", spec.Good, func(i int) byte { return byte(20 * (i + 1)) }),
		add("rare", spec.Rare, func(int) byte { return 250 }),
		add("recurring", spec.Recurring, func(int) byte { return 30 }),
	)
}

func square(path string, grey byte) error {
	img := image.NewGray(image.Rect(0, 0, 16, 16))
	for i := range img.Pix {
		img.Pix[i] = grey
	}
	var b bytes.Buffer
	if err := png.Encode(&b, img); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
		return err
	}
	return os.WriteFile(path, b.Bytes(), 0o666)
}

func execSynth(ctx context.Context, fake *fakeDetect, args ...string) outcome {
	e := builtin
	e.detect, e.render = fake.detect, fakeRender
	var stdout, stderr bytes.Buffer
	code := run(ctx, args, &stdout, &stderr, e)
	return outcome{code, stdout.String(), stderr.String()}
}

func TestSynth(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "batch")
	args := []string{"synth", "--good", "2", "--rare", "1", "--recurring", "1", "--out", out}
	o := execSynth(t.Context(), &fakeDetect{}, args...)
	o.want(t, 0)
	if want := fmt.Sprintf("4 images in %s\n", out); o.stdout != want {
		t.Errorf("stdout %q, want %q", o.stdout, want)
	}
	before := tree(t, out)
	execSynth(t.Context(), &fakeDetect{}, args...).want(t, 1, "not empty", "--out")
	if got := tree(t, out); !slices.Equal(got, before) || len(got) != 6 {
		t.Errorf("in the folder: %v, before %v", got, before)
	}
}

func TestSynthUsage(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, args := range [][]string{
		{"--kind", "spoon"}, {"--good", "-1"}, {"--variant-share", "1.5"}, {"--variant-share", "NaN"},
		{"--size", "1"}, {"--out", ""}, {"--good", "0", "--rare", "0", "--recurring", "0"}, {"extra"},
	} {
		execSynth(t.Context(), &fakeDetect{}, append([]string{"synth"}, args...)...).want(t, 2)
	}
	execSynth(t.Context(), &fakeDetect{}, "demo", "--good", "0").want(t, 2, "good and defective")
	if got := tree(t, "."); len(got) != 0 {
		t.Errorf("left %v", got)
	}
}

func TestDemo(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "demo")
	for _, good := range []string{"3", "4"} {
		o := execSynth(t.Context(), &fakeDetect{}, "demo", "--good", good, "--rare", "1", "--recurring", "2", "--out", out)
		o.want(t, 0)
		doc := readResults(t, out)
		if got := tree(t, out); !slices.Equal(got, doc.Files) || !slices.Contains(got, "input/ground_truth/rare/000_mask.png") {
			t.Errorf("in the folder: %v\nlisted: %v", got, doc.Files)
		}
		for _, im := range doc.Images {
			if _, err := os.Stat(im.Path); err != nil || im.Overlay == nil {
				t.Errorf("%v, overlay %v", err, im.Overlay)
			}
		}
		if good != "3" {
			continue
		}
		// Good 20, 40, 60; rare 250; recurring 30, 30: of 9 pairs 3 + 1 + 1
		// are in order, of the 6 without the rare defect 2.
		for _, want := range []string{"image AUROC  55.6", "image AUROC, recurring defect  33.3", "pixel AP  ", "pixel AP, recurring defect  ", "of 3 good parts pass.", "Of the 2 with the recurring defect", "score 0 with MuSc"} {
			if !strings.Contains(o.stdout, want) {
				t.Errorf("%q is missing from\n%s", want, o.stdout)
			}
		}
	}
}

func TestDemoInterrupt(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "a", "demo")
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	fake := &fakeDetect{hook: func(done int) { cancel() }}
	execSynth(ctx, fake, "demo", "--good", "3", "--out", out).want(t, 130, "interrupted")
	if _, err := os.Stat(filepath.Dir(out)); err == nil {
		t.Errorf("left %v", tree(t, filepath.Dir(out)))
	}
}

// TestScanItsOwnInput: a scan never removes the images that it reads.
func TestScanItsOwnInput(t *testing.T) {
	t.Parallel()
	out := filepath.Join(t.TempDir(), "dm")
	execSynth(t.Context(), &fakeDetect{}, "demo", "--good", "3", "--rare", "1", "--recurring", "2", "--out", out).want(t, 0)
	count := func() (n int) {
		filepath.WalkDir(filepath.Join(out, "input"), func(_ string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				n++
			}
			return err
		})
		return n
	}
	before := count()
	exec(t.Context(), &fakeDetect{}, "scan", "--out", out, filepath.Join(out, "input")).want(t, exitFailed, "which is read, lies in it")
	for _, option := range []string{"--zip", "--save-snapshot"} {
		photo := filepath.Join(out, "input", "test", "good", "000.png")
		args := []string{"scan", "--out", filepath.Join(t.TempDir(), "out"), option, photo, filepath.Join(out, "input")}
		exec(t.Context(), &fakeDetect{}, args...).want(t, exitFailed, "is read, and would be replaced")
	}
	if after := count(); before == 0 || after != before {
		t.Errorf("%d images before, %d after", before, after)
	}
}
