package beds

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"testing"

	"codegraph/internal/mutual"
	"codegraph/internal/plant"
)

// TestAll: the mixture that the tables rest on.
func TestAll(t *testing.T) {
	t.Parallel()
	all := All()
	names := make(map[string]bool)
	bySplit, byPurpose := make(map[Split]int), make(map[Purpose]int)
	shares := make(map[Split]map[float64]int)
	for _, b := range all {
		if names[b.Name] {
			t.Errorf("two beds are called %s", b.Name)
		}
		names[b.Name] = true
		bySplit[b.Split]++
		byPurpose[b.Purpose]++
		if b.N < 20 || b.N > 60 || b.Copies()+b.Rare > b.N {
			t.Errorf("%s: %d photographs, %d with what recurs, %d with a defect of their own", b.Name, b.N, b.Copies(), b.Rare)
		}
		if b.Purpose == Recurring {
			if b.Copies() < 3 {
				t.Errorf("%s: %d copies", b.Name, b.Copies())
			}
			if shares[b.Split] == nil {
				shares[b.Split] = make(map[float64]int)
			}
			shares[b.Split][b.Share]++
		}
	}
	if len(all) < 300 || bySplit[Tuning] < 90 || bySplit[HeldOut] < 200 {
		t.Errorf("%d beds, %v", len(all), bySplit)
	}
	if h, n := byPurpose[Harmless], byPurpose[Nothing]; h*5 < len(all) || n*8 < len(all) {
		t.Errorf("of %d beds %d are harmless, in %d nothing recurs", len(all), h, n)
	}
	for split, by := range shares {
		for _, s := range []float64{0.15, 0.2, 0.25, 0.3, 0.4} {
			if by[s] < 5 {
				t.Errorf("%s: %d beds with a share of %g", split, by[s], s)
			}
		}
	}
	if plant.Real != all[0].Kind {
		t.Errorf("the first bed has a %s", all[0].Kind)
	}
}

// TestRender: the tiles, which are small. What the truth says is so, and the
// same each time.
func TestRender(t *testing.T) {
	t.Parallel()
	ctx := t.Context()
	photographs := Open("../../../../shared/data")
	kinds := make(map[plant.Kind]bool)
	for _, b := range All() {
		if b.Set != "magnetic_tile" || kinds[b.Kind] {
			continue
		}
		kinds[b.Kind] = true
		batch, err := photographs.Render(ctx, b)
		if errors.Is(err, ErrAbsent) {
			t.Skipf("the photographs of tiles are not in ../shared/data: %v", err)
		}
		if err != nil {
			t.Fatal(err)
		}
		recurring, harmless, rare := len(batch.Labelled(SharedDefect)), len(batch.Labelled(SharedFeature)), len(batch.Labelled(RareDefect))
		want := map[Purpose][2]int{Recurring: {b.Copies(), 0}, Harmless: {0, b.Copies()}, Nothing: {0, 0}}[b.Purpose]
		if len(batch.Images) != b.N || recurring != want[0] || harmless != want[1] || rare != b.Rare {
			t.Errorf("%s: %d images, recurring %d, harmless %d, rare %d", b.Name, len(batch.Images), recurring, harmless, rare)
		}
		for _, im := range batch.Images {
			if im.Label.Defective() != (im.Mask != nil) {
				t.Errorf("%s: %s is %s, and its mask %v", b.Name, im.Name, im.Label, im.Mask != nil)
			}
		}
		if len(kinds) > 2 {
			continue // two kinds show that rendering is the same each time
		}
		again, err := photographs.Render(ctx, b)
		if err != nil {
			t.Fatal(err)
		}
		for i, im := range batch.Images {
			if !bytes.Equal(im.Pixels.Pix, again.Images[i].Pixels.Pix) {
				t.Fatalf("%s: image %d is another one the second time", b.Name, i)
			}
		}
	}
}

