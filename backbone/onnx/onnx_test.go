//go:build !noonnx

package onnx

import (
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"codegraph/backbone"
)

// open opens a network of testdata, or skips the test where there is no
// library.
func open(t testing.TB, path string) *Network {
	t.Helper()
	n, err := Open(path, "", "")
	if errors.Is(err, ErrNoLibrary) {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(n.Close)
	return n
}

// waves is the input of golden.py.
func waves(size int) []float32 {
	x := make([]float32, 3*size*size)
	for i := range x {
		x[i] = float32(math.Sin(float64(i) * 0.37))
	}
	return x
}

type goldenOutput struct {
	Dims []int
	Data []float32
}

func goldens(t *testing.T) (all []struct {
	Network string
	Size    int
	Outputs map[string]goldenOutput
}) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "golden.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(data, &all); err != nil || len(all) == 0 {
		t.Fatalf("%d goldens: %v", len(all), err)
	}
	return all
}

// at is the value of patch (y, x) and channel c in an output of golden.json.
func (o goldenOutput) at(y, x, c, h, w, channels int) float32 {
	switch {
	case len(o.Dims) == 3:
		return o.Data[(o.Dims[1]-h*w+y*w+x)*channels+c]
	case o.Dims[1] == channels && o.Dims[2] == h:
		return o.Data[(c*h+y)*w+x]
	}
	return o.Data[(y*w+x)*channels+c]
}

func TestGolden(t *testing.T) {
	for _, g := range goldens(t) {
		n := open(t, filepath.Join("testdata", g.Network+Ext))
		f, err := n.Forward(context.Background(), waves(g.Size), g.Size, g.Size)
		if err != nil {
			t.Fatal(err)
		}
		for i, m := range f.Layers {
			want := g.Outputs[n.Info().Layers[i]]
			for p, got := range m.Data {
				v := want.at(p/m.C/m.W, p/m.C%m.W, p%m.C, m.H, m.W, m.C)
				if !(math.Abs(float64(got-v)) <= 1e-5) {
					t.Fatalf("%s %s: value %d is %v, want %v", g.Network, n.Info().Layers[i], p, got, v)
				}
			}
		}
		if g.Network == "tokens" {
			if class := unit(g.Outputs["deep"].Data[:6]); len(f.Class) != 6 || math.Abs(float64(f.Class[5]-class[5])) > 1e-5 {
				t.Errorf("class token %v, want %v", f.Class, class)
			}
		} else if f.Class != nil {
			t.Errorf("%s has a class token", g.Network)
		}
	}
}

func TestInfo(t *testing.T) {
	info := open(t, "testdata/tokens.onnx").Info()
	if info.Multiple != 8 || info.Size != probeSize || info.Fixed || info.Grid != 0 || !info.ClassToken || !slices.Equal(info.Layers, []string{"shallow", "deep"}) || info.Name != "tokens" || info.Mean[0] != 0.485 {
		t.Errorf("tokens: %+v", info)
	}
	info = open(t, "testdata/maps.onnx").Info()
	if info.Multiple != 8 || info.Size != 32 || !info.Fixed || info.Grid != mapGrid || info.ClassToken || !slices.Equal(info.Layers, []string{"fine", "last"}) {
		t.Errorf("maps: %+v", info)
	}
}

// beside copies a network and writes settings beside it.
func beside(t *testing.T, network, settings string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", network+Ext))
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "net.onnx")
	for name, b := range map[string][]byte{path: data, sideFile(path): []byte(settings)} {
		if err := os.WriteFile(name, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return path
}

func TestSideFile(t *testing.T) {
	plain := open(t, "testdata/tokens.onnx").Info()
	info := open(t, beside(t, "tokens", `{"mean":[0,0,0],"std":[1,1,1],"size":64,"outputs":["deep"],"class":"pooled","radii":[1],"grid":4}`)).Info()
	if info.Size != 64 || info.Mean[0] != 0 || info.Grid != 4 || !slices.Equal(info.Radii, []int{1}) || !slices.Equal(info.Layers, []string{"deep"}) || info.Digest == plain.Digest {
		t.Errorf("%+v", info)
	}
	for settings, want := range map[string]string{
		`{"outputs":["pooled"]}`:         "not a layer",
		`{"outputs":["other"]}`:          "not a layer",
		`{"class":"deep"}`:               "not a class token",
		`{"std":[0,1,1],"mean":[0,0,0]}`: "positive",
		`{"mean":[0]}`:                   "three",
		`{"radii":[2]}`:                  "odd",
		`{"size":-1}`:                    "negative",
		`{"size":5}`:                     "does not run",
		`nonsense`:                       "not the settings",
	} {
		if _, err := Open(beside(t, "tokens", settings), "", ""); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %q", settings, err, want)
		}
	}
}

