package explain_test

import (
	"bytes"
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"

	"codegraph"
	"codegraph/imageset"
	"codegraph/internal/eval/synth"
	"codegraph/internal/explain"
	"codegraph/internal/stub"
)

func detect(t testing.TB, set imageset.Set, o codegraph.Options) *codegraph.Result {
	t.Helper()
	o.KeepIntermediates = true
	r, err := codegraph.Detect(context.Background(), set, o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// defective selects the plates with a recurring defect.
var defective = stub.Every(4)

type explained struct {
	res *codegraph.Result
	e   *explain.Explainer
	err error
}

var shared = sync.OnceValue(func() (x explained) {
	o := codegraph.Options{Backbone: stub.Network{Side: 64}, Align: codegraph.AlignOff, KeepIntermediates: true}
	if x.res, x.err = codegraph.Detect(context.Background(), stub.Plates(28, 64, defective), o); x.err == nil {
		x.e, x.err = explain.New(context.Background(), x.res)
	}
	return x
})

// plates is a batch of which 7 of 28 have the same defect, and what explains it.
func plates(t testing.TB) (*codegraph.Result, *explain.Explainer) {
	t.Helper()
	x := shared()
	if x.err != nil {
		t.Fatal(x.err)
	}
	return x.res, x.e
}

func place(t testing.TB, e *explain.Explainer, i, p int) *explain.Explanation {
	t.Helper()
	x, err := e.Place(context.Background(), i, p, 7)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// TestRecurringPlace: the patch that shows a recurring defect best burns out
// where its look-alikes do, and matches them.
func TestRecurringPlace(t *testing.T) {
	t.Parallel()
	res, e := plates(t)
	if len(res.Families) == 0 {
		t.Fatal("no family")
	}
	family := res.Families[0]
	m := family.Members[0]
	x := place(t, e, m.Image, m.Representative)
	if x.Test.P > 1e-4 || x.Test.Rank < 3 || x.Test.Rank > 6 {
		t.Errorf("p = %v by rank %d of a defect on 7 images", x.Test.P, x.Test.Rank)
	}
	if !x.Anomalous || x.Family != 0 {
		t.Errorf("family %d, anomalous %v", x.Family, x.Anomalous)
	}
	if len(x.Vector) != len(res.Images)-1 || len(x.Expected) != x.Omega || x.Expected[x.Omega-1] != x.Vector[x.Omega-1].Distance {
		t.Errorf("%d neighbours, %d expected", len(x.Vector), len(x.Expected))
	}
	hits := 0
	for k, n := range x.Vector {
		if k > 0 && n.Distance < x.Vector[k-1].Distance || n.Image == x.Image {
			t.Fatalf("neighbour %d: %+v", k, n)
		}
		if (n.Patch >= 0) != (k < 7) {
			t.Errorf("neighbour %d matches %d", k, n.Patch)
		}
		if k < 4 && slices.ContainsFunc(family.Members, func(m codegraph.Member) bool {
			return m.Image == n.Image && slices.Contains(m.Patches, n.Patch)
		}) {
			hits++
		}
	}
	if hits < 3 {
		t.Errorf("%d of the 4 nearest matches are anomalous patches of the family", hits)
	}
	for k := range x.Expected {
		if !(x.Low[k] <= x.Expected[k]*1.0001 && x.Expected[k] <= x.High[k]*1.0001) {
			t.Errorf("rank %d: %v outside of %v to %v", k+1, x.Expected[k], x.Low[k], x.High[k])
		}
	}
}

// TestNormalPlace: hardly any patch of a good image is said to burn out.
func TestNormalPlace(t *testing.T) {
	t.Parallel()
	res, e := plates(t)
	low := 0
	n := 0
	for i, im := range res.Images {
		if im.Family >= 0 || im.Rank < 20 {
			continue
		}
		for p := range 256 {
			n++
			if x, err := e.Place(context.Background(), i, p, 0); err != nil {
				t.Fatal(err)
			} else if x.Test.P <= 0.001 {
				low++
			}
		}
	}
	if share := float64(low) / float64(n); share > 0.02 {
		t.Errorf("%v of the patches of good images have p ≤ 0.001", share)
	}
}

func TestShare(t *testing.T) {
	t.Parallel()
	_, e := plates(t)
	before := 0.0
	for _, p := range []float64{0, 1e-6, 0.01, 0.3, 0.9, 1} {
		s := e.Share(p)
		if s < before || s > 1 || p == 1 && s != 1 {
			t.Errorf("the share at %v is %v, after %v", p, s, before)
		}
		before = s
	}
}

func TestPixels(t *testing.T) {
	t.Parallel()
	res, e := plates(t)
	for p := range res.GridH * res.GridW {
		x, y := e.Pixel(3, p)
		if q, err := e.PatchAt(3, x, y); err != nil || q != p {
			t.Fatalf("patch %d has its middle at %d,%d, which is in patch %d: %v", p, x, y, q, err)
		}
	}
	for _, at := range [][2]int{{-1, 0}, {0, 64}, {64, 0}} {
		if _, err := e.PatchAt(3, at[0], at[1]); err == nil || !strings.Contains(err.Error(), "64 × 64") {
			t.Errorf("%v: error %v", at, err)
		}
	}
	if w := e.Worst(3); res.Images[3].Map[w] != slices.Max(res.Images[3].Map) {
		t.Errorf("worst patch %d", w)
	}
}

func brackets(t *testing.T) (set imageset.Set) {
	samples, err := synth.Render(t.Context(), synth.Config{Kind: synth.Bracket, Size: 64, Seed: 2, Good: 7, Rare: 1})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range samples {
		set = append(set, imageset.Item{Name: s.Name, Pixels: s.Image})
	}
	return set
}

func TestTurnedParts(t *testing.T) {
	t.Parallel()
	r := detect(t, brackets(t), codegraph.Options{Align: codegraph.AlignOn, Backbone: stub.Network{Side: 64}})
	e, err := explain.New(context.Background(), r)
	if err != nil {
		t.Fatal(err)
	}
	seen, hidden := 0, 0
	for p := range r.GridH * r.GridW {
		_, err := e.Place(context.Background(), 4, p, 1)
		switch {
		case err == nil:
			seen++
		case strings.Contains(err.Error(), "out of sight"):
			hidden++
		default:
			t.Fatal(err)
		}
	}
	if seen < 150 || seen+hidden != 256 {
		t.Errorf("%d places seen, %d out of sight", seen, hidden)
	}
}

func TestDocument(t *testing.T) {
	t.Parallel()
	res, e := plates(t)
	m := res.Families[0].Members[0]
	px, py := e.Pixel(m.Image, m.Representative)
	doc := e.Document(place(t, e, m.Image, m.Representative), px, py)
	var b bytes.Buffer
	if err := doc.Encode(&b); err != nil {
		t.Fatal(err)
	}
	var back explain.Document
	if err := json.Unmarshal(b.Bytes(), &back); err != nil || back.Image != res.Images[m.Image].Item.Name || len(back.Vector) != len(res.Images)-1 || back.Fit == nil {
		t.Errorf("%v: %s", err, b.Bytes())
	}
	b.Reset()
	if err := doc.Text(&b, 7); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{doc.Image, "Tail index", "p-value", "F1", "and 20 more", "Fit of the batch"} {
		if !strings.Contains(b.String(), want) {
			t.Errorf("%q is missing:\n%s", want, b.String())
		}
	}
}

func TestFigures(t *testing.T) {
	t.Parallel()
	res, e := plates(t)
	x := place(t, e, res.Families[0].Members[0].Image, res.Families[0].Members[0].Representative)
	for _, f := range []*explain.Figure{e.Growth(x), e.QQ(x)} {
		if len(f.Series) != 4 {
			t.Errorf("%s has %d series", f.Title, len(f.Series))
		}
		for _, s := range f.Series {
			for _, p := range s.Points {
				if math.IsNaN(p.X) || math.IsNaN(p.Y) || math.IsInf(p.Y, 0) {
					t.Errorf("%s, %s: %v", f.Title, s.Name, p)
				}
			}
		}
		var first, second, svg bytes.Buffer
		for _, err := range []error{f.Write(&first, explain.PNG), f.Write(&second, explain.PNG), f.Write(&svg, explain.SVG)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		if !bytes.Equal(first.Bytes(), second.Bytes()) {
			t.Errorf("%s: two pictures differ", f.Title)
		}
		if _, err := png.Decode(&first); err != nil {
			t.Errorf("%s: %v", f.Title, err)
		}
		for d := xml.NewDecoder(&svg); ; {
			if _, err := d.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%s: %v", f.Title, err)
			}
		}
		if err := f.Write(io.Discard, "gif"); err == nil {
			t.Error("a picture in a format that there is not")
		}
	}
}

func TestNothingToExplain(t *testing.T) {
	t.Parallel()
	few := detect(t, stub.Plates(5, 32, defective), codegraph.Options{Align: codegraph.AlignOff, Backbone: stub.Network{}})
	if _, err := explain.New(context.Background(), few); err == nil || !strings.Contains(err.Error(), "at least 8") {
		t.Errorf("five images: %v", err)
	}
	res, _ := plates(t)
	bare := *res
	bare.Intermediates = nil
	if _, err := explain.New(context.Background(), &bare); err == nil || !strings.Contains(err.Error(), "KeepIntermediates") {
		t.Errorf("no intermediates: %v", err)
	}
}