// TestJudge: of ten images, 0 to 3 share a defect, 4 has one of its own.
func TestJudge(t *testing.T) {
	t.Parallel()
	b := &Batch{Bed: Bed{Purpose: Recurring, Kind: plant.Spot}, Images: make([]Image, 10)}
	for i := range b.Images {
		b.Images[i].Label = Good
		if i < 4 {
			b.Images[i].Label = SharedDefect
		}
	}
	b.Images[4].Label = RareDefect
	scores := []float64{9, 9, 9, 9, 8, 1, 2, 3, 4, 5}
	for _, c := range []struct {
		name            string
		families        []Family
		defect, asked   Hit
		question, false int
	}{
		{"nothing", nil, Nowhere, Nowhere, 0, 0},
		{"exact", []Family{{true, []int{0, 1, 2, 3}}}, Exact, Nowhere, 0, 0},
		{"two more", []Family{{true, []int{0, 1, 2, 3, 7, 8}}}, Close, Nowhere, 0, 0},
		{"three more", []Family{{true, []int{0, 1, 2, 3, 6, 7, 8}}}, Nowhere, Nowhere, 0, 0},
		{"three of four are fewer than four fifths", []Family{{true, []int{0, 1, 2}}}, Nowhere, Nowhere, 0, 0},
		{"pieces", []Family{{true, []int{0, 1}}, {true, []int{2, 3}}}, Pieces, Nowhere, 0, 0},
		{"the second question", []Family{{false, []int{6, 7}}, {false, []int{0, 1, 2, 3}}}, Nowhere, Exact, 2, 0},
		{"a false one beside", []Family{{true, []int{6, 7, 8}}, {true, []int{0, 1, 2, 3}}}, Exact, Nowhere, 0, 1},
	} {
		o, err := Judge(b, "m", &Answer{Scores: scores, Families: c.families}, true)
		if err != nil {
			t.Fatal(err)
		}
		if o.Defect != c.defect || o.Asked != c.asked || o.Question != c.question || o.FalseDefects != c.false {
			t.Errorf("%s: %+v", c.name, o)
		}
		if o.AUROC != 1 || o.MuSc != -1 {
			t.Errorf("%s: AUROC %g, MuSc's %g", c.name, o.AUROC, o.MuSc)
		}
	}
	if _, err := Judge(b, "m", &Answer{Scores: scores[:9]}, false); err == nil {
		t.Error("scores of nine images for ten")
	}
}

// TestAlone: a copy whose distances to all others but the copies are large is
// found alone, one like the others is not.
func TestAlone(t *testing.T) {
	t.Parallel()
	const n, copies = 12, 3
	b := &Batch{Images: make([]Image, n)}
	table := mutual.NewTable(n, 1)
	for i := range n {
		b.Images[i].Label = Good
		if i < copies {
			b.Images[i].Label = SharedDefect
		}
		for j := range n {
			d := float32(1) + 0.01*float32((i*7+j*3)%5)
			if i < 2 && j >= copies {
				d = 4 // the first two copies look like each other only
			}
			if i < 2 && j < 2 {
				d = 0.1
			}
			if i == 2 {
				d = 0.5
			}
			table.Row(i, 0)[j] = d
		}
	}
	if got := b.Alone(table); !slices.Equal(got, []bool{true, true, false}) {
		t.Errorf("%v", got)
	}
	if !b.DetectableAlone(table) {
		t.Error("two of three copies are found, and the defect is not")
	}
}

// TestPrint: the bars count the right beds.
func TestPrint(t *testing.T) {
	t.Parallel()
	bed := func(p Purpose, kind plant.Kind, share float64) Bed {
		return Bed{Set: "pill", Purpose: p, Kind: kind, Share: share}
	}
	all := []*Outcome{
		{Bed: bed(Recurring, plant.Spot, 0.2), Alone: true, Defect: Exact, AUROC: 0.9, MuSc: 0.7},
		{Bed: bed(Recurring, plant.Spot, 0.3), Alone: true, Defect: Nowhere, Question: 1, AUROC: 0.8, MuSc: 0.7},
		{Bed: bed(Recurring, plant.Real, 0.2), Defect: Nowhere, AUROC: 0.5, MuSc: 0.6},
		{Bed: bed(Recurring, plant.Real, 0.4), Alone: true, Defect: Nowhere, AUROC: 0.5, MuSc: 0.5},
		{Bed: bed(Harmless, plant.Light, 0.3), FalseDefects: 2, AUROC: -1, MuSc: -1},
		{Bed: bed(Nothing, "", 0), AUROC: -1, MuSc: -1, Verdicts: map[Label]Counts{Good: {Pass: 9, Fail: 1}}},
	}
	var out bytes.Buffer
	if err := Print(&out, "some", all); err != nil {
		t.Fatal(err)
	}
	text := strings.Join(strings.Fields(out.String()), " ")
	for _, want := range []string{
		"single copy would show 1 of 2 (50 %)", "asked about, of the same 2 of 2 (100 %)", "all recurring defects 1 of 4 (25 %)",
		"where none recurs 1 of 2 (50 %)", "at most 1 point below MuSc's 3 of 4 (75 %)", "a defect recurs +5.0 points in 4 beds",
		"| good | 90.0 % | 0.0 % | 10.0 % |", "| light | 1 | 1 | 0 | 0 |",
	} {
		if !strings.Contains(text, want) {
			t.Errorf("%q is not in\n%s", want, &out)
		}
	}
}
