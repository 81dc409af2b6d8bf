package job

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image/png"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/pipeline"
	"codegraph/internal/stub"
)

// plates writes images to files, of which the fourth is a copy of the third and
// one is not an image.
func plates(t *testing.T, n int) imageset.Set {
	t.Helper()
	dir := t.TempDir()
	var set imageset.Set
	for _, it := range stub.Plates(n, 128, stub.Every(3)) {
		path := filepath.Join(dir, it.Name+".png")
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		if err := errors.Join(png.Encode(f, it.Pixels), f.Close()); err != nil {
			t.Fatal(err)
		}
		set = append(set, imageset.Item{Name: it.Name, Path: path})
	}
	data, err := os.ReadFile(set[2].Path)
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(os.WriteFile(set[3].Path, data, 0o666), os.WriteFile(set[n-1].Path, []byte("no image"), 0o666)); err != nil {
		t.Fatal(err)
	}
	return set
}

// settings take the first family for a defect, or for harmless.
func settings(reject bool) option.Settings {
	s := option.Defaults()
	s.Backbone, s.Align, s.Precision, s.Confirm = stub.Network{}, option.AlignOff, option.PrecisionExact, []string{"F1"}
	if reject {
		s.Confirm, s.Reject = nil, s.Confirm
	}
	return s
}

var own = option.Options{Threads: 2, Evidence: 200}

// openJob opens a job for work.
func openJob(t *testing.T, place string) *Job {
	t.Helper()
	j, err := Open(context.Background(), place)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { j.Close() })
	if err := j.Use(context.Background(), stub.Network{}, "test", own); err != nil {
		t.Fatal(err)
	}
	return j
}

func plan(t *testing.T, set imageset.Set, block int, s option.Settings) (place string) {
	t.Helper()
	p, err := NewPlan(context.Background(), set, s, "test")
	if err != nil {
		t.Fatal(err)
	}
	p.Block, place = block, filepath.Join(t.TempDir(), "job")
	if err := Create(context.Background(), place, p); err != nil {
		t.Fatal(err)
	}
	if err := Create(context.Background(), place, p); !errors.Is(err, ErrBusy) {
		t.Fatalf("a second plan at the same place: %v", err)
	}
	return place
}

// TestJob: the result of a job, each step of which a process of its own does, is
// that of a scan, with and without patches that are taken out.
func TestJob(t *testing.T) {
	t.Parallel()
	ctx, set := context.Background(), plates(t, 22)
	for _, c := range []struct {
		block  int
		reject bool
		roi    string
	}{{1, false, ""}, {7, false, ""}, {22, false, ""}, {7, true, ""}, {7, false, `{"polygons": [[[0.1, 0], [1, 0], [1, 0.8], [0.1, 0.8]]]}`}} {
		s := settings(c.reject)
		if c.roi != "" {
			s.ROI = new(imageset.ROI)
			if err := json.Unmarshal([]byte(c.roi), s.ROI); err != nil {
				t.Fatal(err)
			}
		}
		o := s.Options
		o.Threads, o.Evidence = own.Threads, own.Evidence
		o, err := option.Complete(o)
		if err != nil {
			t.Fatal(err)
		}
		images, o := pipeline.WithRegions(set, o)
		images, o, err = pipeline.WithIntensity(ctx, images, o)
		if err != nil {
			t.Fatal(err)
		}
		want, err := pipeline.Detect(ctx, images, o)
		if err != nil {
			t.Fatal(err)
		}
		if len(want.Families) == 0 || (want.Families[0].Removed == 0) != c.reject || len(want.Skipped) != 1 {
			t.Fatalf("%d families: the test does not reach what it is about", len(want.Families))
		}
		place := plan(t, set, c.block, s)
		for _, s := range []Stage{Embed, Strip, Families, Mask} {
			for k := range openJob(t, place).Steps(s) {
				if did, err := openJob(t, place).Run(ctx, s, k); err != nil || !did {
					t.Fatalf("%s %d: %v, %v", s, k, did, err)
				}
			}
			if did, err := openJob(t, place).Run(ctx, s, 0); err != nil || did {
				t.Fatalf("%s 0 was done again: %v", s, err)
			}
		}
		got, err := openJob(t, place).Finish(ctx)
		if err != nil {
			t.Fatal(err)
		}
		got.Plan, got.Timing, got.Options = want.Plan, want.Timing, want.Options
		for k := range got.Images { // the same region at another address
			got.Images[k].Item.ROI, want.Images[k].Item.ROI = nil, nil
		}
		compare(t, fmt.Sprintf("blocks of %d, region %q", c.block, c.roi), got, want)
	}
}

