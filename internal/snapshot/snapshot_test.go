package snapshot

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"image"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"codegraph/backbone"
	"codegraph/backbone/effnet"
	"codegraph/imageset"
	"codegraph/internal/option"
	"codegraph/internal/pipeline"
	"codegraph/internal/stub"
	"codegraph/internal/verdict"
)

// scan is Scan with options that need not be complete.
func scan(ctx context.Context, images imageset.Set, o option.Options) (*pipeline.Result, *Snapshot, error) {
	o, err := option.Complete(o)
	if err != nil {
		return nil, nil, err
	}
	return Scan(ctx, images, o)
}

// plateNetwork is the network of small batches.
var plateNetwork = stub.Network{Side: 64}

func plateOptions() option.Options {
	return option.Options{Backbone: plateNetwork, Align: option.AlignOff, Precision: option.PrecisionExact, Threads: 2}
}

func plateSnapshot(t testing.TB) (*Snapshot, imageset.Set) {
	t.Helper()
	set := stub.Plates(20, 64, stub.Every(4))
	_, s, err := scan(context.Background(), set[:16], plateOptions())
	if err != nil {
		t.Fatal(err)
	}
	if len(s.about.Families) == 0 {
		t.Fatal("no family to keep")
	}
	return s, set
}

func TestSaved(t *testing.T) {
	t.Parallel()
	s, set := plateSnapshot(t)
	path := filepath.Join(t.TempDir(), "snapshot")
	if err := s.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path, plateNetwork)
	if err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	want, err := s.Score(ctx, set[16:], option.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got, err := loaded.Score(ctx, set[16:], option.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, im := range got.Images {
		if im.Score != want.Images[i].Score || im.Family != want.Images[i].Family {
			t.Errorf("image %d scores %v, want %v", i, im.Score, want.Images[i].Score)
		}
	}
	if got.Images[0].Family != 0 || got.Images[1].Family >= 0 {
		t.Errorf("families %d and %d", got.Images[0].Family, got.Images[1].Family)
	}
	var first, second bytes.Buffer
	if err := errors.Join(s.write(&first), loaded.write(&second)); err != nil || !bytes.Equal(first.Bytes(), second.Bytes()) {
		t.Errorf("what was loaded is saved in other bytes (%v)", err)
	}
	if _, err := Load(path, other{network(t, s)}); !errors.Is(err, Err) {
		t.Errorf("with another network: %v", err)
	}
}

// TestEmbeddedNetwork: a snapshot finds an embedded network by its name, others
// than the default, too.
func TestEmbeddedNetwork(t *testing.T) {
	t.Parallel()
	network, err := effnet.Named("lite0")
	if err != nil {
		t.Fatal(err)
	}
	_, s, err := scan(t.Context(), stub.Plates(3, 32, stub.Every(9)), option.Options{Backbone: network, Size: 64, Grid: 2, Align: option.AlignOff})
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "snapshot")
	if err := s.Save(path); err != nil {
		t.Fatal(err)
	}
	loaded, err := Load(path, nil)
	if err != nil || loaded.backbone.Info().Digest != network.Info().Digest {
		t.Fatalf("%v", err)
	}
}

// network returns the network of s.
func network(t *testing.T, s *Snapshot) backbone.Backbone {
	o, err := s.options(option.Options{})
	if err != nil {
		t.Fatal(err)
	}
	return o.Backbone
}

// other is a network of another digest.
type other struct{ backbone.Backbone }

func (o other) Info() backbone.Info {
	info := o.Backbone.Info()
	info.Digest = "another"
	return info
}

