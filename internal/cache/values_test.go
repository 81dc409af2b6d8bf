package cache

import (
	"bytes"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"codegraph/backbone"
	"codegraph/internal/mutual"
	"pgregory.net/rapid"
)

// odd are numbers that a careless copy changes: quiet and signalling NaNs
// with payloads, infinities, −0, subnormals.
var odd = []uint32{0x7fc00001, 0x7f800001, 0xffbfffff, 0xffffffff, 0x7f800000, 0xff800000, 0x80000000, 1, 0x3f800000}

// fill puts odd and random bits into v.
func fill(v []float32, rng *rand.Rand) []float32 {
	for i := range v {
		v[i] = math.Float32frombits(rng.Uint32())
		if i%3 == 0 {
			v[i] = math.Float32frombits(odd[rng.IntN(len(odd))])
		}
	}
	return v
}

// same reports whether a and b have the same bits.
func same(a, b []float32) bool {
	return slices.EqualFunc(a, b, func(x, y float32) bool { return math.Float32bits(x) == math.Float32bits(y) })
}

func sameFeatures(a, b *backbone.Features) bool {
	return (a.Class == nil) == (b.Class == nil) && same(a.Class, b.Class) &&
		slices.EqualFunc(a.Layers, b.Layers, func(x, y backbone.Map) bool {
			return x.H == y.H && x.W == y.W && x.C == y.C && same(x.Data, y.Data)
		})
}

func sameTable(a, b *mutual.Table) bool {
	if a.N != b.N || a.P != b.P {
		return false
	}
	for i := range a.N {
		for p := range a.P {
			if !same(a.Row(i, p), b.Row(i, p)) {
				return false
			}
		}
	}
	return true
}

func newTable(n, p int, rng *rand.Rand) *mutual.Table {
	t := mutual.NewTable(n, p)
	for i := range n {
		for q := range p {
			fill(t.Row(i, q), rng)
		}
	}
	return t
}

func mustOpen(t testing.TB, limit int64) *Dir {
	t.Helper()
	d, err := Open(t.TempDir(), limit)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func TestFeaturesRoundTrip(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, -1)
	rapid.Check(t, func(t *rapid.T) {
		rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		f := &backbone.Features{Layers: []backbone.Map{}}
		for range rapid.IntRange(0, 4).Draw(t, "layers") {
			m := backbone.Map{
				H: rapid.IntRange(0, 20).Draw(t, "h"), W: rapid.IntRange(0, 20).Draw(t, "w"), C: rapid.IntRange(0, 300).Draw(t, "c"),
			}
			m.Data = fill(make([]float32, m.H*m.W*m.C), rng)
			f.Layers = append(f.Layers, m)
		}
		if n := rapid.IntRange(0, 9).Draw(t, "class"); n > 0 {
			f.Class = fill(make([]float32, n), rng)
		}
		if err := d.PutFeatures(Key{1}, f); err != nil {
			t.Fatal(err)
		}
		if got, ok := d.Features(Key{1}); !ok || !sameFeatures(got, f) {
			t.Fatal("features come back changed")
		}
	})
}