// compare holds results against each other; what has NaN or errors as text.
func compare(t *testing.T, what string, got, want *pipeline.Result) {
	t.Helper()
	a, b := reflect.ValueOf(*got), reflect.ValueOf(*want)
	for k := range a.NumField() {
		x, y := a.Field(k).Interface(), b.Field(k).Interface()
		name := a.Type().Field(k).Name
		asText := name == "Images" || name == "Skipped"
		if !reflect.DeepEqual(x, y) && (!asText || fmt.Sprint(x) != fmt.Sprint(y)) {
			t.Errorf("%s: another %s: %v, want %v", what, name, x, y)
		}
	}
}

// TestRefusals: a step waits for those it needs, a worker that is not like the
// plan's refuses, and bytes that are not what their marker says are not used.
func TestRefusals(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	place := plan(t, plates(t, 9), 4, settings(false))
	j := openJob(t, place)
	if _, err := j.Run(ctx, Strip, 0); !errors.Is(err, ErrNotDone) {
		t.Errorf("a strip without tokens: %v", err)
	}
	if _, err := j.Run(ctx, Strip, 3); !errors.Is(err, option.Err) {
		t.Errorf("a strip that is not there: %v", err)
	}
	for name, change := range map[string]func(p *Plan){
		"program":   func(p *Plan) { p.Program = "another" },
		"kernel":    func(p *Plan) { p.Kernel = "another" },
		"precision": func(p *Plan) { p.Precision = "fast" },
		"network":   func(p *Plan) { p.Backbone = "another" },
	} {
		other, err := Open(ctx, place)
		if err != nil {
			t.Fatal(err)
		}
		change(&other.Plan)
		err = other.alike(j.Worker)
		if !errors.Is(err, ErrUnlike) || !strings.Contains(err.Error(), name) {
			t.Errorf("another %s: %v", name, err)
		}
		other.Close()
	}
	if err := openJob(t, place).Use(ctx, stub.Network{}, "later", own); !errors.Is(err, ErrUnlike) {
		t.Errorf("another program: %v", err)
	}
	for k := range j.Steps(Embed) {
		if _, err := j.Run(ctx, Embed, k); err != nil {
			t.Fatal(err)
		}
	}
	narrow := openJob(t, place)
	narrow.options.MaxMemory = 1 << 10
	if _, err := narrow.Run(ctx, Strip, 0); err == nil || !strings.Contains(err.Error(), "--block") {
		t.Errorf("a strip in 1 KiB: %v", err)
	}
	data := filepath.Join(place, "embed", "000001.bin")
	whole, err := os.ReadFile(data)
	if err != nil {
		t.Fatal(err)
	}
	whole[9]++
	if err := os.WriteFile(data, whole, 0o666); err != nil {
		t.Fatal(err)
	}
	if _, err := j.Run(ctx, Strip, 0); err == nil || !strings.Contains(err.Error(), "000001.done") {
		t.Errorf("damaged tokens: %v", err)
	}
	all, err := j.Status(ctx)
	if err != nil || all[0].Done != 3 || all[1].Done != 0 || len(all[1].Missing) != 3 || all[0].Bytes == 0 {
		t.Errorf("%+v, %v", all, err)
	}
	if _, err := Open(ctx, t.TempDir()); !errors.Is(err, ErrNoJob) {
		t.Errorf("no job: %v", err)
	}
}

func TestBlock(t *testing.T) {
	t.Parallel()
	for _, c := range [][3]int{{24, 100, 16}, {300, 400, 16}, {2000, 400, 62}, {10000, 400, 33}, {50000, 400, 16}} {
		if got := block(c[0], c[1]); got != c[2] {
			t.Errorf("%d images of %d patches: strips of %d, want %d", c[0], c[1], got, c[2])
		}
	}
}
