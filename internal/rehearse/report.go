package rehearse

import (
	"cmp"
	"math"
	"slices"

	"codegraph"
	"codegraph/internal/eval/beds"
	"codegraph/internal/plant"
	"codegraph/internal/verdict"
)

// Schema names the form of Report.
const Schema = "codegraph/rehearsal/1"

// Report is what a rehearsal found out.
type Report struct {
	Schema      string   `json:"schema"`
	Version     string   `json:"version"`
	Seed        uint64   `json:"seed"`
	Photographs []string `json:"photographs"`
	// LeftOut are photographs that stand out as they are: nothing is planted
	// on them, and they are in no batch.
	LeftOut []string `json:"left_out"`
	Notes   []string `json:"notes"`
	Batches int      `json:"batches"`
	// Untouched counts the photographs of the batch that nothing was planted
	// on, Bystanders the good photographs of all batches.
	Untouched  Verdicts    `json:"untouched"`
	Bystanders Verdicts    `json:"bystanders"`
	Rare       []Rare      `json:"rare"`
	Recurring  []Recurring `json:"recurring"`
	Harmless   []Change    `json:"harmless"`
	// FalseFamilies is the number of batches with a family reported as a
	// defect that shows none.
	FalseFamilies int      `json:"false_families"`
	Sentences     []string `json:"sentences"`
}

// Verdicts count photographs.
type Verdicts struct {
	Fail   int `json:"fail"`
	Unsure int `json:"unsure"`
	Pass   int `json:"pass"`
}

func (v *Verdicts) add(l verdict.Label) {
	switch l {
	case verdict.Fail:
		v.Fail++
	case verdict.Pass:
		v.Pass++
	default:
		v.Unsure++
	}
}

// All is the number counted.
func (v Verdicts) All() int { return v.Fail + v.Unsure + v.Pass }

// Missed is the share that passes; NaN of none.
func (v Verdicts) Missed() float64 { return float64(v.Pass) / float64(v.All()) }

// Rare counts the defects that are on one photograph only.
type Rare struct {
	Kind plant.Kind `json:"kind"`
	Size float64    `json:"size_pixels"`
	Verdicts
	// Top is how many rank in the top tenth of their batch.
	Top int `json:"top_tenth"`
}

// Recurring counts the defects that are on a share of the photographs.
type Recurring struct {
	Kind    plant.Kind `json:"kind"`
	Size    float64    `json:"size_pixels"`
	Share   float64    `json:"share"`
	Batches int        `json:"batches"`
	// Families is the number of batches in which a family reported as a defect
	// shows the copies, Asked those in which one asked about does instead.
	Families int `json:"families"`
	Asked    int `json:"asked"`
	Verdicts
}

// Change counts what a harmless change does.
type Change struct {
	Kind    plant.Kind `json:"kind"`
	Share   float64    `json:"share"`
	Batches int        `json:"batches"`
	// Defects is the number of batches with a family reported as a defect,
	// Asked those in which the change is asked about.
	Defects  int `json:"defects"`
	Asked    int `json:"asked"`
	Verdicts     // of the photographs that have it
}

// tally makes a report.
type tally struct {
	r     *Report
	sizes []float64
}

func newTally(p *Photographs, c Config) *tally {
	return &tally{
		r:     &Report{Schema: Schema, Seed: c.Seed, Photographs: p.Names, LeftOut: []string{}, Notes: append([]string{}, p.Notes...), Rare: []Rare{}, Recurring: []Recurring{}, Harmless: []Change{}},
		sizes: c.sizes(p.scale()),
	}
}

// size is that of a real defect among the sizes that are drawn: the nearest.
func (t *tally) size(of *planted) float64 {
	if of.kind != plant.Real {
		return of.defect.size
	}
	return slices.MinFunc(t.sizes, func(a, b float64) int {
		return cmp.Compare(math.Abs(math.Log(a/of.size)), math.Abs(math.Log(b/of.size)))
	})
}

func (t *tally) add(b *batch, res *codegraph.Result, o *beds.Outcome) {
	t.r.Batches++
	t.r.FalseFamilies += min(o.FalseDefects, 1)
	for i, im := range res.Images {
		switch l := im.Verdict.Label; {
		case b.Images[i].Label == beds.Good:
			t.r.Bystanders.add(l)
			if t.r.Batches == 1 {
				t.r.Untouched.add(l)
			}
		case b.Images[i].Label == beds.RareDefect:
			row := t.rare(b.planted[i].kind, t.size(b.planted[i]))
			row.add(l)
			if 10*im.Rank <= max(len(res.Images), 10) {
				row.Top++
			}
		}
	}
	switch {
	case b.trial.recurs != nil:
		t.addRecurring(b, res, o)
	case b.trial.harmless != "":
		t.addHarmless(b, res, o)
	}
}

func (t *tally) addRecurring(b *batch, res *codegraph.Result, o *beds.Outcome) {
	copies := b.Labelled(beds.SharedDefect)
	size := t.size(b.planted[copies[0]])
	i := slices.IndexFunc(t.r.Recurring, func(r Recurring) bool {
		return r.Kind == b.trial.recurs.kind && r.Size == size && r.Share == b.trial.share
	})
	if i < 0 {
		i = len(t.r.Recurring)
		t.r.Recurring = append(t.r.Recurring, Recurring{Kind: b.trial.recurs.kind, Size: size, Share: b.trial.share})
	}
	row := &t.r.Recurring[i]
	row.Batches++
	switch {
	case o.Defect.Found():
		row.Families++
	case o.Question > 0:
		row.Asked++
	}
	for _, c := range copies {
		row.add(res.Images[c].Verdict.Label)
	}
}

func (t *tally) addHarmless(b *batch, res *codegraph.Result, o *beds.Outcome) {
	row := Change{Kind: b.trial.harmless, Share: b.trial.share, Batches: 1, Defects: min(o.FalseDefects, 1), Asked: min(o.Question, 1)}
	for _, c := range b.Labelled(beds.SharedFeature) {
		row.add(res.Images[c].Verdict.Label)
	}
	t.r.Harmless = append(t.r.Harmless, row)
}

func (t *tally) rare(kind plant.Kind, size float64) *Rare {
	for i := range t.r.Rare {
		if r := &t.r.Rare[i]; r.Kind == kind && r.Size == size {
			return r
		}
	}
	t.r.Rare = append(t.r.Rare, Rare{Kind: kind, Size: size})
	return &t.r.Rare[len(t.r.Rare)-1]
}

func (t *tally) report() *Report {
	order := append([]plant.Kind{plant.Real}, plant.Defects()...)
	at := func(k plant.Kind) int { return slices.Index(order, k) }
	slices.SortFunc(t.r.Rare, func(a, b Rare) int {
		return cmp.Or(cmp.Compare(at(a.Kind), at(b.Kind)), cmp.Compare(a.Size, b.Size))
	})
	slices.SortFunc(t.r.Recurring, func(a, b Recurring) int {
		return cmp.Or(cmp.Compare(at(a.Kind), at(b.Kind)), cmp.Compare(a.Size, b.Size), cmp.Compare(a.Share, b.Share))
	})
	t.r.Sentences = t.r.sentences()
	return t.r
}
