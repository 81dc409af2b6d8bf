package codegraph_test

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/color"
	"image/png"
	"math"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"codegraph"
	"codegraph/backbone"
	"codegraph/imageset"
)

// memoryCase is a run whose memory is measured, and what it took.
type memoryCase struct {
	N, Base int
	Side    int // of images in files of 16 bits, in pixels; 0: small ones in memory
	Memory  int64
	Planned int64
	Used    int64 // bytes beside mapped files, the most at any time
	Plan    codegraph.MemoryPlan
	Scores  []float64
}

// memoryChild makes a process of this test run one case.
const memoryChild = "CODEGRAPH_TEST_MEMORY"

// slack is what the runtime takes whatever the size of a batch.
const slack = 2 << 20

// TestMemoryPlan: a run takes no more than a tenth beyond its plan, and scores
// the same however little it may take.
func TestMemoryPlan(t *testing.T) {
	if c := os.Getenv(memoryChild); c != "" {
		measureMemory(t, c)
		return
	}
	if runtime.GOOS != "linux" {
		t.Skip("only Linux tells what a process uses beside mapped files")
	}
	for _, run := range []struct {
		n, base int
		limits  []int64 // MiB
	}{
		{n: 256, limits: []int64{0, 24}}, // a table more, 16 MiB, exceeds a tenth and the slack
		{n: 192, base: 128, limits: []int64{0, 18}},
	} {
		var free memoryCase
		base := run.base
		for _, limit := range run.limits {
			c := runMemory(t, memoryCase{N: run.n, Base: base, Memory: limit << 20})
			t.Logf("base %d within %d MiB: %.1f MiB in use, %.1f planned, of which the tables are %.1f (on disk: %v)", base, limit, mib(c.Used), mib(c.Planned), mib(c.Plan.Table), c.Plan.Spilled)
			if c.Used > c.Planned+c.Planned/10+slack {
				t.Errorf("base %d within %d MiB: %d bytes in use, %d planned", base, limit, c.Used, c.Planned)
			}
			if limit > 0 && c.Planned > c.Memory {
				t.Errorf("base %d within %d MiB: %d bytes planned", base, limit, c.Planned)
			}
			if limit == 0 {
				free = c
			}
			if !slices.Equal(c.Scores, free.Scores) {
				t.Errorf("base %d within %d MiB: other scores than without a bound", base, limit)
			}
		}
	}
}

func mib(bytes int64) float64 { return float64(bytes) / (1 << 20) }

// TestMemoryOfDecoding: photographs of which each takes most of the memory that
// there may be are decoded one after the other, within a tenth of the bound.
func TestMemoryOfDecoding(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getenv(memoryChild) != "" {
		t.Skip("for Linux, and for the process that starts others")
	}
	const limit = 96 << 20 // five eighths are for one image of 43 MiB, not for two
	c := runMemory(t, memoryCase{N: 3, Side: 1800, Memory: limit})
	if c.Used > limit+limit/10 || len(c.Scores) != c.N {
		t.Errorf("%d of %d images are scored with %d bytes, and %d are the bound", len(c.Scores), c.N, c.Used, limit)
	}
	t.Logf("%d MiB of %d", c.Used>>20, limit>>20)
}

// photographs writes n images of 16 bits a channel to files.
func photographs(t *testing.T, n, side int) (set imageset.Set) {
	dir := t.TempDir()
	for i := range n {
		img := image.NewNRGBA64(image.Rect(0, 0, side, side))
		for k := range img.Pix {
			img.Pix[k] = uint8(k/side*i) | 0x80
		}
		path := filepath.Join(dir, fmt.Sprintf("%d.png", i))
		f, err := os.Create(path)
		if err != nil {
			t.Fatal(err)
		}
		enc := png.Encoder{CompressionLevel: png.BestSpeed}
		if err := errors.Join(enc.Encode(f, img), f.Close()); err != nil {
			t.Fatal(err)
		}
		set = append(set, imageset.Item{Name: filepath.Base(path), Path: path})
	}
	debug.FreeOSMemory()
	return set
}