// TestConcurrent: images in flight at a time give the same bits as alone.
func TestConcurrent(t *testing.T) {
	n := open(t, "testdata/tokens.onnx")
	run := func() *backbone.Features {
		f, err := n.Forward(context.Background(), waves(64), 64, 64)
		if err != nil {
			t.Error(err)
			return new(backbone.Features)
		}
		return f
	}
	alone := run()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if f := run(); len(f.Layers) != 2 || !slices.Equal(f.Layers[1].Data, alone.Layers[1].Data) {
					t.Error("differs")
				}
			}
		})
	}
	wg.Wait()
}

func TestDamaged(t *testing.T) {
	open(t, "testdata/tokens.onnx")
	whole, err := os.ReadFile("testdata/tokens.onnx")
	if err != nil {
		t.Fatal(err)
	}
	noise := slices.Clone(whole)
	for i := 20; i < len(noise); i += 7 {
		noise[i] ^= 0x5a
	}
	for name, data := range map[string][]byte{"empty": nil, "half": whole[:len(whole)/2], "a few bytes": whole[:9], "text": []byte("not a network"), "noise": noise} {
		path := filepath.Join(t.TempDir(), "net.onnx")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := Open(path, "", ""); err == nil || !strings.Contains(err.Error(), path) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := Open(filepath.Join(t.TempDir(), "none.onnx"), "", ""); err == nil {
		t.Error("a missing file was opened")
	}
}

func TestForwardErrors(t *testing.T) {
	n := open(t, "testdata/maps.onnx")
	ctx, cancel := context.WithCancel(context.Background())
	for _, tc := range []struct{ values, h, w int }{{3 * 64 * 64, 64, 64}, {5, 32, 32}, {3 * 32 * 16, 32, 16}, {0, 0, 0}} {
		if _, err := n.Forward(ctx, make([]float32, tc.values), tc.h, tc.w); err == nil {
			t.Errorf("%+v was accepted", tc)
		}
	}
	x := waves(32)
	x[9] = float32(math.NaN())
	if _, err := n.Forward(ctx, x, 32, 32); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("NaN: %v", err)
	}
	cancel()
	if _, err := n.Forward(ctx, waves(32), 32, 32); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
	n = open(t, "testdata/tokens.onnx")
	if _, err := n.Forward(context.Background(), make([]float32, 3*5*5), 5, 5); err == nil {
		t.Error("an image smaller than a patch was accepted")
	}
}

func TestProviders(t *testing.T) {
	if _, err := Open("testdata/tokens.onnx", "abacus", ""); err == nil || !strings.Contains(err.Error(), "there are cpu") {
		t.Errorf("abacus: %v", err)
	}
	open(t, "testdata/tokens.onnx")
	if _, err := Open("testdata/tokens.onnx", "coreml", ""); err == nil {
		t.Skip("this library has CoreML")
	} else if !strings.Contains(err.Error(), "has no CoreMLExecutionProvider") {
		t.Errorf("coreml: %v", err)
	}
}

// TestNoLibrary: the error says where the library is looked for, and what the
// environment names is the only place.
func TestNoLibrary(t *testing.T) {
	where := filepath.Join(t.TempDir(), "nowhere.so")
	t.Setenv(LibraryEnv, where)
	_, _, err := find("")
	if !errors.Is(err, ErrNoLibrary) || !strings.Contains(err.Error(), where) || !strings.Contains(err.Error(), LibraryEnv) {
		t.Errorf("%v", err)
	}
	if err := os.WriteFile(where, []byte("no library"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, _, err := find(""); err == nil || errors.Is(err, ErrNoLibrary) {
		t.Errorf("a file that is not a library: %v", err)
	}
}
