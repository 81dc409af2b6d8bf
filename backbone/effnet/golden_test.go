package effnet

import (
	"context"
	"encoding/binary"
	"math"
	"os"
	"path/filepath"
	"testing"

	"codegraph/backbone"
)

const goldenH, goldenW = 64, 96

var goldenTaps = []string{"stage2", "stage3", "stage4", "stage5"}

// readImage prepares a raw RGB test image with the network's normalisation.
func readImage(t testing.TB, name string, info backbone.Info) []float32 {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name+".rgb"))
	if err != nil {
		t.Fatal(err)
	}
	if len(raw) != goldenH*goldenW*3 {
		t.Fatalf("%s has %d bytes", name, len(raw))
	}
	x := make([]float32, len(raw))
	for p := range goldenH * goldenW {
		for c := range 3 {
			x[c*goldenH*goldenW+p] = (float32(raw[3*p+c])/255 - info.Mean[c]) / info.Std[c]
		}
	}
	return x
}

func readFloats(t testing.TB, name string) []float32 {
	t.Helper()
	raw, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	v := make([]float32, len(raw)/4)
	for i := range v {
		v[i] = math.Float32frombits(binary.LittleEndian.Uint32(raw[4*i:]))
	}
	return v
}

// TestGolden compares every tapped stage of the embedded networks with the
// reference implementation, once with the published weights and once with the same weights rounded to
// half precision, as they are stored. Errors are relative to the greatest
// magnitude of the stage.
func TestGolden(t *testing.T) {
	for _, network := range []string{"lite0", "lite2"} {
		n, err := New(Options{Network: network, Taps: goldenTaps})
		if err != nil {
			t.Fatal(err)
		}
		golden(t, network, n)
	}
}

func golden(t *testing.T, network string, n *Network) {
	for _, tc := range []struct {
		file, image string
		tolerance   float64
	}{
		{"noise.fp16.golden", "noise", 1e-5},
		{"shapes.fp16.golden", "shapes", 1e-5},
		{"noise.fp32.golden", "noise", 5e-3},
		{"shapes.fp32.golden", "shapes", 5e-3},
	} {
		t.Run(network+"."+tc.file, func(t *testing.T) {
			f, err := n.Forward(context.Background(), readImage(t, tc.image, n.Info()), goldenH, goldenW)
			if err != nil {
				t.Fatal(err)
			}
			golden := readFloats(t, network+"."+tc.file)
			for i, m := range f.Layers {
				if len(golden) < len(m.Data) {
					t.Fatalf("golden file ends before %s", goldenTaps[i])
				}
				want := golden[:len(m.Data)]
				golden = golden[len(m.Data):]
				if e := relativeError(m.Data, want); e > tc.tolerance {
					t.Errorf("%s: error %.2e, tolerated %.0e", goldenTaps[i], e, tc.tolerance)
				} else {
					t.Logf("%s: error %.2e", goldenTaps[i], e)
				}
			}
			if len(golden) != 0 {
				t.Errorf("%d values of the golden file are left", len(golden))
			}
		})
	}
}

// relativeError is max |got − want| / max |want|.
func relativeError(got, want []float32) float64 {
	var worst, scale float64
	for i := range want {
		worst = max(worst, math.Abs(float64(got[i])-float64(want[i])))
		scale = max(scale, math.Abs(float64(want[i])))
	}
	return worst / scale
}
