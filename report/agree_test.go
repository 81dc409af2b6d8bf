package report_test

import (
	"context"
	"math"
	"os"
	"strings"
	"testing"

	"codegraph"
	"codegraph/internal/burnout"
	"codegraph/internal/explain"
	"codegraph/internal/stub"
	"codegraph/report"
)

// TestPageAgreesWithExplain: the evidence of a result, the page and `codegraph
// explain` say the same of every place: whether and where it burns out, α, the
// nearest images and what matches there.
func TestPageAgreesWithExplain(t *testing.T) {
	t.Parallel()
	res, err := codegraph.Detect(context.Background(), stub.Plates(18, 32, stub.Every(4)), codegraph.Options{Backbone: stub.Network{}, KeepIntermediates: true, Evidence: report.PagePatches, Align: codegraph.AlignOff})
	if err != nil {
		t.Fatal(err)
	}
	e, err := explain.New(context.Background(), res)
	if err != nil {
		t.Fatal(err)
	}
	page := report.PageVectors(res)
	burning := 0
	for _, shown := range page {
		kept := find(res.Evidence.Vectors[shown.Image], shown.Patch)
		nearest := 0
		if kept.Matches != nil && shown.Patch%7 == 0 { // a sample: matching takes time
			nearest = len(kept.Nearest)
		}
		x, err := e.Place(context.Background(), shown.Image, shown.Patch, nearest)
		if err != nil {
			t.Fatal(err)
		}
		px, py := e.Pixel(x.Image, x.Patch)
		doc := e.Document(x, px, py)
		a := answer{0, 0, 0, doc.Test.P, number(doc.Alpha.Hill.Alpha), number(doc.Alpha.Position.Alpha)}
		if doc.Test.BurnsOut {
			burning++
			a.after, a.growth, a.usual = doc.Test.Rank, doc.Test.Growth, doc.Test.Usual
		}
		a.compare(t, "the evidence", answer{kept.Burnout, kept.Growth, kept.Usual, kept.P, kept.Alpha, kept.Position}, 1e-12)
		// The page keeps p to 1/64 of its logarithm, and α to 1/16.
		p := math.Exp(shown.LogP)
		if shown.LogP < -1000 {
			p = kept.P
		}
		a.compare(t, "the page", answer{shown.Burnout, shown.Growth, shown.Usual, p, shown.Alpha, shown.Position}, 1.0/32)
		for k, j := range shown.Nearest {
			if n := x.Vector[k]; n.Image != j || int(kept.Nearest[k]) != j || math.Abs(shown.Distances[k]/n.Distance-1) > 1e-3 {
				t.Fatalf("%v: neighbour %d of image %d at %v, explain says %+v", shown, k, j, shown.Distances[k], n)
			}
			if nearest > 0 && (shown.Matches[k] != x.Vector[k].Patch || int(kept.Matches[k]) != x.Vector[k].Patch) {
				t.Fatalf("image %d, patch %d matches %d and %d of image %d, explain says %d", shown.Image, shown.Patch, shown.Matches[k], kept.Matches[k], j, x.Vector[k].Patch)
			}
		}
		if (doc.Test.P <= burnout.Level) != (shown.Burnout > 0) {
			t.Fatalf("image %d, patch %d: p = %v, burns out after %d", shown.Image, shown.Patch, doc.Test.P, shown.Burnout)
		}
	}
	if len(page) != len(res.Images)*res.GridH*res.GridW || burning < 5 {
		t.Errorf("%d places in the page, %d burn out", len(page), burning)
	}
}

// answer is what is said of a place.
type answer struct {
	after                      int // images; 0: it does not burn out
	growth, usual, p, a, place float64
}

func (a answer) compare(t *testing.T, who string, b answer, tolerance float64) {
	t.Helper()
	far := func(x, y float64) bool { return math.Abs(x-y) > tolerance*(1+math.Abs(x)) }
	if a.growth == 0 {
		a.growth, b.growth = 1, max(1, b.growth)
	}
	if a.usual == 0 {
		a.usual, b.usual = 1, max(1, b.usual)
	}
	if a.after != b.after || far(a.growth, b.growth) || far(a.usual, b.usual) || far(a.p, b.p) || far(a.a, b.a) || far(a.place, b.place) {
		t.Fatalf("explain says %+v, %s %+v", a, who, b)
	}
}

func find(vectors []codegraph.Vector, patch int) codegraph.Vector {
	for _, v := range vectors {
		if v.Patch == patch {
			return v
		}
	}
	return codegraph.Vector{}
}

func number(v *float64) float64 {
	if v == nil {
		return 0
	}
	return *v
}

// TestRecordsOfPage: the page reads the records of vectors as PageVectors does.
func TestRecordsOfPage(t *testing.T) {
	t.Parallel()
	source, err := os.ReadFile("../web/src/data.ts")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{
		"const head = 7;", "patch: u16(0),", "burnout: u16(1),", "growth: Math.exp(u16(2) / 4096),", "usual: Math.exp(u16(3) / 4096),",
		"logP: -u16(4) / 64,", "alpha: u16(5) / 16,", "position: u16(6) / 16,",
	} {
		if !strings.Contains(string(source), line) {
			t.Errorf("data.ts does not say %q", line)
		}
	}
}