// TestSavedDamaged: no byte can be changed, and nothing be missing.
func TestSavedDamaged(t *testing.T) {
	t.Parallel()
	s, _ := plateSnapshot(t)
	var b bytes.Buffer
	if err := s.write(&b); err != nil {
		t.Fatal(err)
	}
	good := b.Bytes()
	refused := func(what string, data []byte) {
		t.Helper()
		if _, err := read(bytes.NewReader(data), int64(len(data))); err == nil {
			t.Errorf("%s is taken", what)
		}
	}
	for _, at := range []int{0, 8, 12, 20, len(good) / 2, len(good) - 40, len(good) - 1} {
		bad := slices.Clone(good)
		bad[at] ^= 1
		refused(fmt.Sprintf("a change at byte %d", at), bad)
	}
	for _, n := range []int{0, 10, 30, 100, len(good) / 2, len(good) - 1} {
		refused(fmt.Sprintf("a beginning of %d bytes", n), good[:n])
	}
	refused("more than all", append(slices.Clone(good), 0))
	for what, set := range map[string]func(o *option.Options){
		"a size beyond memory": func(o *option.Options) { o.Size = 1e9 },
		"a grid beyond memory": func(o *option.Options) { o.Grid = 1e9 },
		"a radius beyond all":  func(o *option.Options) { o.Radii = []int{1, 1e9 + 1} },
		"tiles beyond memory":  func(o *option.Options) { o.Tile = 1 << 40 },
	} { // with a digest that is right
		kept := s.about.Options
		set(&s.about.Options.Options)
		var bad bytes.Buffer
		if err := s.write(&bad); err != nil {
			t.Fatal(err)
		}
		s.about.Options = kept
		refused(what, bad.Bytes())
	}
	path := filepath.Join(t.TempDir(), "no snapshot")
	if err := os.WriteFile(path, []byte("something else, long enough to have a prefix and a digest"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Load(path, plateNetwork); err == nil {
		t.Error("another file is taken")
	}
}

// TestSpilled: what a scan within little memory leaves is what one within
// much does, and takes its files along.
func TestSpilled(t *testing.T) {
	t.Parallel()
	want, set := plateSnapshot(t)
	defer func(f func() int64) { pipeline.InUse = f }(pipeline.InUse)
	pipeline.InUse = func() int64 { return 1000 }
	o := plateOptions()
	o.SpillDir = t.TempDir()
	r, first, err := scan(context.Background(), set[:16], o)
	if err != nil {
		t.Fatal(err)
	}
	if err := first.Close(); err != nil {
		t.Fatal(err)
	}
	o.MaxMemory = r.Plan.Other + r.Plan.Working - 1
	r, s, err := scan(context.Background(), set[:16], o)
	if err != nil {
		t.Fatal(err)
	}
	if !r.Plan.Spilled {
		t.Error("nothing went to disk")
	}
	var got, saved bytes.Buffer
	if err := errors.Join(s.write(&got), want.write(&saved)); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), saved.Bytes()) {
		t.Error("the snapshot differs from that of a scan in memory")
	}
	late, err := s.Score(context.Background(), set[16:], option.Options{})
	if err != nil {
		t.Fatal(err)
	}
	again, err := want.Score(context.Background(), set[16:], option.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for i, im := range late.Images {
		if im.Score != again.Images[i].Score {
			t.Errorf("%s scores %v, want %v", im.Item.Name, im.Score, again.Images[i].Score)
		}
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if left, _ := os.ReadDir(o.SpillDir); len(left) != 0 {
		t.Errorf("%v was left behind", left)
	}
}

// FuzzRead: whatever the bytes, an error at worst; what is read can be
// written again.
func FuzzRead(f *testing.F) {
	_, s, err := scan(context.Background(), stub.Plates(3, 32, stub.Every(9)), option.Options{Backbone: stub.Network{}, Grid: 2, Align: option.AlignOff})
	if err != nil {
		f.Fatal(err)
	}
	var b bytes.Buffer
	if err := s.write(&b); err != nil {
		f.Fatal(err)
	}
	f.Add(b.Bytes()[:b.Len()-sha256.Size])
	f.Add([]byte(magic + "\x04\x00\x00\x00\x02\x00\x00\x00{}"))
	f.Fuzz(func(t *testing.T, body []byte) {
		sum := sha256.Sum256(body) // so that more than the digest is tried
		data := append(slices.Clone(body), sum[:]...)
		s, err := read(bytes.NewReader(data), int64(len(data)))
		if err != nil {
			return
		}
		if err := s.write(new(bytes.Buffer)); err != nil {
			t.Error(err)
		}
	})
}

// TestAdd: a base that grew is the base of all.
func TestAdd(t *testing.T) {
	t.Parallel()
	ctx := context.Background()
	s, set := plateSnapshot(t)
	r, grown, err := s.Add(ctx, set[16:], option.Options{Precision: option.PrecisionExact})
	if err != nil {
		t.Fatal(err)
	}
	if len(r.Images) != 4 || len(grown.Images()) != 20 {
		t.Fatalf("%d images scored, %d in the base", len(r.Images), len(grown.Images()))
	}
	_, want, err := scan(ctx, set, plateOptions())
	if err != nil {
		t.Fatal(err)
	}
	for i := range want.table.N {
		for p := range want.table.P {
			for j, d := range want.table.Row(i, p) {
				if got := grown.table.Row(i, p)[j]; got != d && !(math.Abs(float64(got-d)) <= 1e-5*float64(d)) {
					t.Fatalf("d(%d, %d, %d) = %v, want %v", i, p, j, got, d)
				}
			}
		}
	}
	if !maps.EqualFunc(grown.about.Removed, want.about.Removed, slices.Equal) {
		t.Errorf("out of the comparison are %v, want %v", grown.about.Removed, want.about.Removed)
	}
	if _, _, err := s.Add(ctx, set[:1], option.Options{}); !errors.Is(err, Err) {
		t.Errorf("the same name again: %v", err)
	}
}

// TestLaterVerdicts: queries are judged by the scan that left the snapshot, alone
// as together: good ones do not fail, members of its family fail, and so does what
// scores far more than any image of the scan. Added ones count from then on.
func TestLaterVerdicts(t *testing.T) {
	t.Parallel()
	s, set := plateSnapshot(t)
	odd := image.NewGray(image.Rect(0, 0, 64, 64))
	copy(odd.Pix, set[17].Pixels.(*image.Gray).Pix)
	for k := range 20 * 64 {
		if k%64 < 30 {
			odd.Pix[15*64+15+k] = uint8(k * k % 251)
		}
	}
	late := append(slices.Clone(set[16:]), imageset.Item{Name: "odd", Pixels: odd})
	ctx := context.Background()
	r, err := s.Score(ctx, late, option.Options{FDR: 0.1})
	if err != nil {
		t.Fatal(err)
	}
	for i, fails := range []bool{true, false, false, false, true} {
		if v := r.Images[i].Verdict; (v.Label == verdict.Fail) != fails {
			t.Errorf("%s: %+v; it should fail: %v", r.Images[i].Item.Name, v, fails)
		}
		alone, err := s.Score(ctx, late[i:i+1], option.Options{FDR: 0.1})
		if err != nil || alone.Images[0].Verdict != r.Images[i].Verdict {
			t.Errorf("%s alone: %+v, %v", late[i].Name, alone.Images[0].Verdict, err)
		}
	}
	_, grown, err := s.Add(ctx, late, option.Options{})
	if err != nil || len(grown.about.Judged) != 21 || len(s.about.Judged) != 16 {
		t.Errorf("after adding 5 images to 16 verdicts rest on %d (%v)", len(grown.about.Judged), err)
	}
}