func TestTableRoundTrip(t *testing.T) {
	t.Parallel()
	d, ctx := mustOpen(t, -1), context.Background()
	// The last is larger than a buffer, its rows not aligned with one.
	for _, shape := range [][2]int{{1, 1}, {2, 3}, {7, 13}, {67, 31}} {
		want := newTable(shape[0], shape[1], rand.New(rand.NewPCG(1, 2)))
		if err := d.PutTable(ctx, Key{2}, want); err != nil {
			t.Fatal(err)
		}
		got, ok := d.Table(ctx, Key{2}, nil)
		if !ok || !sameTable(got, want) {
			t.Fatalf("%v: the table comes back changed", shape)
		}
		dir := t.TempDir()
		spilled, ok := d.Table(ctx, Key{2}, func() (*mutual.Table, error) { return mutual.NewSpilledTable(shape[0], shape[1], dir) })
		if !ok || !sameTable(spilled, want) {
			t.Fatalf("%v: the spilled table comes back changed", shape)
		}
		if err := spilled.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestScoresAndBytesRoundTrip(t *testing.T) {
	t.Parallel()
	d, rng := mustOpen(t, -1), rand.New(rand.NewPCG(3, 4))
	scores := [][]float32{fill(make([]float32, 5), rng), fill(make([]float32, 5), rng), fill(make([]float32, 5), rng)}
	if err := d.PutScores(Key{3}, scores); err != nil {
		t.Fatal(err)
	}
	if got, ok := d.Scores(Key{3}); !ok || !slices.EqualFunc(got, scores, same) {
		t.Error("scores come back changed")
	}
	for _, want := range [][]byte{{}, []byte("{}"), bytes.Repeat([]byte("0123456"), bufferSize/5)} {
		if err := d.PutBytes(Key{3}, want); err != nil {
			t.Fatal(err)
		}
		if got, ok := d.Bytes(Key{3}); !ok || !bytes.Equal(got, want) {
			t.Errorf("%d bytes come back changed", len(want))
		}
	}
}

func TestMisses(t *testing.T) {
	t.Parallel()
	d, ctx := mustOpen(t, -1), context.Background()
	if err := d.PutBytes(Key{1}, []byte("x")); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Bytes(Key{2}); ok {
		t.Error("another key is found")
	}
	if _, ok := d.Features(Key{1}); ok {
		t.Error("another kind is found")
	}
	want := newTable(3, 4, rand.New(rand.NewPCG(1, 1)))
	if err := d.PutTable(ctx, Key{1}, want); err != nil {
		t.Fatal(err)
	}
	if _, ok := d.Table(ctx, Key{1}, func() (*mutual.Table, error) { return mutual.NewTable(4, 3), nil }); ok {
		t.Error("a table of another shape is filled")
	}
	if _, ok := d.Table(ctx, Key{1}, func() (*mutual.Table, error) { return nil, errors.New("no room") }); ok {
		t.Error("a table that cannot be made is filled")
	}
	done, cancel := context.WithCancel(ctx)
	cancel()
	if _, ok := d.Table(done, Key{1}, nil); ok {
		t.Error("a cancelled read succeeds")
	}
	if err := d.PutTable(done, Key{2}, want); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled PutTable: %v", err)
	}
	// None of this is the entry's fault.
	if got, ok := d.Table(ctx, Key{1}, nil); !ok || !sameTable(got, want) {
		t.Error("the table is gone")
	}
	if left, _ := filepath.Glob(filepath.Join(d.path, ".*")); len(left) > 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestPutRefuses(t *testing.T) {
	t.Parallel()
	d := mustOpen(t, 1000)
	for _, tt := range []struct {
		name, want string
		put        func() error
	}{
		{"wrong layer", "layer 1 holds 3 numbers, not 1 × 2 × 2", func() error {
			return d.PutFeatures(Key{}, &backbone.Features{Layers: []backbone.Map{{}, {H: 1, W: 2, C: 2, Data: make([]float32, 3)}}})
		}},
		{"ragged scores", "2 scores of image 1, 1 of the first", func() error { return d.PutScores(Key{}, [][]float32{{1}, {1, 2}}) }},
		{"no scores", "no patches", func() error { return d.PutScores(Key{}, nil) }},
		{"empty table", "no patches", func() error { return d.PutTable(context.Background(), Key{}, mutual.NewTable(0, 4)) }},
		{"too large", "raise the limit", func() error { return d.PutBytes(Key{}, make([]byte, 1000)) }},
	} {
		if err := tt.put(); err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: error %v, want one with %q", tt.name, err, tt.want)
		}
	}
	if err := d.PutBytes(Key{}, make([]byte, 1000)); !errors.Is(err, ErrTooLarge) {
		t.Errorf("error %v, want ErrTooLarge", err)
	}
	if files, err := os.ReadDir(d.path); err != nil || len(files) > 0 {
		t.Errorf("%v, %v in the folder", files, err)
	}
}

func TestKeys(t *testing.T) {
	t.Parallel()
	// Keys must be the same for ever: entries are found by them.
	if got := KeyOf("a", "bc").String(); got != goldenKey {
		t.Errorf("KeyOf changed: %s", got)
	}
	image := Image{Backbone: "b", Kernel: "k", Size: 8, Turn: 0.5}
	batch := Batch{Images: []Key{{1}, {2}}, Grid: 4, Radii: []int{1, 3}}
	seen := map[Key]string{KeyOf("a", "bc"): "KeyOf"}
	add := func(name string, k Key) {
		if other, ok := seen[k]; ok {
			t.Errorf("%s and %s have the same key", name, other)
		}
		seen[k] = name
	}
	add("ab, c", KeyOf("ab", "c"))
	add("image", image.Key())
	for name, change := range map[string]func(*Image){
		"digest": func(m *Image) { m.Digest[31]++ }, "backbone": func(m *Image) { m.Backbone = "c" },
		"kernel": func(m *Image) { m.Kernel = "l" }, "size": func(m *Image) { m.Size++ }, "turn": func(m *Image) { m.Turn = 0 },
	} {
		m := image
		change(&m)
		add(name, m.Key())
	}
	add("batch", batch.Key())
	for name, change := range map[string]func(*Batch){
		"order": func(b *Batch) { b.Images = []Key{{2}, {1}} }, "grid": func(b *Batch) { b.Grid++ },
		"radii": func(b *Batch) { b.Radii = []int{1} }, "fast": func(b *Batch) { b.Fast = true },
	} {
		b := batch
		change(&b)
		add(name, b.Key())
	}
	if (Image{Turn: math.Copysign(0, -1)}).Key() != (Image{}).Key() {
		t.Error("−0 and 0 are different turns")
	}
}

// goldenKey is the SHA-256 of 1, "a", 2, "bc" with the lengths as
// little-endian uint64.
const goldenKey = "9a8acca1b6c6c0befd3fbc756aed625da998c998f7252e738c4ef061906b9b21"
