package effnet

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"

	"codegraph/backbone"
)

func TestInfo(t *testing.T) {
	b, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	info := b.Info()
	if info.Name != "efficientnet-lite0-245" || info.Multiple != 16 || len(info.Digest) != 64 {
		t.Errorf("unexpected %+v", info)
	}
	if !slices.Equal(info.Layers, all[0].taps) {
		t.Errorf("layers %v, expected %v", info.Layers, all[0].taps)
	}
	for c := range 3 {
		if info.Mean[c] != 127.0/255 || info.Std[c] != 128.0/255 {
			t.Errorf("channel %d is normalised with %g, %g", c, info.Mean[c], info.Std[c])
		}
	}
	if info.Size%info.Multiple != 0 {
		t.Errorf("default size %d is not a multiple of %d", info.Size, info.Multiple)
	}
	info.Radii[0], info.Layers[0] = -1, "changed"
	if again := b.Info(); again.Radii[0] == -1 || again.Layers[0] == "changed" {
		t.Error("Info hands out the network's own slices")
	}
}

// TestNamed: the former defaults are there by their names, with their layers and
// neighbourhoods, so that what was measured with them can be measured again.
func TestNamed(t *testing.T) {
	for _, tc := range []struct {
		name, want string
		layers     []string
		radii      []int
	}{
		{"lite0", "efficientnet-lite0", []string{"stage3", "stage4"}, []int{1, 3, 5}},
		{"efficientnet-lite0", "efficientnet-lite0", []string{"stage3", "stage4"}, []int{1, 3, 5}},
		{"lite2", "efficientnet-lite2", []string{"stage3", "stage4", "stage5"}, []int{1, 3}},
		{"", "efficientnet-lite0-245", []string{"stage2", "stage4", "stage5/3"}, []int{1}},
	} {
		b, err := Named(tc.name)
		if err != nil {
			t.Fatal(err)
		}
		if info := b.Info(); info.Name != tc.want || !slices.Equal(info.Layers, tc.layers) || !slices.Equal(info.Radii, tc.radii) {
			t.Errorf("%q is %+v", tc.name, info)
		}
	}
	if _, err := Named("lite7"); err == nil || Has("lite7") || !Has("lite2") {
		t.Errorf("a name that is none is accepted: %v", err)
	}
}

func TestLayers(t *testing.T) {
	n, err := New(Options{Network: "lite2"})
	if err != nil {
		t.Fatal(err)
	}
	want := []Layer{{"stage1", 2, 16}, {"stage2", 4, 24}, {"stage3", 8, 48}, {"stage4", 16, 88}, {"stage5", 16, 120}}
	if got := n.Layers(); !slices.Equal(got, want) {
		t.Errorf("got %v, expected %v", got, want)
	}
}

func TestTaps(t *testing.T) {
	all, err := New(Options{Taps: []string{"stage5", "stage1", "stage2", "stage4", "stage3"}})
	if err != nil {
		t.Fatal(err)
	}
	x := readImage(t, "shapes", all.Info())
	full, err := all.Forward(context.Background(), x, goldenH, goldenW)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{all.Info().Digest: true}
	for i, l := range all.Layers() {
		if m := full.Layers[i]; m.H != goldenH/l.Stride || m.W != goldenW/l.Stride || m.C != l.Channels || len(m.Data) != m.H*m.W*m.C {
			t.Errorf("%s is %d × %d × %d with %d values", l.Name, m.H, m.W, m.C, len(m.Data))
		}
		one, err := New(Options{Taps: []string{l.Name}})
		if err != nil {
			t.Fatal(err)
		}
		if info := one.Info(); info.Multiple != l.Stride || seen[info.Digest] {
			t.Errorf("tapping %s: multiple %d, digest %s", l.Name, info.Multiple, info.Digest)
		}
		seen[one.Info().Digest] = true
		f, err := one.Forward(context.Background(), x, goldenH, goldenW)
		if err != nil {
			t.Fatal(err)
		}
		if len(f.Layers) != 1 || !slices.Equal(f.Layers[0].Data, full.Layers[i].Data) {
			t.Errorf("%s differs when tapped alone", l.Name)
		}
	}
}

func TestNewErrors(t *testing.T) {
	for _, tc := range []struct {
		name string
		opts Options
		want string
	}{
		{"network", Options{Network: "lite7"}, "efficientnet-lite0-245, efficientnet-lite2, efficientnet-lite0"},
		{"unknown", Options{Taps: []string{"stage9"}}, `no layer "stage9"`},
		{"twice", Options{Taps: []string{"stage2", "stage2"}}, "twice"},
		{"twice, once averaged", Options{Taps: []string{"stage2/3", "stage2"}}, "twice"},
		{"even neighbourhood", Options{Taps: []string{"stage2/4"}}, "odd number"},
		{"no neighbourhood", Options{Taps: []string{"stage2/"}}, "odd number"},
		{"none", Options{Taps: []string{}}, "no layer to tap"},
		{"weights", Options{Weights: []byte("GIF89a")}, "not a weight file"},
	} {
		if _, err := New(tc.opts); err == nil || !strings.Contains(err.Error(), tc.want) {
			t.Errorf("%s: got %v, expected an error with %q", tc.name, err, tc.want)
		}
	}
}

func TestForwardErrors(t *testing.T) {
	b, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, size := range [][3]int{{0, 0, 0}, {-16, -16, 768}, {16, 24, 3 * 16 * 24}, {17, 16, 3 * 17 * 16}, {16, 16, 3*16*16 - 1}, {16, 16, 3*16*16 + 3}} {
		if _, err := b.Forward(context.Background(), make([]float32, size[2]), size[0], size[1]); err == nil {
			t.Errorf("%d × %d with %d values is accepted", size[0], size[1], size[2])
		}
	}
}

// countdown is a context that ends after its Err was asked left times.
type countdown struct {
	context.Context
	left int
}

func (c *countdown) Err() error {
	if c.left--; c.left < 0 {
		return context.Canceled
	}
	return nil
}

func TestForwardCancelled(t *testing.T) {
	b, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	for _, left := range []int{0, 1, 5} {
		ctx := &countdown{context.Background(), left}
		if f, err := b.Forward(ctx, make([]float32, 3*32*32), 32, 32); !errors.Is(err, context.Canceled) || f != nil {
			t.Errorf("cancelled at check %d: got %v, %v", left, f, err)
		}
	}
}

// TestForwardConcurrent checks that calls of different sizes do not disturb
// each other, neither at the same time nor through reused buffers.
func TestForwardConcurrent(t *testing.T) {
	b, err := Default()
	if err != nil {
		t.Fatal(err)
	}
	x := readImage(t, "noise", b.Info())
	sizes := [][2]int{{goldenH, goldenW}, {goldenW, goldenH}, {16, 32}, {48, 16}}
	forward := func(i int) *backbone.Features {
		h, w := sizes[i%len(sizes)][0], sizes[i%len(sizes)][1]
		f, err := b.Forward(context.Background(), x[:3*h*w], h, w)
		if err != nil {
			t.Error(err)
			return &backbone.Features{}
		}
		return f
	}
	var want []*backbone.Features
	for i := range sizes {
		want = append(want, forward(i))
	}
	got := make([]*backbone.Features, 16)
	var wg sync.WaitGroup
	for i := range got {
		wg.Go(func() { got[i] = forward(i) })
	}
	wg.Wait()
	for i, f := range got {
		for l, m := range f.Layers {
			if !slices.Equal(m.Data, want[i%len(sizes)].Layers[l].Data) {
				t.Errorf("call %d, layer %d differs", i, l)
			}
		}
	}
}