// runMemory runs a case in a process of its own.
func runMemory(t *testing.T, c memoryCase) memoryCase {
	t.Helper()
	spec, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "-test.run=^TestMemoryPlan$")
	cmd.Env = append(os.Environ(), memoryChild+"="+string(spec))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	line, _, _ := strings.Cut(string(out), "\n")
	if err := json.Unmarshal([]byte(line), &c); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return c
}

func measureMemory(t *testing.T, spec string) {
	var c memoryCase
	if err := json.Unmarshal([]byte(spec), &c); err != nil {
		t.Fatal(err)
	}
	var set imageset.Set
	if c.Side > 0 {
		set = photographs(t, c.N, c.Side)
	}
	if c.Memory > 0 {
		debug.SetMemoryLimit(c.Memory) // as the program does: images are read before there is a plan
	}
	for i := range c.N - len(set) {
		img := image.NewNRGBA(image.Rect(0, 0, noiseSide, noiseSide))
		for k := range noiseSide * noiseSide {
			img.SetNRGBA(k%noiseSide, k/noiseSide, color.NRGBA{uint8(i), 0, 0, 255})
		}
		set = append(set, imageset.Item{Name: fmt.Sprintf("%03d", i), Pixels: img})
	}
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		for {
			c.Used = max(c.Used, privateBytes(t))
			select {
			case <-quit:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	r, err := codegraph.Detect(context.Background(), set, codegraph.Options{Backbone: noise{}, Align: codegraph.AlignOff, Base: c.Base, MaxMemory: c.Memory, Threads: 2, SpillDir: t.TempDir(),
		Planned: func(heap int64) { debug.SetMemoryLimit(heap) }, // as a program may
	})
	if err != nil {
		t.Fatal(err)
	}
	close(quit)
	<-done
	c.Plan, c.Planned = r.Plan, r.Plan.Heap()
	for _, im := range r.Images {
		c.Scores = append(c.Scores, im.Score)
	}
	if err := json.NewEncoder(os.Stdout).Encode(c); err != nil {
		t.Fatal(err)
	}
}

// privateBytes is what the process uses beside mapped files.
func privateBytes(t *testing.T) int64 {
	f, err := os.Open("/proc/self/status")
	if err != nil {
		t.Error(err)
		return 0
	}
	defer f.Close()
	for s := bufio.NewScanner(f); s.Scan(); {
		if rest, ok := strings.CutPrefix(s.Text(), "RssAnon:"); ok {
			kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				t.Error(err)
			}
			return kib << 10
		}
	}
	t.Error("the kernel does not tell what the process uses beside mapped files")
	return 0
}

// noise is a network that makes tokens from the colour of an image: what all
// images show at a place, and noise of their own. Tokens and images are small: the
// tables are most of what a run takes, and nothing is left to a collector that waits
// for a processor while images are viewed, before there is a plan.
type noise struct{}

// noiseSide is the side of its images, in pixels.
const noiseSide = 8

func (noise) Info() backbone.Info {
	return backbone.Info{Name: "noise", Multiple: noiseSide, Size: noiseSide, Fixed: true, Radii: []int{1}, Layers: []string{"tokens"}, Std: [3]float32{1. / 255, 1. / 255, 1. / 255}}
}

func (noise) Forward(_ context.Context, x []float32, _, _ int) (*backbone.Features, error) {
	common, own := rand.New(rand.NewPCG(1, 0)), rand.New(rand.NewPCG(uint64(math.Round(float64(x[0]))), 1))
	m := backbone.Map{H: 8, W: 8, C: 16, Data: make([]float32, 8*8*16)}
	for k := range m.Data {
		m.Data[k] = float32(common.NormFloat64() + own.NormFloat64()/2)
	}
	return &backbone.Features{Layers: []backbone.Map{m}}, nil
}
